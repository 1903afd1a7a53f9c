"""What test runners and coverage tools write, read by what each of them means."""
