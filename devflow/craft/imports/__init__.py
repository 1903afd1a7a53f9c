"""Who imports whom in a tree that nobody installed, by language."""
