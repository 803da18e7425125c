"""Broadcasts: one template to many contacts. Web and command line take them in, hooks carries them out."""
