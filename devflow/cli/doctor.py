"""`devflow doctor`."""

import typer

from devflow.cli.arguments import Key
from devflow.cli.frame import Output, finish, options_of
from devflow.commands import doctor


def command(context: typer.Context, key: Key = "", output: Output = "auto") -> None:
    """Show what the pipeline needs here, and what is missing, before anything is written."""
    finish(doctor.doctor, options_of(context, output), key)
