"""How a command says what it has done to environments: lines as each is done, or one object at the
end."""

import getpass
import os
from typing import Iterator

from devflow.model.environments import Change
from devflow.model.errors import DevflowError
from devflow.ui.pages.environment_changes import change_lines, changes_object
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines


def whose_word(options: Options) -> str:
    """Who says it, as this machine knows them."""
    if options.person:
        return options.person
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # an account without an entry, as in many containers
        return f"uid {os.getuid()}"


def write_changes(options: Options, changes: Iterator[Change]) -> None:
    """Makes the changes, and says each. What fails is raised on, with those that were made for the
    object."""
    if options.output != "json":
        write_lines(change_lines(changes))
        return
    made = []
    try:
        for change in changes:
            made.append(change)
    except DevflowError as error:
        error.answer = changes_object(made)
        raise
    write_json(changes_object(made))
