"""Watching the program: whether it lives, whether it is ready, its figures, and what it does with one thread."""
