"""How a command ends: its exit code, and how an error reaches a person, and the program that asked
for JSON. The library that parses command lines is not imported here."""

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, Callable, Final, Sequence, TextIO, TypeVar

from devflow.model.errors import DevflowError, StorageFailed, as_no_room
from devflow.ui.errors import error_text
from devflow.wiring.stdout import CLOSED, OutputLost, forget_stdout

T = TypeVar("T")
# loaded where an error has to be JSON, so that no look pays for it; the floors test follows it
OUTPUT: Final = "devflow.wiring.output"


def exit_code(command: Callable[..., T], *arguments: Any, **options: Any) -> T | int:
    """What a command answers, or the code of its error, which is one clear message and never a
    traceback."""
    code: T | int
    try:
        code = command(*arguments, **options)
    except DevflowError as error:
        tell_error(error)
        code = error.exit_code
    except OutputLost as error:
        code = output_lost(error)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # a mistake of our own: short for the person, whole where asked for
        known = _own_failure(error)
        tell_error(known)
        code = known.exit_code
    return code


def _own_failure(error: Exception) -> DevflowError:
    full = as_no_room(error, "the disk") if isinstance(error, OSError) else None
    if full is not None:
        return full
    if os.environ.get("DEVFLOW_TRACE"):
        sys.excepthook(type(error), error, error.__traceback__)
    message = f"devflow itself failed: {type(error).__name__}: {error}"
    return DevflowError(message, hint="DEVFLOW_TRACE=1 shows the trace; please report it")


def settled(code: int) -> int:
    """The exit code once everything was written that a command had to say; one that already says
    what went wrong stays."""
    try:
        sys.stdout.flush()
    except OutputLost as error:
        lost = output_lost(error)
        return code or lost
    return code


def output_lost(error: OutputLost) -> int:
    """The exit code where nothing more can be shown; nothing else is lost."""
    forget_stdout()
    if not error.is_full:
        return CLOSED
    hint = "make room where it is redirected to, then type the same command again"
    _print_error(StorageFailed(error.why, where="standard output", hint=hint))
    return StorageFailed.exit_code


def tell_error(error: DevflowError) -> None:
    """Writes an error as a person reads it on this terminal, and as JSON where that was typed:
    whether the command had begun, or is not even one, makes no difference."""
    _print_error(error)
    if _asks_json(sys.argv[1:]):
        # that standard output is lost is told when it is flushed at the latest
        with suppress(OutputLost):
            import_module(OUTPUT).write_error(error)


def _asks_json(argv: Sequence[str]) -> bool:
    """Whether ``--output json`` was typed, also where nothing could be made of the command line."""
    words = argv[: argv.index("--")] if "--" in argv else argv
    mode = ""
    for index, word in enumerate(words):
        if word.startswith("--output="):
            mode = word.removeprefix("--output=")
        elif word == "--output":
            mode = "".join(words[index + 1 : index + 2])
    return mode == "json"


def _print_error(error: DevflowError) -> None:
    encoding = sys.stderr.encoding or "utf-8"
    text = error_text(error, colour=_takes_colour(sys.stderr), encoding=encoding)
    # where not even this can be written, the exit code says it alone
    with suppress(OSError):
        sys.stderr.write(text + "\n")


def _takes_colour(stream: TextIO) -> bool:
    """Whether a stream may be given colours: a terminal, without NO_COLOR, that is not dumb."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return False
    return os.environ.get("TERM") != "dumb"
