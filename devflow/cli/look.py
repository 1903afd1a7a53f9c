"""The commands that only look: plan, status, explain, logs."""

from typing import Annotated

import typer

from devflow import app
from devflow.cli.frame import Key, Output, guarded, options_of


def add_to(cli: typer.Typer) -> None:
    """Registers this group."""
    cli.command()(plan)
    cli.command()(status)
    cli.command()(explain)
    cli.command()(logs)


def plan(context: typer.Context, key: Key = "", output: Output = "auto") -> None:
    """Show what would be written, for every entry; write nothing."""
    guarded(lambda: app.plan(options_of(context, output), key))


def status(
    context: typer.Context,
    key: Key = "",
    short: Annotated[bool, typer.Option("--short", help="One line, for a prompt.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again each second until Ctrl-C; write nothing.")
    ] = False,
    output: Output = "auto",
) -> None:
    """Show how the run stands and what runs where; in your turn, what you have changed."""
    if short and watch:
        raise typer.BadParameter(
            "--short is one line, and --watch does not end", param_hint="--watch"
        )
    guarded(lambda: app.status(options_of(context, output), key, short=short, watch=watch))


def explain(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="An entry, a step, or its number.")] = "",
    output: Output = "auto",
) -> None:
    """List the steps, or show what one needs, makes and may be told."""
    guarded(lambda: app.explain(options_of(context, output), entry))


def logs(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="An entry.")],
    key: Key = "",
    output: Output = "auto",
) -> None:
    """Show the results that an entry kept, and everything that its commands printed."""
    guarded(lambda: app.logs(options_of(context, output), entry, key))
