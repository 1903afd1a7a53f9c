"""FLOOR 4, what each command does with the rooms below it; the command line above it only parses,
calls and exits."""
