"""The names of the statuses that entries put on a commit: its host keeps one of each name, the one
that was told last, so that two entries with one name would hide each other's."""

from dataclasses import dataclass
from typing import Annotated, Final, Iterator

from pydantic import BaseModel

from devflow.model.bounds.words import Line, LineOrNone

ENTRY: Final = "{entry}"
"""What stands for the entry's name in that of a status."""


@dataclass(frozen=True)
class OfCommit:
    """Marks a word that names a commit's status; an empty one names none."""


_OF_COMMIT: Final = OfCommit()
StatusName = Annotated[Line, _OF_COMMIT]
StatusNameOrNone = Annotated[LineOrNone, _OF_COMMIT]


def status_of(status: str, entry: str) -> str:
    """The status of an entry by its whole name."""
    return status.replace(ENTRY, entry)


def foreseen_status(status: str) -> str:
    """A status as it is told where the entry is not."""
    return "its status" if ENTRY in status else status


def statuses(params: BaseModel, entry: str) -> Iterator[tuple[str, str]]:
    """The parameters of an entry that name a commit's status, each with the whole name."""
    for name, field in type(params).model_fields.items():
        status = getattr(params, name)
        if _OF_COMMIT in field.metadata and status:
            yield name, status_of(status, entry)
