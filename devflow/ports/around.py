"""What an entry is examined in before anything is written: what can be looked at without the
network."""

from dataclasses import dataclass, field

from devflow.model.declared.project import Project
from devflow.ports.containers import Containers
from devflow.ports.images import Images
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import ShellReads
from devflow.ports.web import Web


@dataclass(frozen=True)
class Around:
    """The reading half of this machine and this repository, the project, and the ``paths`` of the
    working tree's files. The repository's remote is as it was last known. ``kept_hooks`` are
    repository and revision of the hooks that pre-commit has here; ``given`` are the needs of the
    entry that one before it makes; ``has_registry`` says whether images can be published at all.
    """

    shell: ShellReads
    repository: RepositoryReads
    web: Web
    images: Images
    containers: Containers
    project: Project = field(default_factory=Project)
    paths: tuple[str, ...] = ()
    kept_hooks: frozenset[tuple[str, str]] = frozenset()
    given: frozenset[str] = frozenset()
    has_registry: bool = True
