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
        str,
        typer.Option("--new", metavar="SUMMARY", help="Create the ticket first, once."),
    ] = "",
    type_: Annotated[
        str,
        typer.Option("--type", metavar="TYPE", help="The new ticket's type; else Story."),
    ] = "",
    story: Annotated[str, typer.Option("--story", help="The new ticket's user story.")] = "",
    ac: Annotated[
        list[str] | None,
        typer.Option("--ac", help="An acceptance criterion of it; again for each."),
    ] = None,
    description: Annotated[
        str,
        typer.Option(
            "--description",
            metavar="FILE",
            help="Its whole text, Markdown; - from standard input.",
        ),
    ] = "",
    output: Output = "auto",
) -> None:
    """Begin a ticket: planning and branch, up to the developer's turn.

    With --new alone, on a terminal, an editor opens for the ticket's text.
    """
    wanted = start.Wanted(new, type_, story, tuple(ac or ()), description)
    finish(start.start, options_of(context, output), key, wanted)
