"""Translators' work: texts taken out of flows, what is missing or stale, and files that go out and come back."""
