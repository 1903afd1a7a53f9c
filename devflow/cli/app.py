"""The `devflow` command as typer has it: a table of its commands, the options before them, and the
exit code for what cannot be parsed.

A command's module is imported when the command is typed, so that `--help` loads neither engine nor
steps nor a client library. click is not imported: newer typers carry a copy of their own, whose
errors are other classes than click's.
"""

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup

from devflow import VERSION
from devflow.cli.arguments import people
from devflow.cli.ending import output_lost, tell_error
from devflow.cli.frame import help_alone
from devflow.model.errors import DevflowError, UsageError
from devflow.wiring.options import Options
from devflow.wiring.stdout import OutputLost


class Command(NamedTuple):
    """Where a command's signature stands, and its line in `devflow --help`."""

    module: str
    help: str
    hidden: bool = False


COMMANDS: Final = {
    "init": Command("devflow.cli.init", "Look at this repository and write its pipeline.yaml."),
    "doctor": Command("devflow.cli.doctor", "Show what the pipeline needs and what is missing."),
    "start": Command("devflow.cli.start", "Begin a ticket, up to the developer's turn."),
    "ship": Command("devflow.cli.ship", "Coding is done: run or resume up to the next gate."),
    "continue": Command("devflow.cli.ship", "Another name of ship.", hidden=True),
    "approve": Command("devflow.cli.approve", "Approve what a gate waits for."),
    "reject": Command("devflow.cli.reject", "Reject what a gate waits for."),
    "promote": Command("devflow.cli.promote", "Give a canary all requests."),
    "abort": Command("devflow.cli.abort", "Take a canary back."),
    "rollback": Command("devflow.cli.rollback", "Take an environment to its previous version."),
    "down": Command("devflow.cli.down", "End what was deployed here."),
    "plan": Command("devflow.cli.plan", "Show what would be written; write nothing."),
    "status": Command("devflow.cli.status", "Show how the run stands and what runs where."),
    "environments": Command("devflow.cli.environments", "Show what runs where, as it answers."),
    "explain": Command("devflow.cli.explain", "List the steps, or explain one."),
    "analyse": Command("devflow.cli.analyse", "Show what any image consists of, and its grade."),
    "logs": Command("devflow.cli.logs", "Show what an entry or a service printed."),
    "demo": Command("devflow.cli.demo", "Play a whole ticket on this machine alone."),
    "verify": Command("devflow.cli.verify", "Check an image's digests, signatures and documents."),
    "cache": Command("devflow.cli.cache", "Show or prune what images take on this disk."),
    "keys": Command("devflow.cli.keys", "Make the key that images are signed with, or show it."),
    "sandbox": Command("devflow.cli.sandbox", "The local JIRA and GitHub of this repository."),
}

# the class of every mistake in typing, whosever click it is; all have what a bad parameter has
MISTYPED: Final = cast(type[typer.BadParameter], typer.BadParameter.__base__)


class CommandTable(TyperGroup):
    """The group whose commands stand in the table."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # names and help lines alone, for suggestions and completion; `get_command` loads
        for name, entry in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=entry.help, hidden=entry.hidden)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, loaded now; ``None`` where there is none of this name."""
        entry = COMMANDS.get(cmd_name)
        return _loaded(cmd_name, entry) if entry else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The table for `--help`, without loading any command."""
        rows = [(name, one.help) for name, one in COMMANDS.items() if not one.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """The names that a shell may complete, without loading any command."""
        names = TyperGroup(name=self.name, commands=dict(self.commands), params=self.params)
        return names.shell_complete(typer.Context(names), incomplete)


def _loaded(name: str, entry: Command) -> Any:
    """What typer makes of a command's function, or of a group of commands."""
    target = import_module(entry.module).command
    loaded: Any
    if isinstance(target, typer.Typer):
        loaded = typer.main.get_group(target)
    else:
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
        )
        alone.command(name)(target)
        loaded = typer.main.get_command(alone)
    loaded.name = name
    loaded.hidden = entry.hidden
    return loaded


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"devflow {VERSION}")
        raise typer.Exit


app = typer.Typer(
    name="devflow",
    cls=CommandTable,
    help=(
        "One run per ticket, from the JIRA ticket to the retrospective: 29 measured steps, "
        "driven by pipeline.yaml."
    ),
    invoke_without_command=True,
    # every command takes them from here
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
        str,
        typer.Option(
            "--as",
            metavar="NAME",
            help="Act as one of the sandbox's people.",
            autocompletion=people,
        ),
    ] = "",
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Takes the options that stand before the command."""
    # not `resolve`, which does not take a link that leads to itself
    place = Path(os.path.realpath(directory))
    # git would look in the folder around it, and work on another repository than the one meant
    _require_folder(place)
    context.obj = Options(place, pipeline, sandbox, person)
    help_alone(context)


def _require_folder(place: Path) -> None:
    if place.is_dir():
        return
    problem = "not a directory" if os.path.lexists(place) else "no such directory"
    raise UsageError(f"{problem}: {place}")


def run() -> int:
    """Parses the command line and carries it out; answers devflow's own exit codes, 2 for what
    cannot be parsed."""
    code: int | None
    try:
        code = app(prog_name="devflow", standalone_mode=False)
    except typer.Exit as ended:
        code = ended.exit_code
    except typer.Abort:
        code = 130
    except MISTYPED as error:
        command = error.ctx.command_path if error.ctx else "devflow"
        # typer has what pydantic says of a value, and that says what kind of error it was first
        message = error.format_message().replace(": Value error, ", ": ")
        tell_error(UsageError(message, hint=f"{command} --help"))
        code = UsageError.exit_code
    except DevflowError as missing:
        # a command's module is loaded outside of the command
        tell_error(missing)
        code = missing.exit_code
    except OutputLost as lost:
        code = output_lost(lost)
    return code or 0
