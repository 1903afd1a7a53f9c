"""How a command says what it has done to environments: lines as each is done, or one object at the
end."""

import getpass
import os
import sys
from contextlib import suppress
from typing import Callable, Iterator

from devflow.model.environments import Change, Environment, Told
from devflow.model.errors import DevflowError
from devflow.ui.pages.environment_changes import change_lines, changes_object, told_lines
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.stdout import OutputLost


def whose_word(options: Options) -> str:
    """Who says it, as this machine knows them."""
    if options.person:
        return options.person
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # an account without an entry, as in many containers
        return f"uid {os.getuid()}"


Tell = Callable[[Environment | None], Iterator[Told]]


def nobody(environment: Environment | None) -> Iterator[Told]:
    """No ticket is told."""
    yield from ()


def write_changes(options: Options, changes: Iterator[Change], tell: Tell = nobody) -> None:
    """Makes the changes, and says each, then which tickets are told of it. What fails is raised on,
    with those that were made for the object."""
    if options.output == "json":
        _write_object(changes, tell)
        return
    made: list[Change] = []
    write_lines(change_lines(_noted(changes, made)))
    # a pipe or a file too has it before a tracker is waited for; whoever reads no more is told of
    # at the end, and the tickets are told all the same
    with suppress(OutputLost):
        sys.stdout.flush()
    for change in made:
        write_lines(told_lines(tell(change.after), change.name))


def _write_object(changes: Iterator[Change], tell: Tell) -> None:
    made: list[Change] = []
    told: list[Told] = []
    try:
        for change in changes:
            made.append(change)
            told += tell(change.after)
    except DevflowError as error:
        error.answer = changes_object(made, told)
        raise
    write_json(changes_object(made, told))


def _noted(changes: Iterator[Change], made: list[Change]) -> Iterator[Change]:
    for change in changes:
        made.append(change)
        yield change
