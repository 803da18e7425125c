"""Transcripts: chats as data, played on the real engine with a virtual clock, and checked line by line."""
