"""Step 9, pre-commit: the repository's own hooks in a checkout of the tree that will be committed.

A hook that changes files sends back to coding, with its changes in the working tree, so that what
is tested, checked and committed is one tree.
"""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final, Iterator

from pydantic import Field

from devflow.craft.quality.hook_errors import cause, is_waiting
from devflow.craft.quality.hook_lines import HOOK_EVIDENCE, hook_checks, manager_checks
from devflow.craft.quality.hooks import CONFIG, Told, configured, told
from devflow.craft.tree.ticket_branch import checked_out
from devflow.model.bounds.numbers import Seconds
from devflow.model.change import Branch, Coding, Hook, Hooks, LocalTests
from devflow.model.checks import Check, at_least, fact, held, measure, missing, note
from devflow.model.figures import NOT_MEASURED, count, text
from devflow.model.outcomes import Absent, Foreseen, SendBack
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import first_of, one_line, plural, short_sha
from devflow.ports.repository import Repository
from devflow.ports.shell import Command, Ran
from devflow.step import Step, Tools, Turn

# without names pre-commit takes what is staged, as it does for `git commit`
_ARGUMENTS: Final = ("run", "--color", "never", "--verbose")
CAUSE_CHARS: Final = 600  # characters; a command, its complaint and the place of a log
NAMED: Final = 5  # hooks; more would bury what matters
_FIXED: Final = re.compile(r"\bfix(?:ed|ing)\b", re.IGNORECASE)
_CONTRADICTION: Final = (
    "says that it fixed files, and git would commit the same tree: an attribute of "
    ".gitattributes (eol, text) contradicts the hook"
)
_MENDED: Final = "mended by a hook, the change is in the working tree"
_WAITING: Final = "waiting for another pre-commit, which works in the same store"


class Params(Value):
    """Which files the hooks are asked about, and how long they may take."""

    all_files: bool = Field(
        default=False,
        description="every file of the tree; without it the ticket's, as git commit asks",
    )
    timeout_s: Limit[Seconds] = Field(
        default=600.0,
        description="seconds for all hooks together; ten minutes, since a first run installs the "
        "hooks' own environments",
    )


@dataclass(frozen=True)
class Needs:
    """The tree, what the ticket changes in it, and step 8's results, which suite hooks read for the
    same tree."""

    tree: Tree
    branch: Branch
    coding: Coding | Absent
    local_tests: LocalTests | Absent


def _known_results(needs: Needs) -> dict[str, str]:
    """The environment by which a suite hook knows step 8's result; tests/run_suite.py reads it."""
    tests = needs.local_tests
    if isinstance(tests, Absent):
        return {}
    suites = {}
    for result in tests.suites:
        is_measured = not (result.problem or result.unmeasured)
        is_usable = result.tree == needs.tree.id and is_measured
        if is_usable:
            counts = {"passed": result.passed, "failed": result.failed, "tree": result.tree}
            suites[result.suite] = counts
    return {"DEVFLOW_SUITE_RESULTS_JSON": json.dumps({"suites": suites})}


@dataclass(frozen=True)
class _Scope:
    """The files that the ticket touches, and the commit that it is compared with; without that,
    which no pipeline lacks that knows coding, all files are asked about."""

    base: str
    touched: frozenset[str]

    @classmethod
    def of(cls, repository: Repository, needs: Needs) -> "_Scope":
        if isinstance(needs.coding, Absent) or not needs.coding.base:
            return cls("", frozenset(repository.paths(needs.tree.id)))
        base = needs.coding.base
        changes = repository.changes(base, needs.tree.id)
        return cls(base, frozenset(file.path for file in changes))


def _send_back(
    repository: Repository, needs: Needs, ran: Ran, said: Told, mine: frozenset[str]
) -> SendBack:
    """Writes back only files of the ticket that are still as they were judged: what was edited
    meanwhile is the developer's.

    No file is deleted: an untracked one would be lost for good.
    """
    # the working tree of another branch is none of this ticket's to mend
    may_write = frozenset[str]()
    if checked_out(repository) == needs.branch.name:
        changes = repository.changes(needs.tree.id, repository.work_tree())
        may_write = mine - {file.path for file in changes}
    todo = []
    for path in ran.changed:
        in_shell = shlex.quote(path)
        if path not in mine:
            todo.append(f"{path}: {_left_words(path)}")
        elif repository.read(ran.tree_after, path) is None:
            todo.append(f"{path}: would be deleted by a hook; type: rm {in_shell}")
        elif path in may_write:
            repository.restore(path, ran.tree_after)
            todo.append(f"{path}: {_MENDED}")
        else:
            command = f"pre-commit run --files {in_shell}"
            todo.append(f"{path}: would be changed by a hook; type: {command}")
    return SendBack(to="coding", why=_who_changed(said), todo=(*todo, *_failed_beside(said)))


def _who_changed(said: Told) -> str:
    failed = [hook.name for hook in said.hooks if hook.outcome == "failed"]
    names = ", ".join(said.changing or failed)
    return f"{names or 'a hook'} changed files"


def _failed_beside(said: Told) -> Iterator[str]:
    """What else failed, which the next round would tell too late."""
    for hook in said.hooks if said.changing else ():
        if hook.outcome == "failed" and hook.name not in said.changing:
            yield f"{hook.name}: {one_line(hook.output) or 'failed'}"


def _left_words(path: str) -> str:
    command = f"pre-commit run --files {shlex.quote(path)}"
    return f"left alone, the ticket does not touch it; to take it in, type: {command}"


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Hooks | SendBack:
    """Runs the hooks on the files of the ticket, or on every file of the tree."""
    tree = needs.tree.id
    config = tools.repository.read(tree, CONFIG)
    if config is None:
        return Hooks(tree=tree, hooks=(), problem=f"no {CONFIG} in the tree")
    program = tools.shell.found("pre-commit")
    if not program:
        advice = "no pre-commit on this machine; type: pipx install pre-commit"
        return Hooks(tree=tree, hooks=(), problem=advice)

    def say(line: str) -> None:
        turn.say(_WAITING if is_waiting(line) else one_line(line))

    scope = _Scope.of(tools.repository, needs)
    is_whole = params.all_files or not scope.base
    ran = tools.shell.measure(_command(turn, params, needs, scope, program), say)
    said = told(ran.output, configured(config))
    mine = scope.touched.intersection(ran.changed)
    if mine:
        return _send_back(tools.repository, needs, ran, said, mine)
    is_same = bool(ran.tree_after) and not ran.changed
    return Hooks(
        tree=tree,
        hooks=tuple(_contradicted(hook) if is_same else hook for hook in said.hooks),
        problem=_problem(ran, said),
        files=len(scope.touched),
        all_files=is_whole,
        left=ran.changed,
    )


def _command(turn: Turn, params: Params, needs: Needs, scope: _Scope, program: str) -> Command:
    is_whole = params.all_files or not scope.base
    # what lies between the base and the tree is staged then: the ticket as one commit
    on_base = needs.tree.model_copy(update={"commit": scope.base})
    return Command(
        (program, *_ARGUMENTS, *(["--all-files"] if is_whole else [])),
        tree=needs.tree if is_whole else on_base,
        env=_known_results(needs),
        timeout_s=params.timeout_s,
        compare=True,
        keep_log=turn.entry,
    )


def _contradicted(hook: Hook) -> Hook:
    """A hook that fixes what git stores otherwise would be sent back to for ever."""
    if hook.outcome != "failed" or not _FIXED.search(hook.output):
        return hook
    return hook.model_copy(update={"output": f"{_CONTRADICTION}: {hook.output}"})


def _problem(ran: Ran, said: Told) -> str:
    """Why the hooks' outcomes are not all there is, empty where they are."""
    # hooks that failed speak for themselves; an exit code without one has another cause
    has_failed = any(hook.outcome == "failed" for hook in said.hooks)
    if ran.problem or has_failed:
        return ran.problem
    if not ran.exit_code:
        names = first_of(said.silent, NAMED)
        return f"pre-commit ended with 0, and did not run {names}" if names else ""
    return one_line(cause(ran.output), CAUSE_CHARS) or "pre-commit said nothing"


def judge(params: Params, product: Hooks) -> tuple[Check, ...]:
    """Every hook passed, and at least one ran, or had no file of the ticket to look at."""
    source = f"pre-commit on {short_sha(product.tree)}"
    lines = list(hook_checks(product.hooks, source))
    has_run = any(hook.outcome != "skipped" for hook in product.hooks)
    if product.problem:
        whole = measure("pre_commit", "pre-commit", NOT_MEASURED, CONFIG)
        lines.append(missing(whole, product.problem))
    elif not has_run:
        lines.append(_none_ran(product))
    return (*lines, *_around(product, source))


def _none_ran(product: Hooks) -> Check:
    """Hooks that are there, and have no file of the ticket to look at, hold up no commit either."""
    if product.hooks and not product.all_files:
        none = text("none is about these files")
        return fact(measure("hooks", "hooks that ran", none, CONFIG), True)
    return held(measure("hooks", "hooks that ran", count(0), CONFIG), at_least(1))


def _around(product: Hooks, source: str) -> Iterator[Check]:
    if product.hooks:
        whole = text("every file of the tree")
        asked = (
            whole
            if product.all_files
            else text(plural(product.files, "file of the ticket", "files of the ticket"))
        )
        yield note(measure("files", "asked about", asked, source))
    for path in product.left:
        yield note(measure("left", "not touched", text(_left_words(path)), path, about=path))
    yield from manager_checks(product.managers)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written, as long as no hook changes a file."""
    return Foreseen(known={"tree": needs.tree.id})


STEP = Step(
    name="pre_commit",
    title="Pre-commit",
    params=Params,
    needs=Needs,
    makes=Hooks,
    make=make,
    judge=judge,
    foresee=foresee,
    sends_back_to="coding",
    number=9,
    evidence={
        **HOOK_EVIDENCE,
        "pre_commit": "why the hooks' outcomes are not all there is",
        "hooks": "that none of them ran",
        "files": "which files the hooks were asked about",
        "left": "a file that a hook would change and the ticket does not touch, about its path",
    },
    project_parts=(),
)
