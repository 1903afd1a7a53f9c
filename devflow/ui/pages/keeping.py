"""What befell what holds an environment's public ports, and what a person types then; nothing in
most environments."""

from typing import Final, Iterator

from devflow.model.command_line import command_line
from devflow.model.environments import Environment
from devflow.model.wording import amount, plural

_ANEW: Final = "starts the proxy anew; for a moment connections are refused"
_STOPPED: Final = "what serves on would not be started again, nor be told of another version"


def keeping(of: Environment) -> Iterator[str]:
    """Each thing in a sentence."""
    if of.is_unkept:
        yield "its keeper was killed: what serves on would not be started again"
    if of.stopped_keeper:
        yield f"its keeper is stopped, pid {of.stopped_keeper}: {_STOPPED}"
    elif of.keepers_lost:
        yield f"its keeper was killed {plural(of.keepers_lost, 'time')}, and is there again"
    if of.unheld_s:
        refused = amount(of.unheld_s * 1000, "ms")
        anew = f"begun anew, refusing for at most {refused}"
        yield f"its keeper and the copy of it were killed; {anew}"


def keeping_in_short(of: Environment) -> Iterator[str]:
    """What is not in order, in few words."""
    if of.is_unkept:
        yield "its proxy is kept by nobody"
    if of.stopped_keeper:
        yield "its proxy's keeper is stopped"


def to_be_kept(of: Environment) -> Iterator[tuple[str, str, str]]:
    """What to type, with a label and a note."""
    if of.is_unkept:
        yield "to be kept", command_line("ship"), _ANEW
    if of.stopped_keeper:
        yield "to be kept", f"kill -CONT {of.stopped_keeper}", "the keeper goes on"
