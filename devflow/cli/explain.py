"""`devflow explain`."""

import typer

from devflow.cli.arguments import EntryOrStep
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import explain


def command(context: typer.Context, entry: EntryOrStep = "", output: Output = "auto") -> None:
    """List the steps, or show what one needs, makes and may be told."""
    finish(explain.explain, options_of(context, output), entry)
