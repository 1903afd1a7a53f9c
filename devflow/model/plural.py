"""How a count is said with its noun: the one piece of grammar that evidence and screens share."""


def plural(count: int, one: str, many: str = "") -> str:
    """``1 entry``, ``4 entries``."""
    return f"{count} {one if count == 1 else many or one + 's'}"
