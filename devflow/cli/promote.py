"""`devflow promote`."""

import typer

from devflow.cli.arguments import EnvironmentWithCanary
from devflow.cli.frame import Output, finish, options_of
from devflow.commands.deploys import decide


def command(
    context: typer.Context, environment: EnvironmentWithCanary = "", output: Output = "auto"
) -> None:
    """Give the version that has a part of the requests all of them."""
    finish(decide.promote, options_of(context, output), environment)
