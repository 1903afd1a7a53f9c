"""The mark that a write leaves outside, by which the same write is found again after a crash.

A mark hangs on the ticket's key, never on anything random: a lost journal finds its own traces
again.
"""

from devflow.model.values import Value


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

    def once(self, version: str) -> str:
        """For what can only be added (a commit, a tag, a deployment): exactly one a round and
        version."""
        return f"{self.editable}:r{self.round}:{version}"


UNMARKED = Mark(run="", entry="", verb="")
