"""How a command says what it has done to environments: lines as each is done, or one object at the
end."""

from typing import Iterator

from devflow.model.environments import Change
from devflow.ui.pages.environment_changes import change_lines, changes_object
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines


def write_changes(options: Options, changes: Iterator[Change]) -> None:
    """Makes the changes, and says each."""
    if options.output == "json":
        write_json(changes_object(changes))
    else:
        write_lines(change_lines(changes))
