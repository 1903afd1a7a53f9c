"""What every command that typer parses shares: the options and the way out."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Callable, NoReturn

import typer

from devflow.cli.ending import exit_code
from devflow.model.errors import UsageError
from devflow.wiring.options import Options, OutputMode

Output = Annotated[
    OutputMode, typer.Option("--output", help="auto: a tree on a terminal, else plain lines.")
]


def options_of(context: typer.Context, output: OutputMode = "auto") -> Options:
    """The options given before the command, with the command's own output mode."""
    options = context.find_object(Options)
    return replace(options or Options(Path.cwd()), output=output)


def help_alone(context: typer.Context) -> None:
    """Shows the help of a group without its command; ends with 2: nothing was done."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(UsageError.exit_code)


def finish(command: Callable[..., int], *arguments: Any, **options: Any) -> NoReturn:
    """Runs a command and exits with its code."""
    raise typer.Exit(exit_code(command, *arguments, **options))
