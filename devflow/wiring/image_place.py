"""Where images are built, kept and published; light, since it is made at each start."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry


@dataclass(frozen=True)
class KeyPlace:
    """Where the signing key is: in the state folder of a sandbox, else this person's, which must
    not lie in the repository."""

    sandbox: Path | None = None
    repository: Path | None = None
    is_dry: bool = False


@dataclass(frozen=True)
class ImagePlace:
    """Where images are built, kept and published: the cache's folder, the repository, the
    registry's name, and what secrets are told to."""

    cache: Path
    repository: GitRepository
    registry: str
    hide: Callable[[str], None]
    retry: Retry
    keys: KeyPlace
    choice: str = "auto"
    mirrors: tuple[str, ...] = ()
