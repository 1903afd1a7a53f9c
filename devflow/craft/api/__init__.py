"""APIs: what a change breaks for callers."""
