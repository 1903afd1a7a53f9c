"""`devflow keys`."""

from typing import Annotated

import typer

from devflow.cli.frame import finish, options_of
from devflow.commands import keys

Public = Annotated[bool, typer.Option("--public", help="Print the public key alone; make none.")]


def command(context: typer.Context, public: Public = False) -> None:
    """Make the key that images are signed with where there is none, and say where it is."""
    finish(keys.keys, options_of(context), public_alone=public)
