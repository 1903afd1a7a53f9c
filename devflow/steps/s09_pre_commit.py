"""Step 9, pre-commit: the repository's own hooks on an export of the tree that will be committed.

A hook that changes files sends back to coding, with its changes in the working tree, so that what
is tested, checked and committed is one tree.
"""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final

from devflow.model.wording import one_line
from devflow.craft.tree.ticket_branch import checked_out
from devflow.model.change import Branch, Coding, Hook, Hooks, LocalTests
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen, SendBack
from devflow.model.values import Limit, Value
from devflow.ports.repository import Repository
from devflow.ports.shell import Command, Ran
from devflow.step import Step, Tools, Turn

CONFIG: Final = ".pre-commit-config.yaml"
_HOOK: Final = re.compile(r"(.+?)\.{3,}(?:\([^()]*\))?(Passed|Failed|Skipped)")
_DETAIL: Final = re.compile(r"- (hook id|duration|exit code|files were modified).*")


class Params(Value):
    """``timeout_s`` bounds all hooks together; ten minutes, since a first run installs the hooks'
    own environments."""

    timeout_s: Limit[float] = 600.0


@dataclass(frozen=True)
class Needs:
    """The tree, and step 8's results, which suite hooks read for the same tree."""

    branch: Branch
    coding: Coding
    local_tests: LocalTests | Absent


def _known_results(needs: Needs) -> dict[str, str]:
    """The environment by which a suite hook knows step 8's result; tests/run_suite.py reads it."""
    if isinstance(needs.local_tests, Absent):
        return {}
    measured = [
        suite
        for suite in needs.local_tests.suites
        if suite.tree == needs.coding.tree and not suite.problem
    ]
    suites = {
        suite.suite: {"passed": suite.passed, "failed": suite.failed, "tree": suite.tree}
        for suite in measured
    }
    return {"DEVFLOW_SUITE_RESULTS_JSON": json.dumps({"suites": suites})}


def parsed(output: str) -> tuple[Hook, ...]:
    """The hooks in pre-commit's output, each with what it said."""
    found: list[tuple[str, str, list[str]]] = []
    for line in output.splitlines():
        head = _HOOK.fullmatch(line.rstrip())
        if head:
            found.append((head[1], head[2].lower(), []))
        elif found and line.strip() and not _DETAIL.fullmatch(line):
            found[-1][2].append(line.rstrip())
    return tuple(
        Hook.model_validate({"name": n, "outcome": o, "output": "\n".join(said[-40:])})
        for n, o, said in found
    )


def _send_back(repository: Repository, needs: Needs, ran: Ran, hooks: tuple[Hook, ...]) -> SendBack:
    """Writes back only files that are still as they were judged: what was edited meanwhile is the
    developer's.

    No file is deleted: an untracked one would be lost for good.
    """
    ours = checked_out(repository) == needs.branch.name
    edited = (
        {file.path for file in repository.changes(needs.coding.tree, repository.work_tree())}
        if ours
        else set()
    )
    todo = []
    for path in ran.changed:
        if repository.read(ran.tree_after, path) is None:
            todo.append(f"{path}: would be deleted by a hook; type: rm {shlex.quote(path)}")
        elif ours and path not in edited:
            repository.restore(path, ran.tree_after)
            todo.append(f"{path}: mended by a hook, the change is in the working tree")
        else:
            todo.append(
                f"{path}: would be changed by a hook; type: pre-commit run --files {shlex.quote(path)}"
            )
    names = ", ".join(hook.name for hook in hooks if hook.outcome == "failed")
    return SendBack(to="coding", why=f"{names or 'a hook'} changed files", todo=tuple(todo))


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Hooks | SendBack:
    """Runs every hook on every file of the tree."""
    tree = needs.coding.tree
    if tools.repository.read(tree, CONFIG) is None:
        return Hooks(tree=tree, hooks=(), problem=f"no {CONFIG} in the tree")
    program = tools.shell.found("pre-commit")
    if not program:
        return Hooks(
            tree=tree,
            hooks=(),
            problem="no pre-commit on this machine; type: pipx install pre-commit",
        )
    # pre-commit keeps its store in a folder of this command alone: measuring leaves no trace
    argv = (
        "env",
        "PRE_COMMIT_HOME={out}/pre-commit",
        program,
        "run",
        "--all-files",
        "--color",
        "never",
        "--verbose",
    )
    env = _known_results(needs)
    command = Command(
        argv, tree=tree, env=env, timeout_s=params.timeout_s, git=True, keep_log=turn.entry
    )
    ran = tools.shell.measure(command, lambda line: turn.say(one_line(line)))
    hooks = parsed(ran.output)
    if ran.changed:
        return _send_back(tools.repository, needs, ran, hooks)
    problem = ran.problem
    if not problem and ran.exit_code and not any(hook.outcome == "failed" for hook in hooks):
        problem = one_line(
            next(
                (line for line in reversed(ran.output.splitlines()) if line.strip()),
                "pre-commit said nothing",
            )
        )
    return Hooks(tree=tree, hooks=hooks, problem=problem)


def judge(params: Params, product: Hooks) -> tuple[Check, ...]:
    """Every hook passed, and at least one ran."""
    source = "pre-commit run --all-files"
    checks = []
    for hook in product.hooks:
        said = one_line(hook.output)
        if hook.outcome == "skipped":
            checks.append(
                Check(label=hook.name, ok=None, measured="skipped", source=source, needed=False)
            )
        else:
            text = f"{hook.outcome}: {said}" if said else hook.outcome
            checks.append(
                Check(label=hook.name, ok=hook.outcome == "passed", measured=text, source=source)
            )
    if product.problem:
        checks.append(Check(label="pre-commit", ok=None, measured=product.problem, source=CONFIG))
    elif not any(hook.outcome != "skipped" for hook in product.hooks):
        checks.append(
            Check(label="hooks that ran", ok=False, measured="0", limit="at least 1", source=CONFIG)
        )
    return tuple(checks)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written, as long as no hook changes a file."""
    return Foreseen(known={"tree": needs.coding.tree})


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
    project_parts=(),
)
