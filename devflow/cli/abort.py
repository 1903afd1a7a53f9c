"""`devflow abort`."""

import typer

from devflow.cli.arguments import EnvironmentWithCanary
from devflow.cli.frame import Output, finish, options_of
from devflow.commands.deploys import decide


def command(
    context: typer.Context, environment: EnvironmentWithCanary = "", output: Output = "auto"
) -> None:
    """Take the version back that has a part of the requests."""
    finish(decide.abort, options_of(context, output), environment)
