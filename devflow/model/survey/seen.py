"""What was seen of a repository that has no pipeline.yaml yet, as data: each thing with the file
that it was read from, and why it is not in the pipeline where it is not."""

from dataclasses import dataclass, field
from typing import Any, Literal, Mapping

Kind = Literal[
    "language",
    "suite",
    "linter",
    "hooks",
    "ci",
    "service",
    "owners",
    "submodule",
    "history",
    "large files",
    "docs",
    "commits",
    "tickets",
    "unread",
]
Connect = Literal["sandbox", "real"]


@dataclass(frozen=True)
class Sight:
    """One thing that was seen, in ``words``, and the file or the command that says so.

    ``settings`` are what pipeline.yaml says of a suite or a linter, or the names of a CI system's
    checks. ``why_not`` is why it is not in the pipeline; ``is_line``: a line of pipeline.yaml is
    about it, in or not.
    """

    kind: Kind
    name: str
    words: str
    source: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    why_not: str = ""
    is_line: bool = False

    @property
    def is_in(self) -> bool:
        """Whether the pipeline has it."""
        return self.is_line and not self.why_not


@dataclass(frozen=True)
class Known:
    """A value of pipeline.yaml, and where it was read."""

    value: str
    source: str


@dataclass(frozen=True)
class Survey:
    """A repository as `init` writes its pipeline: what has one value each, and everything that was
    seen. ``branch_patterns`` are those that its branches need beside the step's own."""

    name: Known
    base: Known
    remote: Known | None
    connect: Connect
    tracker_project: Known | None = None
    repository: Known | None = None
    api_url: Known | None = None
    branch_patterns: tuple[Known, ...] = ()
    sights: tuple[Sight, ...] = ()

    def of(self, kind: Kind) -> tuple[Sight, ...]:
        """What was seen of one kind."""
        return tuple(sight for sight in self.sights if sight.kind == kind)
