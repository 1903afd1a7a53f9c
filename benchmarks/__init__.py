"""Comparisons with other tools: ratios taken in one run, never timed tests."""
