"""A command as a step: `licences: {uses: shell, with: {run: "pip-licenses --fail-on GPL"}}`.

No shell reads ``run``: it is split into words and started as it stands. A command that changes the
world is run once; ``unless`` names a command that, when it ends with 0, says that it has happened.
"""

import shlex
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import AfterValidator

from devflow.model.wording import one_line
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.project import Project
from devflow.model.values import Fact, Limit, Value
from devflow.ports.shell import Command, Ran
from devflow.step import See, Step, Tools, Turn


def _words(text: str) -> str:
    """Refuses what cannot be split, when pipeline.yaml is read."""
    shlex.split(text)
    return text


def _command(text: str) -> str:
    if not shlex.split(text):
        raise ValueError("a command is missing")
    return text


class Params(Value):
    """``changes: true`` runs in the working tree, once; else on a clean export of it. ``cwd`` is a
    folder of the tree."""

    run: Annotated[str, AfterValidator(_command)]
    cwd: str = ""
    env: dict[str, str] = {}
    unless: Annotated[str, AfterValidator(_words)] = ""
    changes: bool = False
    timeout_s: Limit[float] = 600.0  # s; a step that takes longer than this on 2 cores hangs


@dataclass(frozen=True)
class Needs:
    """Nothing but the project."""

    project: Project


class CommandResult(Value):
    """How the command ended; ``problem`` says why it has no exit code, ``output`` is its last line."""

    exit_code: int | None
    output: Fact[str] = ""
    duration_s: Fact[float] = 0.0
    problem: Fact[str] = ""


def _of(params: Params, text: str) -> Command:
    return Command(
        tuple(shlex.split(text)), cwd=params.cwd, env=params.env, timeout_s=params.timeout_s
    )


def _ended(ran: Ran) -> CommandResult:
    last = next((line for line in reversed(ran.output.splitlines()) if line.strip()), "")
    return CommandResult(
        exit_code=ran.exit_code,
        output=one_line(last),
        duration_s=ran.duration_s,
        problem=ran.problem,
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> CommandResult | None:
    """What ``unless`` says; without it nothing can be told."""
    if not params.unless:
        return None
    ran = see.shell.measure(_of(params, params.unless))
    return _ended(ran) if ran.exit_code == 0 else None


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> CommandResult | Absent | None:
    """Runs the command. Raises ``StepFailed`` with its last lines where one that changes the world
    fails."""
    command = replace(_of(params, params.run), keep_log=turn.entry)
    program = command.argv[0]
    if "/" not in program and not tools.shell.found(program):
        return Absent(kind="unavailable", why=f"no {program} on this machine")
    if not params.changes:
        tree = tools.repository.work_tree()
        return _ended(
            tools.shell.measure(replace(command, tree=tree), lambda line: turn.say(one_line(line)))
        )
    tools.shell.act(turn.entry, command)
    # act returns for a command that ended with 0, and for one that an earlier attempt has already
    # ended
    return None if params.unless else CommandResult(exit_code=0)


def judge(params: Params, product: CommandResult) -> tuple[Check, ...]:
    """It ended with 0."""
    said = product.problem or (
        f"ended with {product.exit_code}" + (f": {product.output}" if product.output else "")
    )
    return (
        Check(
            label="command",
            ok=product.exit_code == 0,
            measured=said,
            limit="ends with 0",
            source=params.run,
        ),
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The command, where it changes the world."""
    return Foreseen((Write(port="shell", verb="act", target=params.run),) if params.changes else ())


STEP = Step(
    name="shell",
    title="Shell command",
    params=Params,
    needs=Needs,
    makes=CommandResult,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    project_parts=(),
)
