"""`devflow reject`."""

from typing import Annotated

import typer

from devflow.cli.arguments import Gate, Key, Message
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import reject


def command(
    context: typer.Context,
    gate: Gate,
    key: Key = "",
    message: Message = "",
    at: Annotated[
        str, typer.Option("--at", metavar="PATH:LINE", help="The line that the message is about.")
    ] = "",
    output: Output = "auto",
) -> None:
    """Reject what a gate waits for: at the review this asks for changes."""
    finish(reject.reject, options_of(context, output), gate, key, message, at)
