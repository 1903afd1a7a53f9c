"""Where images are built, kept and published; light, since it is made at each start."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry


@dataclass(frozen=True)
class ImagePlace:
    """Where images are built, kept and published: the cache's folder, the repository, the
    registry's name, and what secrets are told to."""

    cache: Path
    repository: GitRepository
    registry: str
    hide: Callable[[str], None]
    retry: Retry
    choice: str = "auto"
    mirrors: tuple[str, ...] = ()
