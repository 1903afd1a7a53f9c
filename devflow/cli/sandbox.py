"""`devflow sandbox`, a group of its own."""

from typing import Annotated

import typer

from devflow.cli.arguments import Key
from devflow.cli.frame import Output, finish, help_alone, options_of
from devflow.commands import sandbox

command = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@command.callback()
def alone(context: typer.Context) -> None:
    """The local JIRA and GitHub servers of this repository."""
    help_alone(context)


@command.command()
def up(context: typer.Context, output: Output = "auto") -> None:
    """Bring the sandbox up in the background."""
    finish(sandbox.sandbox, options_of(context, output), "up")


@command.command()
def down(context: typer.Context, output: Output = "auto") -> None:
    """End the sandbox; what is in it stays."""
    finish(sandbox.sandbox, options_of(context, output), "down")


@command.command()
def reset(context: typer.Context, output: Output = "auto") -> None:
    """End the sandbox and forget what is in it."""
    finish(sandbox.sandbox, options_of(context, output), "reset")


@command.command()
def ticket(
    context: typer.Context,
    key: Key = "",
    story: Annotated[str, typer.Option("--story", help="The ticket's user story.")] = "",
    ac: Annotated[
        list[str] | None,
        typer.Option("--ac", help="An acceptance criterion of it; again for each."),
    ] = None,
    output: Output = "auto",
) -> None:
    """Add a story or criteria to a ticket of the sandbox."""
    finish(sandbox.ticket, options_of(context, output), key, story, tuple(ac or ()))


@command.command()
def status(
    context: typer.Context,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Also say its people's tokens, for your own programs.")
    ] = False,
    output: Output = "auto",
) -> None:
    """Say where the sandbox is, and who is in it."""
    finish(sandbox.sandbox, options_of(context, output), "status", tokens=tokens)
