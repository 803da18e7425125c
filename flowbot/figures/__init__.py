"""What the store has counted, put together for people."""
