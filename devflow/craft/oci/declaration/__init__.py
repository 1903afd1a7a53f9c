"""Dockerfiles as they are understood without an engine: instructions with their lines, variables,
stages, patterns."""
