"""FLOOR 3, the outside world: one outside thing per file, each the sole importer of its library."""
