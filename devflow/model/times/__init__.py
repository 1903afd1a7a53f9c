"""The times of a run: one rule for the screens and for what a run teaches."""
