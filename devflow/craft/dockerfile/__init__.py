"""A Dockerfile as data: instructions with their lines, stages, variables and patterns of paths."""
