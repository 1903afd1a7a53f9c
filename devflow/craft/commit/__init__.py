"""Commits: the message, and what is judged of it."""
