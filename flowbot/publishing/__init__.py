"""From the files to what takes real users, and back: what the command line and the API do about it."""
