"""Amounts in cents."""


def total(amounts):
    """Their sum."""
    return sum(amounts)
