"""FLOOR 4, what each command does with the rooms below it, one file a command; the command line
above it only parses, calls and exits."""
