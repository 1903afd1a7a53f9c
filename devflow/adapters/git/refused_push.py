"""What git says of a push that did not come through: its own words, told apart from what a hook or
a server prints beside them."""

from typing import Final

from devflow.adapters.git.process import GitResult
from devflow.adapters.git.reads import lines_of, ref_of

_LOST_RACES: Final = ("stale info", "fetch first", "cannot lock ref", "failed to update ref")


def refusals_of(ended: GitResult, ref: str) -> list[str]:
    """The porcelain lines that refuse this ref: ``!``, a tab, what was pushed, a tab, why."""
    refusals = []
    for line in lines_of(ended.text):
        flag, _, rest = line.partition("\t")
        target = rest.partition("\t")[0].rpartition(":")[2]
        if flag == "!" and target in (ref, ref_of(ref)):
            refusals.append(line)
    return refusals


def lost_race(ended: GitResult, ref: str) -> bool:
    """Whether git itself says so: a hook or a server's own words (``remote:``) may say anything."""
    own = [line for line in lines_of(ended.complaint) if line.startswith("error:")]
    text = "\n".join((*refusals_of(ended, ref), *own))
    return any(reason in text for reason in _LOST_RACES)
