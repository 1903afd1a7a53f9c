"""`devflow environments`."""

from typing import Annotated

import typer

from devflow.cli.arguments import EnvironmentOrAll
from devflow.cli.frame import Output, finish, options_of
from devflow.commands.deploys import environments


def command(
    context: typer.Context,
    environment: EnvironmentOrAll = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again each second until Ctrl-C.")
    ] = False,
    output: Output = "auto",
) -> None:
    """Show what runs where: versions, shares, replicas, digests, since when and on what.

    Every replica is asked now; nothing is written.
    """
    finish(environments.environments, options_of(context, output), environment, watch=watch)
