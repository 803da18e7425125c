"""Fixes that are safe to make without asking: misspelled keys, missing quotes, tabs, spaces at the end of lines."""
