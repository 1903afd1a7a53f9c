"""`devflow down`."""

import typer

from devflow.cli.arguments import EnvironmentOrAll
from devflow.cli.frame import Output, finish, options_of
from devflow.commands.deploys import down


def command(
    context: typer.Context, environment: EnvironmentOrAll = "", output: Output = "auto"
) -> None:
    """End what was deployed here."""
    finish(down.down, options_of(context, output), environment)
