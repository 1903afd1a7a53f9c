"""`devflow down`."""

import typer

from devflow.cli.arguments import EnvironmentOrAll
from devflow.cli.frame import finish, options_of
from devflow.commands.deploys import down


def command(context: typer.Context, environment: EnvironmentOrAll = "") -> None:
    """End what was deployed here."""
    finish(down.down, options_of(context), environment)
