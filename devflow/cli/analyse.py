"""`devflow analyse`."""

from typing import Annotated

import typer

from devflow.cli.frame import Output, finish, options_of
from devflow.commands import analyse

Image = Annotated[
    str,
    typer.Argument(
        metavar="IMAGE|LAYOUT|TAR",
        help="A reference, an OCI layout or a tar; PATH:NAME where it holds several.",
    ),
]
Platform = Annotated[str, typer.Option(help="Such as linux/arm64; else all.", show_default=False)]
Budget = Annotated[
    float | None, typer.Option("--budget-mb", help="End with 1 where it is larger unpacked.")
]
Base = Annotated[
    str, typer.Option(help="Digest of the base image, where it lies there too.", show_default=False)
]


def command(
    context: typer.Context,
    image: Image,
    platform: Platform = "",
    budget_mb: Budget = None,
    base: Base = "",
    output: Output = "auto",
) -> None:
    """Show what any image consists of: its bytes by origin and layer, waste, secrets, a grade.

    Ends with 1 where a secret was found or the budget is missed.
    """
    wanted = analyse.Wanted(image, platform, budget_mb, base)
    finish(analyse.analyse, options_of(context, output), wanted)
