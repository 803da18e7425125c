"""The project folder on disk, read into an immutable Library with the line and column of everything in it."""
