"""FLOOR 4, where adapters meet ports: the composition root, in a part that is local and one that
reaches out."""
