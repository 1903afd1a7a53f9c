"""What stands behind an entry that was replaced, and has to be looked at again before anything is
said of it.

The look at the start of a command saw it as it was before: after a reboot a service that is revived
is the same product, so that everything made from it stands again, whether or not it answers.
"""

from functools import cached_property
from typing import Mapping, Sequence

from devflow.engine.plan import Plan
from devflow.engine.readers import readers


class Behind:
    """The entries that are made, directly or not, from what this command has replaced."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._names: set[str] = set()

    @cached_property
    def _readers(self) -> Mapping[str, Sequence[str]]:
        return readers(self._plan)

    def replaced(self, name: str) -> None:
        """What the entry came to is not what it was."""
        ahead = list(self._readers.get(name, ()))
        found: set[str] = set()
        while ahead:
            reader = ahead.pop()
            if reader not in found:
                found.add(reader)
                ahead += self._readers.get(reader, ())
        # one step of the interpreter, since entries of a group come to something side by side
        self._names.update(found)

    def take(self, name: str) -> bool:
        """Whether the entry has to be looked at again; asked once."""
        is_behind = name in self._names
        self._names.discard(name)
        return is_behind
