"""The arguments that several commands take, and what a shell may complete them with.

Completion asks the pipeline and what was deployed, without the network; where they cannot be read
it offers nothing, since a shell that waits for a word is no place for an error.
"""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer

from devflow.model.errors import DevflowError
from devflow.wiring.options import Options

# loaded when a shell asks, so that no other command pays for it; the floors test follows this name
CHOICES: Final = "devflow.wiring.choices"


def _choices(context: typer.Context, kind: str, typed: str) -> list[str]:
    options = context.find_object(Options) or Options(Path.cwd())
    try:
        names: tuple[str, ...] = import_module(CHOICES).names(options, kind)
    except DevflowError:
        return []
    return [name for name in names if name.startswith(typed)]


def _entries(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "entries", incomplete)


def _gates(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "gates", incomplete)


def _environments(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "environments", incomplete)


def _tickets(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "tickets", incomplete)


Key = Annotated[
    str,
    typer.Argument(
        metavar="[KEY]",
        help="The ticket; else the checked-out branch's.",
        show_default=False,
        autocompletion=_tickets,
    ),
]
Gate = Annotated[
    str,
    typer.Argument(help="The waiting entry, such as code_review.", autocompletion=_gates),
]
EntryName = Annotated[str, typer.Argument(help="An entry.", autocompletion=_entries)]
EntryOrStep = Annotated[
    str, typer.Argument(help="An entry, a step, or its number.", autocompletion=_entries)
]
Environment = Annotated[
    str, typer.Argument(help="Such as production.", autocompletion=_environments)
]
EnvironmentOrAll = Annotated[
    str, typer.Argument(help="One, else all.", autocompletion=_environments)
]
EnvironmentWithCanary = Annotated[
    str,
    typer.Argument(
        help="Such as production; else the one with a canary.", autocompletion=_environments
    ),
]
Message = Annotated[str, typer.Option("-m", "--message", help="What to say with it.")]
