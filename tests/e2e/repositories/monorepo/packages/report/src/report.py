"""What a person reads."""

from ledger import total


def line(name, amounts):
    """One line of the report."""
    return f"{name}: {total(amounts) / 100:.2f}"
