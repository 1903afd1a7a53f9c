"""The commands that do something: start, ship, approve, reject, rollback, down."""

from typing import Annotated

import typer

from devflow import app
from devflow.cli.frame import Key, Output, guarded, options_of

Message = Annotated[str, typer.Option("-m", "--message", help="What to say with it.")]


def add_to(cli: typer.Typer) -> None:
    """Registers this group."""
    cli.command()(start)
    cli.command()(ship)
    cli.command("continue", hidden=True)(ship)
    cli.command()(approve)
    cli.command()(reject)
    cli.command()(rollback)
    cli.command()(down)


def start(
    context: typer.Context,
    key: Key = "",
    new: Annotated[
        str, typer.Option("--new", metavar="SUMMARY", help="Create the ticket first.")
    ] = "",
    output: Output = "auto",
) -> None:
    """Begin a ticket: planning and branch, up to the developer's turn."""
    guarded(lambda: app.start(options_of(context, output), key, new))


def ship(
    context: typer.Context,
    key: Key = "",
    wait: Annotated[bool, typer.Option("--wait", help="Stay at a gate until it opens.")] = False,
    as_pushed: Annotated[
        bool, typer.Option("--as-pushed", help="Leave the working tree alone.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be written (= plan).")
    ] = False,
    output: Output = "auto",
) -> None:
    """Say that coding is done: run or resume everything, up to the next gate."""
    if dry_run:
        guarded(lambda: app.plan(options_of(context, output), key))
    guarded(lambda: app.ship(options_of(context, output), key, wait=wait, as_pushed=as_pushed))


def approve(
    context: typer.Context,
    gate: Annotated[str, typer.Argument(help="The waiting entry, such as code_review.")],
    key: Key = "",
    message: Message = "",
) -> None:
    """Approve what a gate waits for, with your own token."""
    guarded(lambda: app.answer(options_of(context), (gate, key), "approve", message, ""))


def reject(
    context: typer.Context,
    gate: Annotated[str, typer.Argument(help="The waiting entry, such as code_review.")],
    key: Key = "",
    message: Message = "",
    at: Annotated[
        str, typer.Option("--at", metavar="PATH:LINE", help="The line that the message is about.")
    ] = "",
) -> None:
    """Reject what a gate waits for: at the review this asks for changes."""
    guarded(lambda: app.answer(options_of(context), (gate, key), "reject", message, at))


def rollback(
    context: typer.Context, environment: Annotated[str, typer.Argument(help="Such as production.")]
) -> None:
    """Take an environment back to its previous version."""
    guarded(lambda: app.rollback(options_of(context), environment))


def down(
    context: typer.Context, environment: Annotated[str, typer.Argument(help="One, else all.")] = ""
) -> None:
    """End what was deployed here."""
    guarded(lambda: app.down(options_of(context), environment))
