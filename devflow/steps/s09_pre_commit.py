"""Step 9, pre-commit: the repository's own hooks in a checkout of the tree that will be committed.

A hook that changes files sends back to coding, with its changes in the working tree, and the
command ends there: what is tested, checked and committed is one tree, which its developer has seen.
"""

import json
import re
import shlex
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Iterator, Sequence

from pydantic import Field

from devflow.craft.examine import quality
from devflow.craft.quality.hook_errors import is_waiting, problem_of
from devflow.craft.quality.hook_lines import HOOK_EVIDENCE, has_run, hook_checks, manager_checks
from devflow.craft.quality.hook_place import HookPlace
from devflow.craft.quality.hooks import BEFORE_COMMIT, CONFIG, Told, configured, told
from devflow.craft.quality.own_hooks import OwnHook, ended, own_hook
from devflow.craft.tree.ticket_branch import checked_out
from devflow.model.bounds.numbers import Seconds
from devflow.model.change import Branch, Coding, Hook, Hooks, LocalTests
from devflow.model.checks import Check, at_least, fact, held, measure, missing, note
from devflow.model.figures import absent, count, text
from devflow.model.outcomes import Absent, Foreseen, Needed, SendBack
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import one_line, plural, short_sha
from devflow.ports.around import Around
from devflow.ports.repository import Repository
from devflow.ports.shell import Command, Ran
from devflow.step import Step, Tools, Turn

# bytes of names that a command is given; Linux takes 2 MiB with the environment, macOS 1
_NAMES_BYTES: Final = 262_144
_ARGUMENTS: Final = ("run", "--color", "never", "--verbose")
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
        is_measured = not (result.problem or result.unmeasured or result.exit_only)
        # what is red beside its tests has no words in these counts
        is_told = is_measured and (result.failed or not result.red)
        is_usable = result.tree == needs.tree.id and is_told
        if is_usable:
            counts = {"passed": result.passed, "failed": result.failed, "tree": result.tree}
            suites[result.suite] = counts
    return {"DEVFLOW_SUITE_RESULTS_JSON": json.dumps({"suites": suites})}


@dataclass(frozen=True)
class _Scope:
    """The files of the tree that the ticket touches, and the commit that it is compared with;
    without that, in a pipeline without coding, all files are asked about."""

    base: str
    touched: frozenset[str]

    @classmethod
    def of(cls, repository: Repository, needs: Needs) -> "_Scope":
        if isinstance(needs.coding, Absent) or not needs.coding.base:
            return cls("", frozenset(repository.paths(needs.tree.id)))
        base = needs.coding.base
        changes = repository.changes(base, needs.tree.id)
        there = frozenset(repository.paths(needs.tree.id))
        return cls(base, there.intersection(file.path for file in changes))


def _send_back(
    repository: Repository, needs: Needs, asked: "_Asked", mine: frozenset[str]
) -> SendBack:
    """Writes back only files of the ticket that are still as they were judged: what was edited
    meanwhile is the developer's.

    No file is deleted: an untracked one would be lost for good.
    """
    # the working tree of another branch is none of this ticket's to mend
    ran = asked.ran
    may_write = frozenset[str]()
    if checked_out(repository) == needs.branch.name:
        changes = repository.changes(needs.tree.id, repository.work_tree())
        may_write = mine - {file.path for file in changes}
    todo = []
    for path in ran.changed:
        in_shell = shlex.quote(path)
        if path not in mine:
            todo.append(f"{path}: {_left_words(path, asked.is_gits)}")
        elif repository.read(ran.tree_after, path) is None:
            todo.append(f"{path}: would be deleted by a hook; type: rm {in_shell}")
        elif path in may_write:
            repository.restore(path, ran.tree_after)
            todo.append(f"{path}: {_MENDED}")
        else:
            command = _by_hand(path, asked.is_gits)
            todo.append(f"{path}: would be changed by a hook; type: {command}")
    beside = _failed_beside(asked.said)
    return SendBack(to="coding", why=_who_changed(asked.said), todo=(*todo, *beside))


def _who_changed(said: Told) -> str:
    failed = [hook.name for hook in said.hooks if hook.outcome == "failed"]
    names = ", ".join(said.changing or failed)
    return f"{names or 'a hook'} changed files"


def _failed_beside(said: Told) -> Iterator[str]:
    """What else failed, which the next round would tell too late."""
    for hook in said.hooks if said.changing else ():
        if hook.outcome == "failed" and hook.name not in said.changing:
            yield f"{hook.name}: {one_line(hook.output) or 'failed'}"


def _left_words(path: str, is_gits: bool) -> str:
    command = _by_hand(path, is_gits)
    return f"left alone, the ticket does not touch it; to take it in, type: {command}"


def _by_hand(path: str, is_gits: bool) -> str:
    """The command with which a developer has the hook do the same in the working tree."""
    if is_gits:
        return f"git hook run {BEFORE_COMMIT}"
    return f"pre-commit run --files {shlex.quote(path)}"


@dataclass(frozen=True)
class _Asked:
    """What one command of hooks ended with; ``is_gits``: of git's own, not pre-commit's."""

    ran: Ran
    said: Told
    problem: str = ""
    is_gits: bool = False

    @property
    def hooks(self) -> tuple[Hook, ...]:
        """Each as it ended; of one that fixed what git stores otherwise, that."""
        is_same = bool(self.ran.tree_after) and not self.ran.changed
        return tuple(_contradicted(hook) if is_same else hook for hook in self.said.hooks)


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Hooks | SendBack:
    """Runs the hooks on the files of the ticket, or on every file of the tree: pre-commit's, and
    the one that git itself would run."""
    around = _Frame.of(tools, turn, params, needs)
    own = own_hook(tools.repository, needs.tree.id, BEFORE_COMMIT)
    ended_with = []
    for asked in _asked(tools, around, own):
        mine = around.scope.touched.intersection(asked.ran.changed)
        if mine:
            return _send_back(tools.repository, needs, asked, mine)
        ended_with.append(asked)
    return _hooks(around, own, ended_with)


def _hooks(around: "_Frame", own: OwnHook, ended_with: Sequence[_Asked]) -> Hooks:
    problem = "; ".join(asked.problem for asked in ended_with if asked.problem)
    if not ended_with:
        problem = f"no {CONFIG} in the tree, and {own.none}"
    by_git = [asked.ran.changed for asked in ended_with if asked.is_gits]
    left = chain.from_iterable(asked.ran.changed for asked in ended_with)
    return Hooks(
        tree=around.needs.tree.id,
        hooks=tuple(chain.from_iterable(asked.hooks for asked in ended_with)),
        problem=problem,
        files=len(around.scope.touched),
        all_files=around.is_whole,
        left=tuple(dict.fromkeys(left)),
        left_by_git=tuple(chain.from_iterable(by_git)),
        managers=own.managers,
    )


@dataclass(frozen=True)
class _Frame:
    """What every command of hooks is made from."""

    turn: Turn
    params: Params
    needs: Needs
    scope: _Scope
    place: HookPlace

    @classmethod
    def of(cls, tools: Tools, turn: Turn, params: Params, needs: Needs) -> "_Frame":
        """The frame of one turn."""
        place = HookPlace.of(tools.shell, tools.repository.paths(needs.tree.id))
        return cls(turn, params, needs, _Scope.of(tools.repository, needs), place)

    @property
    def is_whole(self) -> bool:
        """Whether all files are asked about."""
        return self.params.all_files or not self.scope.base

    @property
    def is_large(self) -> bool:
        """Whether the ticket has more files than a command can be told."""
        size_bytes = sum(len(path.encode()) + 1 for path in self.scope.touched)
        return size_bytes > _NAMES_BYTES

    def which(self) -> tuple[str, ...]:
        """The option that says which files pre-commit is asked about: without one, what is
        staged."""
        if self.is_whole:
            return ("--all-files",)
        if self.is_large:
            return ()
        # a name that looks like an option is none behind a folder
        names = (f"./{path}" if path.startswith("-") else path for path in self.scope.touched)
        return ("--files", *sorted(names))

    def command(self, argv: tuple[str, ...], log: str) -> Command:
        """A command in a checkout of the tree, as it is before it is committed."""
        tree = self.needs.tree
        if self.is_large and not self.is_whole:
            # all of the ticket is staged then, as if it were one commit
            tree = tree.model_copy(update={"commit": self.scope.base})
        command = self.place.command(argv, tree)
        return replace(
            command,
            env={**command.env, **_known_results(self.needs)},
            timeout_s=self.params.timeout_s,
            compare=True,
            keep_log=log,
        )

    def say(self, line: str) -> None:
        """Tells what a hook prints."""
        self.turn.say(_WAITING if is_waiting(line) else one_line(line))


def _asked(tools: Tools, around: _Frame, own: OwnHook) -> Iterator[_Asked]:
    config = tools.repository.read(around.needs.tree.id, CONFIG)
    entry = around.turn.entry
    if config is not None:
        yield _pre_commit(tools, around, config)
    if own.argv:
        ran = tools.shell.measure(around.command(own.argv, f"{entry}-git"), around.say)
        hook, problem = ended(own, ran)
        changing = (own.name,) if ran.changed else ()
        yield _Asked(ran, Told(() if problem else (hook,), changing=changing), problem, True)


def _pre_commit(tools: Tools, around: _Frame, config: str) -> _Asked:
    program = around.place.program("pre-commit")
    if not program:
        advice = "no pre-commit on this machine; type: pipx install pre-commit"
        return _Asked(Ran(None, "", 0.0), Told(()), advice)
    argv = (program, *_ARGUMENTS, *around.which())
    ran = tools.shell.measure(around.command(argv, around.turn.entry), around.say)
    said = told(ran.in_tree(ran.output), around.place.marked(configured(config)))
    return _Asked(ran, said, problem_of(ran, said))


def _contradicted(hook: Hook) -> Hook:
    """A hook that fixes what git stores otherwise would be sent back to for ever."""
    if hook.outcome != "failed" or not _FIXED.search(hook.output):
        return hook
    return hook.model_copy(update={"output": f"{_CONTRADICTION}: {hook.output}"})


def judge(params: Params, product: Hooks) -> tuple[Check, ...]:
    """Every hook passed, and at least one ran, or had no file of the ticket to look at."""
    source = f"pre-commit on {short_sha(product.tree)}"
    lines = list(hook_checks(product.hooks, source))
    if product.problem:
        problem = absent(product.problem)
        lines.append(missing(measure("pre_commit", "pre-commit", problem, CONFIG)))
    elif not any(map(has_run, product.hooks)):
        lines.append(_none_ran(product))
    return (*lines, *_around(product, source))


def _none_ran(product: Hooks) -> Check:
    """Hooks that are there, and have no file of the ticket to look at, hold up no commit either."""
    idle = [hook for hook in product.hooks if hook.outcome == "not_run"]
    if idle:
        why = absent(idle[0].output)
        return missing(measure("hooks", "hooks that ran", why, idle[0].name))
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
        words = text(_left_words(path, path in product.left_by_git))
        yield note(measure("left", "not touched", words, path, about=path))
    yield from manager_checks(product.managers)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """What runs the hooks."""
    yield from quality.hooks(around, CONFIG, BEFORE_COMMIT)


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
    examine=examine,
    sends_back_to="coding",
    ends_when_sent_back=True,
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
