"""Files that contacts send, looked at by their bytes and nothing else."""
