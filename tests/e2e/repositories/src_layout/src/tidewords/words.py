"""What a level says."""


def rising(before_m, after_m):
    """Whether the water came up."""
    return after_m > before_m
