"""What every command shares: the options, the way out, and how an error reaches a person."""

import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Callable, NoReturn

import typer

from devflow import app
from devflow.app import Options, OutputMode
from devflow.model.errors import DevflowError, UsageError
from devflow.ui.errors import error_text

Key = Annotated[
    str,
    typer.Argument(
        metavar="[KEY]", help="The ticket; else the checked-out branch's.", show_default=False
    ),
]
Output = Annotated[
    OutputMode, typer.Option("--output", help="auto: a tree on a terminal, else plain lines.")
]


def options_of(context: typer.Context, output: OutputMode = "auto") -> Options:
    """The options given before the command, with the command's own output mode."""
    found = context.find_object(Options)
    return replace(found or Options(Path.cwd()), output=output)


def help_alone(context: typer.Context) -> None:
    """Shows the help of a group whose command was not named; ends with 2, since nothing was done.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(UsageError.exit_code)


def guarded(call: Callable[[], int]) -> NoReturn:
    """Runs a command and exits with its code; an error is one clear message, never a traceback."""
    try:
        code = call()
        sys.stdout.flush()
    except DevflowError as error:
        sys.stderr.write(said(error) + "\n")
        code = error.exit_code
    except BrokenPipeError:
        # whoever read our output is gone: nothing more can be shown, and nothing is lost
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
        code = 0
    except KeyboardInterrupt:
        code = 130
    except (
        Exception
    ) as error:  # a mistake of our own: short for the person, whole where it was asked for
        if app.tracing():
            traceback.print_exc()
        hint = "DEVFLOW_TRACE=1 shows the trace; please report it"
        sys.stderr.write(
            said(DevflowError(f"devflow itself failed: {type(error).__name__}: {error}", hint=hint))
            + "\n"
        )
        code = 1
    raise typer.Exit(code)


def said(error: DevflowError) -> str:
    """An error as a person reads it on this terminal."""
    return error_text(
        error, colour=app.colourful(sys.stderr), encoding=sys.stderr.encoding or "utf-8"
    )
