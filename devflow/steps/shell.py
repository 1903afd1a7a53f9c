"""A command as a step: `licences: {uses: shell, with: {run: "pip-licenses --fail-on GPL"}}`.

No shell reads ``run``: a list of words is started as it stands, a text is split into words. A
command that measures runs in a checkout of the tree that the entry is bound to, again whenever that
is another, and after the push for another commit of the same tree, which has no status yet; entries
that name the same ``in:`` share one. A command that changes the world is run once for each pushed
commit; ``unless`` names a command that, when it ends with 0, says that it has happened. After the
push how it ended is told as a status of the commit.
"""

from dataclasses import dataclass, replace
from typing import Iterator, Self

from pydantic import Field, model_validator

from devflow.craft.evidence import plan_write
from devflow.craft.examine.programs import program_needed
from devflow.craft.review.commands import outcome_text
from devflow.model.bounds.commands import CommandOrNone, RunCommand, argv_of, text_of
from devflow.model.bounds.numbers import Seconds
from devflow.model.bounds.places import RepositoryPathOrNone
from devflow.model.bounds.statuses import ENTRY, StatusNameOrNone, foreseen_status, status_of
from devflow.model.bounds.words import Argument, NameOrNone, Variable
from devflow.model.checks import Check, fact, measure, note, shown, wanted
from devflow.model.ci import CommandResult
from devflow.model.errors import StepFailed
from devflow.model.figures import absent, count, text, tree
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.output.telling import telling_line
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import one_line
from devflow.ports.around import Around
from devflow.ports.shell import Command, Ran
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """The command, and whether it changes the world."""

    run: RunCommand = Field(description="the command: a list of words, or one text of them")
    cwd: RepositoryPathOrNone = Field(
        default="", description="the folder of the tree in which it runs"
    )
    env: dict[Variable, Argument] = Field(default={}, description="more of its environment")
    pass_env: tuple[Variable, ...] = Field(
        default=(),
        description="names of variables that the command gets from devflow's own environment; "
        "their values are secrets, shown and kept nowhere",
    )
    unless: CommandOrNone = Field(
        default="",
        description="a command that ends with 0 where it has already happened; asked in a checkout "
        "of what the working tree is now, without the files that git ignores",
    )
    changes: bool = Field(
        default=False,
        description="whether it changes the world: then it runs in the working tree, once for each "
        "pushed commit before it; else in a checkout of the tree, again whenever that is another",
    )
    in_: NameOrNone = Field(
        default="",
        alias="in",
        description="a name; entries that give the same one share a checkout, such as `npm ci` and "
        "then `npm test`",
    )
    timeout_s: Limit[Seconds] = Field(
        default=600.0, description="seconds; a step that takes longer than this on 2 cores hangs"
    )
    status: Limit[StatusNameOrNone] = Field(
        default=f"devflow/{ENTRY}",
        description=f"after the push, the name of the commit's status, the entry's in the place of "
        f"{ENTRY}; empty for none",
    )

    @model_validator(mode="after")
    def _unless_of_what_changes(self) -> Self:
        # what measures is measured: nothing else can say of this tree how it would end
        if self.unless and not self.changes:
            raise ValueError("unless: is for a command that changes the world (changes: true)")
        return self


@dataclass(frozen=True)
class Needs:
    """The tree that it measures; for a command that changes the world the pushed commit, where
    there is one."""

    tree: Tree | Absent


def _of(params: Params, command: str | tuple[str, ...]) -> Command:
    return Command(
        argv_of(command),
        cwd=params.cwd,
        env=params.env,
        pass_env=params.pass_env,
        timeout_s=params.timeout_s,
    )


def _result(ran: Ran) -> CommandResult:
    lines = [line for line in ran.output.splitlines() if line.strip()]
    said = one_line(lines[-1]) if lines else ""
    return CommandResult(
        exit_code=ran.exit_code,
        output=ran.in_tree(telling_line(ran.output) if said and ran.exit_code else said),
        duration_s=ran.duration_s,
        problem=ran.problem,
    )


def _named(result: CommandResult, tree: Tree | Absent) -> CommandResult:
    """The result with its tree, which a command that changes the world need not have."""
    if isinstance(tree, Absent):
        return result
    return result.model_copy(update={"tree": tree.id, "read_from": tree.read_from})


def look(see: See, turn: Turn, params: Params, needs: Needs) -> CommandResult | None:
    """What ``unless`` says of the world, asked in a checkout of what the working tree is now;
    without it nothing can be told."""
    if not params.unless:
        return None
    here = Tree(id=see.repository.work_tree())
    ran = see.shell.measure(replace(_of(params, params.unless), tree=here))
    return _named(_result(ran), needs.tree) if ran.exit_code == 0 else None


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> CommandResult | Absent | None:
    """Runs the command. Raises ``StepFailed`` with its last lines where one that changes the world
    fails."""
    shell = tools.shell
    command = replace(_of(params, params.run), keep_log=turn.entry)
    program = command.argv[0]
    # a path is left to the shell port, which looks it up where the command runs
    is_path = "/" in program
    if not is_path and not shell.found(program):
        return Absent(kind="unavailable", why=f"no {program} on this machine")
    if params.changes:
        _act(tools, turn, params, needs, command)
        return None if params.unless else _named(CommandResult(exit_code=0), needs.tree)
    if isinstance(needs.tree, Absent):
        return needs.tree

    def say(line: str) -> None:
        turn.say(one_line(line))

    ran = shell.measure(replace(command, tree=needs.tree, shared=params.in_), say)
    result = _named(_result(ran), needs.tree)
    _tell(tools, turn, params, needs, result)
    return result


def _act(tools: Tools, turn: Turn, params: Params, needs: Needs, command: Command) -> None:
    """Runs what changes the world, and tells of it; one that an earlier attempt has ended is not
    run again."""
    try:
        tools.shell.act(turn.entry, command)
    except StepFailed as error:
        _tell(tools, turn, params, needs, CommandResult(exit_code=None, problem=str(error)))
        raise
    _tell(tools, turn, params, needs, CommandResult(exit_code=0))


def _tell(tools: Tools, turn: Turn, params: Params, needs: Needs, result: CommandResult) -> None:
    """Says on the pushed commit how the command ended; before the push there is none."""
    sha = _told_on(params, needs)
    if not sha:
        return
    state = "success"
    if result.exit_code != 0:
        state = "error" if result.exit_code is None else "failure"
    context = status_of(params.status, turn.entry)
    tools.host.set_status(sha, context, state, outcome_text(result))


def _told_on(params: Params, needs: Needs) -> Sha:
    """The pushed commit that is to have a status; empty before the push."""
    tree = needs.tree
    return Sha("") if isinstance(tree, Absent) or not params.status else Sha(tree.commit)


def _foreseen_on(params: Params, needs: Needs) -> str:
    """Which commit is going to have a status; empty for none."""
    tree = needs.tree
    if isinstance(tree, Absent) or not params.status:
        return ""
    # a stand-in for what is not made yet: of the push, or of what comes before it
    if not isinstance(tree, Tree):
        return "the commit, if it is pushed by then"
    return "the pushed commit" if tree.commit else ""


def judge(params: Params, product: CommandResult) -> tuple[Check, ...]:
    """It ended with 0."""
    ended = text(outcome_text(product))
    figure = absent(product.problem, "") if product.problem else ended
    source = text_of(params.run)
    command = measure("command", "command", figure, source)
    lines = [fact(command, product.exit_code == 0, wanted("ends with 0"))]
    if product.exit_code is not None:
        code = count(product.exit_code)
        lines.append(note(measure("command_exit_code", "exit code", code, source)))
    if product.tree:
        label = "run for" if params.changes else "tree"
        ran_on = tree(product.tree, "in the working tree" if params.changes else "")
        lines.append(shown(measure("tree", label, ran_on, product.read_from)))
    return tuple(lines)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """The command's program, where no entry before it brings it in a shared checkout."""
    if not params.in_:
        yield from program_needed(around.shell, argv_of(params.run)[0], argv_of(params.run))


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The command, where it changes the world, and after the push the commit's status."""
    writes = []
    if params.changes:
        writes.append(plan_write("shell", "act", text_of(params.run)))
    where = _foreseen_on(params, needs)
    if where:
        status = foreseen_status(params.status)
        writes.append(plan_write("host", "set_status", f"{status} on {where}"))
    return Foreseen(tuple(writes))


def changes_world(params: Params) -> bool:
    """Whether the command changes the world."""
    return params.changes


def shares(params: Params) -> str:
    """The checkout that the command shares with others."""
    return params.in_


STEP = Step(
    name="shell",
    title="Shell command",
    params=Params,
    needs=Needs,
    makes=CommandResult,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    look=look,
    changes_world=changes_world,
    shares=shares,
    evidence={
        "command": "how the command ended, and its last line; of one that failed the line that "
        "says why",
        "command_exit_code": "its exit code",
        "tree": "the tree that it ran on; of a command that changes the world, which runs in the "
        "working tree, the one that it was run for",
    },
    project_parts=(),
)
