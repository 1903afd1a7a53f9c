"""HTTP: guarded, retried, and seen in a browser."""
