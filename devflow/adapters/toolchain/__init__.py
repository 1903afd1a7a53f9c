"""What the tools of a project find on this machine: its interpreters and their variables."""
