"""A tree: what a change reaches, what may not be committed, where a branch began."""
