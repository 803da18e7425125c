"""The outbox's way out: claim, send, record. Hundreds in flight, one per contact, replies before bulk."""
