"""The servers of rivals.toml, each run in an environment of its own."""
