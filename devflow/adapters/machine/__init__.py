"""This machine: programs, processes, interpreters, time, secrets, terminal."""
