"""`devflow plan`."""

import typer

from devflow.cli.arguments import Key
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import plan


def command(context: typer.Context, key: Key = "", output: Output = "auto") -> None:
    """Show what would be written, for every entry; write nothing."""
    finish(plan.plan, options_of(context, output), key)
