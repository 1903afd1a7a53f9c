"""What every command shares: the options, the way out, and how an error reaches a person."""

import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Callable, NoReturn, TextIO

import typer

from devflow.model.errors import DevflowError, UsageError
from devflow.ui.errors import error_text
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
    """Runs a command and exits with its code; an error is one clear message, never a traceback."""
    try:
        code = command(*arguments, **options)
        sys.stdout.flush()
    except DevflowError as error:
        print_error(error)
        code = error.exit_code
    except BrokenPipeError:
        # whoever read our output is gone: nothing more can be shown, and nothing is lost
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
        code = 0
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # a mistake of our own: short for the person, whole where asked for
        if os.environ.get("DEVFLOW_TRACE"):
            traceback.print_exc()
        message = f"devflow itself failed: {type(error).__name__}: {error}"
        hint = "DEVFLOW_TRACE=1 shows the trace; please report it"
        print_error(DevflowError(message, hint=hint))
        code = 1
    raise typer.Exit(code)


def print_error(error: DevflowError) -> None:
    """Writes an error as a person reads it on this terminal."""
    encoding = sys.stderr.encoding or "utf-8"
    text = error_text(error, colour=_takes_colour(sys.stderr), encoding=encoding)
    sys.stderr.write(text + "\n")


def _takes_colour(stream: TextIO) -> bool:
    """Whether a stream may be given colours: a terminal, without NO_COLOR, that is not dumb."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return False
    return os.environ.get("TERM") != "dumb"
