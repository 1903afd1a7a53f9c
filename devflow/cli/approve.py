"""`devflow approve`."""

from typing import Annotated

import typer

from devflow.cli.arguments import Gate, Key, Message
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import approve


def command(
    context: typer.Context,
    gate: Gate,
    key: Key = "",
    message: Message = "",
    now: Annotated[
        bool, typer.Option("--now", help="Say that it need not wait for its window.")
    ] = False,
    output: Output = "auto",
) -> None:
    """Approve what a gate waits for, with your own token."""
    finish(approve.approve, options_of(context, output), gate, key, message, now=now)
