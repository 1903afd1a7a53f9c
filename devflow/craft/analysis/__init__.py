"""What an image consists of: its files by origin and layer, what is wasted, and what should not be
in it."""
