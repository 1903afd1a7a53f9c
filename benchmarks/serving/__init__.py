"""Compares the price backend with other model servers: `python -m benchmarks.serving`."""
