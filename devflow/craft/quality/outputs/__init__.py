"""What linters print or write, each form read by its own rules."""
