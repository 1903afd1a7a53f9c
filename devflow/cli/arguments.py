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
    options = context.find_object(Options) or _before_the_command(context)
    try:
        names: tuple[str, ...] = import_module(CHOICES).names(options, kind)
    except DevflowError:
        return []
    return [name for name in names if name.startswith(typed)]


def _before_the_command(context: typer.Context) -> Options:
    """What was typed already where a shell completes the options before the command."""
    typed = context.params
    pipeline = typed.get("pipeline")
    file = Path(pipeline) if pipeline else None
    return Options(Path(typed.get("directory") or Path.cwd()), file)


def people(ctx: typer.Context, incomplete: str) -> list[str]:
    """Whom ``--as`` may name."""
    return _choices(ctx, "people", incomplete)


def _entries(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "entries", incomplete)


def _gates(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "gates", incomplete)


def _environments(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "environments", incomplete)


def _tickets(ctx: typer.Context, incomplete: str) -> list[str]:
    return _choices(ctx, "tickets", incomplete)


def _entries_and_environments(ctx: typer.Context, incomplete: str) -> list[str]:
    names = [*_entries(ctx, incomplete), *_environments(ctx, incomplete)]
    # an environment is often called as the entry that brings it
    return list(dict.fromkeys(names))


def _tickets_and_services(ctx: typer.Context, incomplete: str) -> list[str]:
    return [*_tickets(ctx, incomplete), *_choices(ctx, "services", incomplete)]


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
EntryOrEnvironment = Annotated[
    str,
    typer.Argument(
        metavar="ENTRY|ENVIRONMENT",
        help="An entry; with a service, an environment.",
        autocompletion=_entries_and_environments,
    ),
]
KeyOrService = Annotated[
    str,
    typer.Argument(
        metavar="[KEY|SERVICE]",
        help="An entry's ticket, else the checked-out branch's; an environment's service.",
        show_default=False,
        autocompletion=_tickets_and_services,
    ),
]
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
