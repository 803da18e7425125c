"""Turns: takes events out of the inboxes of the partitions it holds, runs them, commits what they led to."""
