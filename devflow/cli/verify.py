"""`devflow verify`."""

from pathlib import Path
from typing import Annotated

import typer

from devflow.cli.frame import Output, finish, options_of
from devflow.commands import verify

Image = Annotated[
    str,
    typer.Argument(help="Such as ghcr.io/acme/api:1.2, or a folder in OCI's layout."),
]
Key = Annotated[
    Path | None, typer.Option("--key", help="The signer's public key; else your own key's.")
]
Repository = Annotated[
    str,
    typer.Option(
        "--repository",
        metavar="NAME",
        help="The name that it was signed as, where it was copied from elsewhere.",
    ),
]


def command(
    context: typer.Context,
    image: Image,
    key: Key = None,
    repository: Repository = "",
    output: Output = "auto",
) -> None:
    """Check an image: every digest, the signatures, and the documents that are attached. Asks the
    registry alone, no transparency log."""
    finish(verify.verify, options_of(context, output), image, key, repository)
