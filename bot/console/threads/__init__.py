"""The parts of the page that lists threads: what is asked for, how each is told, the list itself, what is done."""
