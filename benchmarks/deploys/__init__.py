"""What deployments cost, beside what others take for the same."""
