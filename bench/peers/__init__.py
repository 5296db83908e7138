"""Huifang beside other ways to keep a reminder: the same work for all, measured from outside (`make bench-peers`)."""
