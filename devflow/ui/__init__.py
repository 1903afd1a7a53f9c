"""What a person or a machine reads: events in, text out.

Nothing is decided here; of devflow only ``model`` is imported, and rich only by the files that
draw.
"""
