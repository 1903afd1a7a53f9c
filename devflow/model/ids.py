"""The ids that are handed around, each with a type of its own, and the ticket's key in a text.

A key is told from a text by one rule: the branch that is checked out, a commit's subject and a
command line are read alike.
"""

import re
from typing import Final, NewType, Sequence

TicketKey = NewType("TicketKey", str)
"""``SCRUM-95``; also the name of its run."""
Sha = NewType("Sha", str)
"""The id of a commit, whole; empty where there is none."""

_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]+-[1-9][0-9]*")
# SCRUM-950 and OLDSCRUM-95 are other tickets than SCRUM-95
_WITHIN: Final = re.compile(rf"(?<![A-Za-z0-9])({_KEY.pattern})(?![A-Za-z0-9])")
_WITHIN_ANY_CASE: Final = re.compile(_WITHIN.pattern, re.IGNORECASE)


def is_ticket_key(text: str) -> bool:
    """Whether a text is a ticket's key and nothing else."""
    return _KEY.fullmatch(text) is not None


def tickets_in(text: str) -> tuple[TicketKey, ...]:
    """Every key that a text names as JIRA writes it: ``feature/SCRUM-95-tabs`` names SCRUM-95."""
    return tuple(TicketKey(match) for match in _WITHIN.findall(text))


def tickets_of_project(text: str, project: str) -> tuple[TicketKey, ...]:
    """Every key of one project that a text names, in any case, since branches are often in lower
    case; other words (``release-2``) are no keys of it."""
    return tuple(key for key in tickets_like(text) if key.rpartition("-")[0] == project.upper())


def tickets_like(text: str) -> tuple[TicketKey, ...]:
    """Everything that a text says in the form of a key, in any case; ``release-2`` too."""
    keys = [TicketKey(match.upper()) for match in _WITHIN_ANY_CASE.findall(text)]
    return tuple(dict.fromkeys(keys))


def meant_by(branch: str, project: str, runs: Sequence[str]) -> TicketKey | None:
    """The ticket of a command that names none: the checked-out branch's, else the only run there
    is, where the branch names no other ticket."""
    ours = tickets_of_project(branch, project) if project else tickets_in(branch)
    if len(ours) == 1:
        return ours[0]
    if len(runs) == 1 and not ours and not tickets_in(branch):
        return TicketKey(runs[0])
    return None


def names_ticket(text: str, key: str) -> bool:
    """Whether a branch or a subject names the ticket."""
    return key.upper() in tickets_of_project(text, key.rpartition("-")[0])
