"""`devflow status`."""

from typing import Annotated

import typer

from devflow.cli.arguments import Key
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import status


def command(
    context: typer.Context,
    key: Key = "",
    short: Annotated[bool, typer.Option("--short", help="One line, for a prompt.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again each second until Ctrl-C; write nothing.")
    ] = False,
    output: Output = "auto",
) -> None:
    """Show how the run stands and what runs where; in your turn, what you have changed."""
    if short and watch:
        message = "--short is one line, and --watch does not end"
        raise typer.BadParameter(message, param_hint="--watch")
    finish(status.status, options_of(context, output), key, short=short, watch=watch)
