"""Whatever runs an image here."""
