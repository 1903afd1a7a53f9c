"""What a proxy counts. It runs isolated, with nothing but the standard library."""
