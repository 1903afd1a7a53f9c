"""A check of texts, as a step of another package makes it and as schema 1 wrote it."""

from typing import Any

from devflow.model.checks import Check


def worded(**texts: Any) -> Check:
    """``label``, ``ok``, ``measured``, ``limit``, ``source`` and ``needed``."""
    return Check.model_validate(texts)
