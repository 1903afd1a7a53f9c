"""The commands around a project: the demo and the sandbox."""

from pathlib import Path
from typing import Annotated

import typer

from devflow import app
from devflow.cli.frame import Output, guarded, help_alone, options_of

sandbox = typer.Typer(
    help="The local JIRA and GitHub servers of this repository.", invoke_without_command=True
)


def add_to(cli: typer.Typer) -> None:
    """Registers this group."""
    cli.command()(demo)
    cli.add_typer(sandbox, name="sandbox")


def demo(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Option("--dir", help="Where the throw-away checkout is made.")
    ] = Path(".demo"),
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Stop at the ticket's start, to go on by hand.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="End what an earlier demo left running.")
    ] = False,
) -> None:
    """Play a whole ticket, from JIRA to the retrospective, on this machine alone."""
    guarded(lambda: app.demo(options_of(context), directory, prepare=prepare, stop=stop))


@sandbox.callback()
def alone(context: typer.Context) -> None:
    """Shows what the sandbox can be told."""
    help_alone(context)


@sandbox.command()
def up(context: typer.Context) -> None:
    """Bring the sandbox up in the background."""
    guarded(lambda: app.sandbox(options_of(context), "up"))


@sandbox.command()
def down(context: typer.Context) -> None:
    """End the sandbox; what is in it stays."""
    guarded(lambda: app.sandbox(options_of(context), "down"))


@sandbox.command()
def reset(context: typer.Context) -> None:
    """End the sandbox and forget what is in it."""
    guarded(lambda: app.sandbox(options_of(context), "reset"))


@sandbox.command()
def status(context: typer.Context, output: Output = "auto") -> None:
    """Say where the sandbox is, and who is in it."""
    guarded(lambda: app.sandbox(options_of(context, output), "status"))
