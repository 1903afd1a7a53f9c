"""What one line says of a run, kept beside its events so that a prompt need not read them.

It is a copy: whoever finds it unsound, or made from another pipeline, reads the events instead.
Neither pydantic nor anything of the engine is imported here.
"""

import hashlib
from typing import Final, Literal, Mapping, NamedTuple

from devflow import VERSION
from devflow.model.command_line import command_line

State = Literal["new", "running", "interrupted", "waiting", "blocked", "failed", "done"]
"""How a run stands; ``interrupted``: its last command was killed, and nobody works on it."""

MARKS: Final[Mapping[str, str]] = {
    "new": "○",
    "running": "◐",
    "interrupted": "⊖",
    "waiting": "⏸",
    "blocked": "⊘",
    "failed": "✘",
    "done": "✔",
}


# what is said in the place of a phase
ENDED: Final[Mapping[str, str]] = {
    "done": "done",
    "interrupted": f"interrupted: {command_line('ship')}",
}


class Summary(NamedTuple):
    """``state`` is how the run stands while nobody works on it; ``settled`` of ``total`` entries
    are through; ``phase`` is the one that is open; ``project`` is the tracker's, by which a branch
    names the run; ``made_from`` is what else it depends on.

    ``outdated`` are the entries that are to be shown as pending, one a line; ``title`` and
    ``branch`` are what the run's products say for the head of a screen.
    """

    made_from: str
    project: str
    state: str
    settled: int
    total: int
    phase: str
    outdated: str = ""
    title: str = ""
    branch: str = ""

    def line(self, ticket: str, *, running: bool) -> str:
        """``SCRUM-95 13/29 ⏸ review``; ``running``: a runner holds the ticket's lock."""
        mark = MARKS["running" if running else self.state]
        where = self.phase
        if self.state in ENDED and not running:
            where = ENDED[self.state]
        return f"{ticket} {self.settled}/{self.total} {mark} {where}"


def made_from(pipeline: str) -> str:
    """What a summary depends on beside the events: the pipeline's text and this devflow."""
    text = "\n".join(pipeline.splitlines())
    return hashlib.sha256(f"{VERSION}\n{text}".encode()).hexdigest()
