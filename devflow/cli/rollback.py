"""`devflow rollback`."""

import typer

from devflow.cli.arguments import Environment
from devflow.cli.frame import Output, finish, options_of
from devflow.commands.deploys import rollback


def command(context: typer.Context, environment: Environment, output: Output = "auto") -> None:
    """Take an environment back to its previous version."""
    finish(rollback.rollback, options_of(context, output), environment)
