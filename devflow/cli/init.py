"""`devflow init`."""

from typing import Annotated

import typer

from devflow.cli.frame import Output, finish, options_of
from devflow.commands import init
from devflow.model.survey.seen import Connect


def command(
    context: typer.Context,
    base: Annotated[
        str, typer.Option(metavar="BRANCH", help="The branch that tickets begin from.")
    ] = "",
    remote: Annotated[str, typer.Option(metavar="NAME", help="The remote that is pushed to.")] = "",
    project: Annotated[
        str, typer.Option(metavar="KEY", help="The key of the JIRA project, as SCRUM.")
    ] = "",
    repository: Annotated[
        str, typer.Option(metavar="OWNER/NAME", help="The repository at GitHub.")
    ] = "",
    connect: Annotated[
        Connect, typer.Option(help="The local JIRA and GitHub, or those of the environment.")
    ] = "sandbox",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the file; write nothing.")
    ] = False,
    output: Output = "auto",
) -> None:
    """Look at this repository and write the shortest pipeline.yaml that it can pass."""
    answers = init.Answers(base, remote, project, repository, connect)
    finish(init.init, options_of(context, output), answers, dry_run)
