"""`devflow start`."""

from typing import Annotated

import typer

from devflow.cli.arguments import Key
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import start


def command(
    context: typer.Context,
    key: Key = "",
    new: Annotated[
        str, typer.Option("--new", metavar="SUMMARY", help="Create the ticket first.")
    ] = "",
    output: Output = "auto",
) -> None:
    """Begin a ticket: planning and branch, up to the developer's turn."""
    finish(start.start, options_of(context, output), key, new)
