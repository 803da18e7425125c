"""Flowbot: a conversational flow engine for WhatsApp."""

__version__ = "0.1.0"
