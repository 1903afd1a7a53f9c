"""Step 9, pre-commit: the repository's own hooks in a checkout of the tree that will be committed.

A hook that changes files sends back to coding, with its changes in the working tree, so that what
is tested, checked and committed is one tree.
"""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft.evidence import distinct
from devflow.craft.quality.hooks import CONFIG, Told, configured, told
from devflow.craft.tree.ticket_branch import checked_out
from devflow.model.bounds.numbers import Seconds
from devflow.model.change import Branch, Hook, Hooks, LocalTests
from devflow.model.checks import Check, at_least, fact, held, measure, missing, note
from devflow.model.figures import NOT_MEASURED, Figure, absent, count, text
from devflow.model.outcomes import Absent, Foreseen, SendBack
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import first_of, one_line, short_sha
from devflow.ports.repository import Repository
from devflow.ports.shell import Command, Ran
from devflow.step import Step, Tools, Turn

# pre-commit keeps its store in a folder of this command alone: measuring leaves no trace
_STORE: Final = ("env", "PRE_COMMIT_HOME={out}/pre-commit")
_ARGUMENTS: Final = ("run", "--all-files", "--color", "never", "--verbose")
NAMED: Final = 5  # hooks; more would bury what matters
_FIXED: Final = re.compile(r"\bfix(?:ed|ing)\b", re.IGNORECASE)
_CONTRADICTION: Final = (
    "says that it fixed files, and git would commit the same tree: an attribute of "
    ".gitattributes (eol, text) contradicts the hook"
)
_MENDED: Final = "mended by a hook, the change is in the working tree"
_NEW: Final = "made by a hook, and in the working tree now: keep it, or name it in .gitignore"


class Params(Value):
    """How long the hooks may take."""

    timeout_s: Limit[Seconds] = Field(
        default=600.0,
        description="seconds for all hooks together; ten minutes, since a first run installs the "
        "hooks' own environments",
    )


@dataclass(frozen=True)
class Needs:
    """The tree, and step 8's results, which suite hooks read for the same tree."""

    tree: Tree
    branch: Branch
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


def _send_back(repository: Repository, needs: Needs, ran: Ran, hooks: tuple[Hook, ...]) -> SendBack:
    """Writes back only files that are still as they were judged: what was edited meanwhile is the
    developer's.

    No file is deleted: an untracked one would be lost for good.
    """
    # the working tree of another branch is none of this ticket's to mend
    is_ours = checked_out(repository) == needs.branch.name
    edited = set()
    if is_ours:
        changes = repository.changes(needs.tree.id, repository.work_tree())
        edited = {file.path for file in changes}
    todo = []
    for path in ran.changed:
        in_shell = shlex.quote(path)
        if repository.read(ran.tree_after, path) is None:
            todo.append(f"{path}: would be deleted by a hook; type: rm {in_shell}")
        elif is_ours and path not in edited:
            repository.restore(path, ran.tree_after)
            is_new = repository.read(needs.tree.id, path) is None
            todo.append(f"{path}: {_NEW if is_new else _MENDED}")
        else:
            command = f"pre-commit run --files {in_shell}"
            todo.append(f"{path}: would be changed by a hook; type: {command}")
    names = ", ".join(hook.name for hook in hooks if hook.outcome == "failed")
    return SendBack(to="coding", why=f"{names or 'a hook'} changed files", todo=tuple(todo))


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Hooks | SendBack:
    """Runs every hook on every file of the tree."""
    tree = needs.tree.id
    config = tools.repository.read(tree, CONFIG)
    if config is None:
        return Hooks(tree=tree, hooks=(), problem=f"no {CONFIG} in the tree")
    program = tools.shell.found("pre-commit")
    if not program:
        advice = "no pre-commit on this machine; type: pipx install pre-commit"
        return Hooks(tree=tree, hooks=(), problem=advice)

    def say(line: str) -> None:
        turn.say(one_line(line))

    command = Command(
        (*_STORE, program, *_ARGUMENTS),
        tree=needs.tree,
        env=_known_results(needs),
        timeout_s=params.timeout_s,
        compare=True,
        keep_log=turn.entry,
    )
    ran = tools.shell.measure(command, say)
    said = told(ran.output, configured(config))
    if ran.changed:
        return _send_back(tools.repository, needs, ran, said.hooks)
    hooks = tuple(_contradicted(hook) if ran.tree_after else hook for hook in said.hooks)
    return Hooks(tree=tree, hooks=hooks, problem=_problem(ran, said))


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
    for line in reversed(ran.output.splitlines()):
        if line.strip():
            return one_line(line)
    return "pre-commit said nothing"


def judge(params: Params, product: Hooks) -> tuple[Check, ...]:
    """Every hook passed, and at least one ran."""
    lines = []
    source = f"pre-commit on {short_sha(product.tree)}"
    ran = 0
    abouts = distinct(hook.name for hook in product.hooks)
    for about, hook in zip(abouts, product.hooks):
        ended = measure("hook", hook.name, _ended(hook), source, about=about)
        if hook.outcome == "skipped":
            lines.append(note(ended))
            continue
        ran += 1
        lines.append(fact(ended, hook.outcome == "passed"))
    if product.problem:
        whole = measure("pre_commit", "pre-commit", NOT_MEASURED, CONFIG)
        lines.append(missing(whole, product.problem))
    elif not ran:
        lines.append(held(measure("hooks", "hooks that ran", count(ran), CONFIG), at_least(1)))
    return tuple(lines)


def _ended(hook: Hook) -> Figure:
    if hook.outcome == "skipped":
        return absent("", "skipped")
    output = one_line(hook.output)
    return text(f"{hook.outcome}: {output}" if output else hook.outcome)


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
        "hook": "how a hook ended and what it said, about its name",
        "pre_commit": "why the hooks' outcomes are not all there is",
        "hooks": "that none of them ran",
    },
    project_parts=(),
)
