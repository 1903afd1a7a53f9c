"""`devflow keys`."""

from typing import Annotated

import typer

from devflow.cli.frame import Output, finish, options_of
from devflow.commands import keys

Public = Annotated[bool, typer.Option("--public", help="Print the public key alone; make none.")]


def command(context: typer.Context, public: Public = False, output: Output = "auto") -> None:
    """Make the key that images are signed with where there is none, and say where it is."""
    finish(keys.keys, options_of(context, output), public_alone=public)
