"""Everything that can go wrong and has a name; each class owns its exit code.

DevflowError            what happened, where, and what to type next
├── StepFailed        1  a step could not do its work
├── UsageError        2  the command line is wrong
├── PipelineInvalid   3  pipeline.yaml or configuration is wrong (file, line, column)
│   ├── PipelineMissing  there is none
│   └── MadeByNewer      what lies here was made by a newer devflow
├── AccessDenied      4  credentials are missing, wrong or too weak
├── Unavailable       5  something required is not there
├── Rejected          6  a person said no at a gate
├── Locked            7  another runner works on the ticket
├── GateWaiting       8  a gate waits for somebody or something
├── RolledBack        9  a deployed version was taken back
├── RemoteSilent     10  a remote service did not answer; resumable
└── StorageFailed    11  the journal or the disk failed
129, 130, 131 and 143 belong to SIGHUP, SIGINT, SIGQUIT and SIGTERM, 141 to a standard output that
nobody reads, and have no class.
"""

import errno
from typing import Any, ClassVar, Final, Mapping

from devflow.model.command_line import command_line

# no block left, no more for this user, no file of that size
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# RFC 4918: what a service answers that has no room itself
INSUFFICIENT_STORAGE: Final = 507


class DevflowError(Exception):
    """The root. ``hint`` is what to type or change next; ``where`` names the file, URL or command
    that it happened at; ``answer`` is what the command's own object has to say all the same, where
    one was asked for."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.answer: Mapping[str, Any] = {}


class StepFailed(DevflowError):
    """A step could not do its work, and asking again will not help by itself."""

    exit_code = 1


class UsageError(DevflowError):
    """The command cannot be carried out as it was typed or from where it was typed."""

    exit_code = 2


class PipelineInvalid(DevflowError):
    """pipeline.yaml or the configuration is wrong; ``where`` is ``file:line:column`` and
    ``excerpt`` the marked line.

    ``parameter`` is the way to one of the entry's own, where a step says what is wrong: it does not
    know the file, and the engine puts the place. ``others`` are wrong in the same file.
    """

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        where: str = "",
        excerpt: str = "",
        parameter: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, where=where)
        self.excerpt = excerpt
        self.parameter = parameter
        self.others: tuple[PipelineInvalid, ...] = ()

    @property
    def every(self) -> "tuple[PipelineInvalid, ...]":
        """This mistake and the others, in the order in which they were found."""
        return (self, *self.others)

    @property
    def place(self) -> str:
        """``file:line:column`` alone, without the way to it in the file."""
        return self.where.partition("  ")[0]


class PipelineMissing(PipelineInvalid):
    """There is no pipeline.yaml, which keeps nobody from reading what one may say."""


class MadeByNewer(PipelineInvalid):
    """What lies here was made by a newer devflow: it is left as it is, and nothing of it is made
    again."""


class AccessDenied(DevflowError):
    """Credentials are missing, wrong, or lack a permission."""

    exit_code = 4


class Unavailable(DevflowError):
    """Something required (a tool, an interpreter, an engine) is not on this machine."""

    exit_code = 5


class Rejected(DevflowError):
    """A person said no at a gate that has nowhere to send back to."""

    exit_code = 6


class Locked(DevflowError):
    """Another runner works on this ticket; ``where`` names it."""

    exit_code = 7


class GateWaiting(DevflowError):
    """Only a person or an outside condition can move this on."""

    exit_code = 8


class RolledBack(DevflowError):
    """The version was taken back, and stays judged until another one is brought."""

    exit_code = 9


class RemoteSilent(DevflowError):
    """A remote service did not answer, or not in a shape that can be trusted; the same command goes
    on later."""

    exit_code = 10


class StorageFailed(DevflowError):
    """The journal or the disk failed; nothing that was recorded is lost."""

    exit_code = 11


def no_room(place: str, problem: str = "No space left on device") -> StorageFailed:
    """What to raise where a place is full."""
    hint = f"make room there, then: {command_line('ship')}"
    return StorageFailed(f"{place} has no room left: {problem}", where=place, hint=hint)


def as_no_room(error: OSError, place: str) -> StorageFailed | None:
    """What to raise in an error's place; ``None`` where it speaks of something else. ``place`` is
    named where the error does not say its file."""
    if error.errno not in NO_ROOM:
        return None
    return no_room(str(error.filename or place), error.strerror or "")


def system_words(error: Exception) -> str:
    """What the system said, in words alone: without Python's number and the path that it quotes."""
    words = error.strerror if isinstance(error, OSError) else ""
    words = words or str(error)
    return words[:1].lower() + words[1:]
