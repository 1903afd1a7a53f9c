"""The mark that a write leaves outside, by which the same write is found again after a crash, and
by whose hand a mark counts.

A mark hangs on the ticket's key, never on anything random: a lost journal finds its own traces
again. So anybody can copy one: it counts where its author is this token's account or one of the
accounts that run devflow for this repository.
"""

import re
from datetime import datetime
from typing import Final, Iterable, Literal, Protocol, Sequence, TypeVar

from devflow.model.values import Value

Hand = Literal["mine", "runner", "stranger"]
"""Who wrote a text: this token's account, another account that runs devflow here, or anybody else.
"""


class Mark(Value):
    """Names a write: run (the ticket's key), entry, verb, the slot that the step gave, and the
    round."""

    run: str
    entry: str
    verb: str
    slot: str = ""
    round: int = 1

    @property
    def editable(self) -> str:
        """For what can be edited (a pull request, a comment, an issue property): the same in every
        round."""
        return ":".join(
            part for part in ("devflow", self.run, self.entry, self.verb, self.slot) if part
        )

    @property
    def section_begin(self) -> str:
        """What begins our section in a text that others write in too."""
        return f"<!-- {self.editable} -->"

    def once(self, version: str) -> str:
        """For what can only be added (a commit, a tag, a deployment): exactly one a round and
        version."""
        return f"{self.editable}:r{self.round}:{version}"


UNSEEN: Final = re.compile(r"<!--.*?-->", re.DOTALL)
"""What a page does not show of a text in Markdown: a mark, and what a template says."""

SECTION_END: Final = "<!-- /devflow -->"
"""What ends our section in a text that others write in too."""

# unchecked, so that a signature that has it compiles nothing
UNMARKED = Mark.model_construct(run="", entry="", verb="")


class Hands(Value):
    """The accounts whose marks count, by each of their names at the service, in lower case."""

    mine: frozenset[str]
    runners: frozenset[str]

    @classmethod
    def of(cls, mine: Iterable[str], runners: Iterable[str]) -> "Hands":
        """Of names as people and services write them; empty ones are nobody's."""
        return cls(mine=_folded(mine), runners=_folded(runners))

    def hand(self, *names: str) -> Hand:
        """Whose account this is, by any of its names."""
        folded = _folded(names)
        if folded & self.mine:
            return "mine"
        return "runner" if folded & self.runners else "stranger"


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if name)


class Written(Protocol):
    """A text that somebody left outside."""

    @property
    def hand(self) -> Hand:
        """Who wrote it."""
        ...

    @property
    def at(self) -> datetime:
        """When it was last written."""
        ...


W = TypeVar("W", bound=Written)


def newest(texts: Iterable[W]) -> tuple[W, ...]:
    """The text that holds: of ours and of other runners' the one that was last written; several
    where a service's clock does not tell them apart."""
    counted = [text for text in texts if text.hand != "stranger"]
    last = max((text.at for text in counted), default=None)
    return tuple(text for text in counted if text.at == last)


def mine_of(texts: Sequence[W]) -> W | None:
    """The text that may be edited: another runner's is followed by one of ours instead."""
    return next((text for text in texts if text.hand == "mine"), None)
