"""`devflow logs`."""

import typer

from devflow.cli.arguments import EntryName, Key
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import logs


def command(
    context: typer.Context, entry: EntryName, key: Key = "", output: Output = "auto"
) -> None:
    """Show the results that an entry kept, and everything that its commands printed."""
    finish(logs.logs, options_of(context, output), entry, key)
