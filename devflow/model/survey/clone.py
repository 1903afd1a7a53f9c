"""What git says of a clone, as data."""

from dataclasses import dataclass, field
from typing import Mapping


@dataclass(frozen=True)
class CloneFacts:
    """What git says of a clone: the addresses of its ``remotes`` without credentials, the branch
    that is checked out (empty where none is), the local branches, the last commits' ``subjects``.
    """

    remotes: Mapping[str, str] = field(default_factory=dict)
    push_default: str = ""
    branch: str = ""
    branches: tuple[str, ...] = ()
    remote_branches: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    is_shallow: bool = False
