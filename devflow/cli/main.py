"""The `devflow` command: its groups, the options before the command, and the exit code for what
cannot be parsed.

click is not imported: newer typers carry a copy of their own, whose errors are other classes than
click's.
"""

import sys
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from devflow import VERSION
from devflow.app import Options
from devflow.cli import look, setup, work
from devflow.cli.frame import help_alone, said
from devflow.model.errors import UsageError

# the class of every mistake in typing, whosever click it is; all of them have what a bad parameter
# has
MISTYPED: Final = cast(type[typer.BadParameter], typer.BadParameter.__base__)

app = typer.Typer(
    name="devflow",
    help="One run per ticket, from the JIRA ticket to the retrospective: 29 measured steps, driven by pipeline.yaml.",
    invoke_without_command=True,
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
    directory: Annotated[
        Path, typer.Option("-C", "--directory", help="Work as if started there.")
    ] = Path("."),
    pipeline: Annotated[
        Path | None, typer.Option(help="Another file than the repository's pipeline.yaml.")
    ] = None,
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox", help="Use the local JIRA and GitHub; nothing leaves this machine."
        ),
    ] = False,
    person: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Act as one of the sandbox's people.")
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Takes the options that stand before the command."""
    context.obj = Options(directory.resolve(), pipeline, sandbox, person)
    help_alone(context)


work.add_to(app)
look.add_to(app)
setup.add_to(app)


def main() -> None:
    """The entry point: exits with devflow's own codes, 2 for what cannot be parsed."""
    try:
        code = app(prog_name="devflow", standalone_mode=False)
    except typer.Exit as ended:
        code = ended.exit_code
    except typer.Abort:
        code = 130
    except MISTYPED as error:
        hint = error.ctx.command_path if error.ctx else "devflow"
        sys.stderr.write(said(UsageError(error.format_message(), hint=f"{hint} --help")) + "\n")
        code = UsageError.exit_code
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
