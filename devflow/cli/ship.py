"""`devflow ship`, and its hidden other name `devflow continue`."""

from typing import Annotated

import typer

from devflow.cli.arguments import Key
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import plan, ship


def command(
    context: typer.Context,
    key: Key = "",
    wait: Annotated[bool, typer.Option("--wait", help="Stay at a gate until it opens.")] = False,
    as_pushed: Annotated[
        bool, typer.Option("--as-pushed", help="Leave the working tree alone.")
    ] = False,
    again: Annotated[
        list[str] | None,
        typer.Option("--again", metavar="ENTRY", help="Begin anew what was refused or taken back."),
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Ask whether a window need not be waited for.")
    ] = False,
    hold: Annotated[
        bool, typer.Option("--hold", help="Leave a canary its part until you decide.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be written (= plan).")
    ] = False,
    output: Output = "auto",
) -> None:
    """Say that coding is done: run or resume everything, up to the next gate."""
    options = options_of(context, output)
    if dry_run:
        finish(plan.plan, options, key)
    wishes = ship.Wishes(tuple(again or ()), now, hold)
    finish(ship.ship, options, key, wait=wait, as_pushed=as_pushed, wishes=wishes)
