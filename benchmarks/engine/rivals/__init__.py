"""The same entries in other tools, each in an environment of its own."""
