"""A line of stars around a text; nothing imports it yet."""


def banner(text):
    """The text between stars."""
    return f"* {text} *"
