"""Compares a checkout with git writing the same files: `python -m benchmarks.checkout`."""
