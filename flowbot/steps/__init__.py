"""The verbs of the flow language: one file each."""
