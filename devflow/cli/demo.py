"""`devflow demo`."""

from pathlib import Path
from typing import Annotated

import typer

from devflow.cli.frame import finish, options_of
from devflow.commands import demo
from devflow.wiring.demo.target import WantedTarget


def command(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Option("--dir", help="Where the throw-away checkout is made.")
    ] = Path(".demo"),
    target: Annotated[
        WantedTarget,
        typer.Option("--target", help="auto: containers where an engine answers, else processes."),
    ] = "auto",
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Stop at the ticket's start, to go on by hand.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="End what an earlier demo left running.")
    ] = False,
) -> None:
    """Play a whole ticket, from JIRA to the retrospective, on this machine alone."""
    finish(demo.demo, options_of(context), directory, target=target, prepare=prepare, stop=stop)
