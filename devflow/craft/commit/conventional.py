"""The form of a subject in Conventional Commits."""

import re
from typing import Final

CONVENTIONAL: Final = tuple(
    "build bump chore ci docs feat fix perf refactor revert style test".split()
)
"""commitizen's types: Angular's, and its own ``bump``."""
SUBJECT: Final = re.compile(r"(?P<type>[a-z][a-z0-9-]*)(?:\([^\s()]+\))?(?P<breaking>!)?: \S.*")
"""``type(scope)!: text``."""


def is_conventional(subject: str) -> bool:
    """Whether a commit's subject has the form and one of the types."""
    found = SUBJECT.fullmatch(subject)
    return found is not None and found["type"] in CONVENTIONAL
