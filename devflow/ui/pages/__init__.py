"""Pages that are shown once, and are no screen of a run: of steps, plans, images, environments."""
