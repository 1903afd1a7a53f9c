"""git, by its program and by GitPython."""
