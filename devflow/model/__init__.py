"""FLOOR 0, what is true: frozen values without I/O; nothing here may import another room of
devflow."""
