"""The `devflow` command: its groups, the options before the command, and the exit code for what cannot be parsed."""

import sys
from pathlib import Path
from typing import Annotated

import click
import typer

from devflow import VERSION
from devflow.app import Options
from devflow.cli import look, setup, work
from devflow.cli.frame import said
from devflow.model.errors import UsageError

app = typer.Typer(
    name="devflow",
    help="One run per ticket, from the JIRA ticket to the retrospective: 29 measured steps, driven by pipeline.yaml.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"devflow {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("-C", "--directory", help="Work as if started there.")] = Path("."),
    pipeline: Annotated[Path | None, typer.Option(help="Another file than the repository's pipeline.yaml.")] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Use the local JIRA and GitHub; nothing leaves this machine.")] = False,
    person: Annotated[str, typer.Option("--as", metavar="NAME", help="Act as one of the sandbox's people.")] = "",
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Takes the options that stand before the command."""
    context.obj = Options(directory.resolve(), pipeline, sandbox, person)


work.add_to(app)
look.add_to(app)
setup.add_to(app)


def main() -> None:
    """The entry point: exits with devflow's own codes, 2 for what cannot be parsed."""
    try:
        code = app(standalone_mode=False)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        hint = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "devflow"
        sys.stderr.write(said(UsageError(error.format_message(), hint=f"{hint} --help")) + "\n")
        code = UsageError.exit_code
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
