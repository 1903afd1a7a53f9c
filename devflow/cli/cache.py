"""`devflow cache`."""

from typing import Annotated

import typer

from devflow.cli.frame import Output, finish, options_of
from devflow.commands import cache

Action = Annotated[cache.CacheAction, typer.Argument(help="show: what is there; prune: less.")]
Everything = Annotated[bool, typer.Option("--all", help="With prune: everything.")]


def command(
    context: typer.Context,
    action: Action = "show",
    everything: Everything = False,
    output: Output = "auto",
) -> None:
    """Show what images and suites take on this machine's disk, or remove what is beyond bounds."""
    finish(cache.cache, options_of(context, output), action, everything=everything)
