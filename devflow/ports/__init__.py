"""FLOOR 1, what steps may ask of the world: one protocol per file, its reading half apart from its
writing half.

A method marked ``@ensures`` or ``@acts_once`` writes; every other method only reads, and has no
trace anywhere.
"""
