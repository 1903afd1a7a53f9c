"""`devflow logs`."""

from typing import Annotated

import typer

from devflow.cli.arguments import EntryOrEnvironment, KeyOrService
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import logs

Lines = Annotated[
    int | None,
    typer.Option(
        "-n", "--lines", min=1, help="Of each replica of a service; else 100.", show_default=False
    ),
]
Follow = Annotated[
    bool, typer.Option("-f", "--follow", help="Show what the replicas write until Ctrl-C.")
]


def command(
    context: typer.Context,
    name: EntryOrEnvironment,
    key: KeyOrService = "",
    lines: Lines = None,
    follow: Follow = False,
    output: Output = "auto",
) -> None:
    """Show the results that an entry kept, and everything that its commands printed; or the last
    lines of each replica of an environment's service.

    One word is an entry. A second one is a service of the environment that the first names, or,
    where it is a ticket's key, the ticket: `logs quality`, `logs quality SCRUM-95`, `logs
    production backend`.
    """
    wanted = logs.Wanted(name, key, lines, follow)
    finish(logs.logs, options_of(context, output), wanted)
