"""Step 15, trigger: whether the checks run on this commit, and why, each condition with the value
that it was decided on.

Where a condition is not met the commit still gets its status, so that a required check does not
wait for ever.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Sequence

from pydantic import Field

from devflow.craft.evidence import plan_write
from devflow.craft.ticket.naming import first_match, matches
from devflow.craft.tree.ticket_branch import base_of
from devflow.model.bounds.references import ExistingPathOrNone
from devflow.model.bounds.statuses import StatusName
from devflow.model.bounds.words import Line, Pattern
from devflow.model.change import Branch, Push
from devflow.model.checks import Check, fact, measure, note
from devflow.model.ci import Condition, Trigger
from devflow.model.declared.project import Project
from devflow.model.events import Event, Recorded
from devflow.model.figures import text
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.review import CommitStatus, PullRequest, Review
from devflow.model.values import Value
from devflow.model.wording import duration, one_line, plural, short_sha, short_version
from devflow.ports.code_host import CodeHostReads
from devflow.ports.journal import History
from devflow.step import Step, Tools, Turn

# GitHub's own list
SKIPS: Final = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
# the last of the trailers, with two empty lines before them: docs.github.com, "Skipping workflow
# runs"
_TRAILER: Final = re.compile(r"\n\n\n(?:[\w-]+: ?\S.*\n)*skip-checks: ?true\Z")
RUNS: Final = 10  # runs that the estimate is made from; older ones measured another project
STATUS_CHARS: Final = 140  # characters that GitHub takes as the description of a status
# between this machine and the code host; a pull request is seldom pushed to again so soon
_CLOCKS_DIFFER: Final = timedelta(minutes=1)
# where each condition was read
SOURCES: Final = {
    "branch": "git branch",
    "files changed": "git diff",
    "no [skip ci]": "git log -1",
    "permission": "code host",
}


class Params(Value):
    """On which commits the checks run."""

    branches: tuple[Pattern, ...] = Field(
        default=("feature/*", "{project}-*"),
        description="patterns of branches, the key's project in the place of {project}",
    )
    paths: tuple[Pattern, ...] = Field(
        default=("**",), description="patterns of which at least one changed path must match one"
    )
    workflow: ExistingPathOrNone = Field(
        default=".github/workflows/ci-cd.yml", description="the workflow's file, shown if it exists"
    )
    status: StatusName = Field(
        default="devflow/trigger", description="the name of the commit's status"
    )
    checks: tuple[Line, ...] = Field(
        default=("quality", "backend_tests", "frontend_tests", "integration"),
        description="the entries that overlap, for the estimate, which is of those that the "
        "pipeline has",
    )


@dataclass(frozen=True)
class Needs:
    """The commit, and what has happened to its pull request."""

    push: Push
    pull_request: PullRequest
    code_review: Review | Absent
    branch: Branch
    project: Project


def _event(tools: Tools, turn: Turn, needs: Needs) -> tuple[str, str]:
    """The trigger point that fired: an approval, else the pull request itself."""
    review = needs.code_review
    if isinstance(review, Review) and review.approved_by:
        names = ", ".join(review.approved_by)
        return "pull_request_review", f"submitted, approved by {names}"
    return "pull_request", _action(tools, turn.run, needs)


def _action(tools: Tools, run: str, needs: Needs) -> str:
    """GitHub's word for what became of the pull request, empty where nobody can tell: ``opened``
    with this commit by this run, ``synchronize`` where the run has seen it with another one."""
    pull = needs.pull_request
    heads: set[object] = set()
    is_ours = False
    for event in tools.history.events(run):
        if not isinstance(event, Recorded) or event.step != "pull_request" or not event.product:
            continue
        if event.product.get("number") != pull.number:
            continue
        head = event.product.get("head_sha")
        if not heads:
            is_ours = event.by == "make" and _opened_during(tools.host, needs.push, event)
        heads.add(head)
    if heads - {needs.push.sha}:
        return "synchronize"
    return "opened" if is_ours else ""


def _opened_during(host: CodeHostReads, push: Push, made: Recorded) -> bool:
    """Whether it was opened while its entry worked: that edits one that was open before."""
    found = host.pull_for(push.branch)
    if found is None or found.created is None:
        return False
    earliest = made.at - timedelta(seconds=made.duration_s) - _CLOCKS_DIFFER
    return found.hand != "stranger" and earliest <= found.created <= made.at + _CLOCKS_DIFFER


def _conditions(tools: Tools, turn: Turn, params: Params, needs: Needs) -> tuple[Condition, ...]:
    repository = tools.repository
    sha = needs.push.sha
    base = base_of(repository, needs.branch, sha)
    paths = [file.path for file in repository.changes(base, sha)]
    return (
        _on_branch(turn, params, needs.branch.name),
        _on_paths(params, paths),
        _no_skip(repository.message_of(sha)),
        _permission(tools.host),
    )


def _on_branch(turn: Turn, params: Params, name: str) -> Condition:
    project = turn.run.partition("-")[0]
    patterns = [pattern.replace("{project}", project) for pattern in params.branches]
    pattern = first_match(name, patterns)
    if pattern:
        return Condition(label="branch", met=True, value=f"{name} matches {pattern}")
    value = f"{name} matches none of {', '.join(patterns)}"
    return Condition(label="branch", met=False, value=value)


def _on_paths(params: Params, paths: list[str]) -> Condition:
    hits = [path for path in paths if first_match(path, params.paths)]
    used = []
    for pattern in params.paths:
        if any(matches(path, pattern) for path in hits):
            used.append(pattern)
    patterns = ", ".join(used or params.paths)
    value = f"{len(hits)} of {len(paths)} match {patterns}"
    return Condition(label="files changed", met=bool(hits), value=value)


def _no_skip(message: str) -> Condition:
    if _TRAILER.search(message.rstrip()):
        trailer = "skip-checks: true is the commit message's last trailer"
        return Condition(label="no [skip ci]", met=False, value=trailer)
    text = message.lower()
    for skip in SKIPS:
        if skip in text:
            return Condition(label="no [skip ci]", met=False, value=f"{skip} in the commit message")
    return Condition(label="no [skip ci]", met=True, value="not in the message")


def _permission(host: CodeHostReads) -> Condition:
    login = host.me()
    permission = host.permission(login)
    may_write = permission in ("write", "admin")
    return Condition(label="permission", met=may_write, value=f"{login}: {permission}")


def _estimate(history: History, turn: Turn, checks: tuple[str, ...]) -> str:
    """From the slowest of the overlapping entries in each earlier run that went through all of them
    that the pipeline has."""
    there = tuple(name for name in checks if name in turn.phases)
    if not there:
        return f"not known: the pipeline has no entry {' or '.join(checks)}"
    slowest_s = []
    others = [run for run in history.runs() if run != turn.run]
    for run in others[-RUNS:]:
        took_s = _took_s(history.events(run), there)
        # a run that went through only some of them says nothing of the slowest
        if len(took_s) == len(there) and any(took_s.values()):
            slowest_s.append(max(took_s.values()))
    if not slowest_s:
        return "no history yet"
    least = duration(min(slowest_s))
    most = duration(max(slowest_s))
    span = least if least == most else f"{least} to {most}"
    of = "" if there == checks else f", of {', '.join(there)}"
    return f"{span} ({plural(len(slowest_s), 'earlier run')}{of})"


def _took_s(events: Sequence[Event], names: tuple[str, ...]) -> dict[str, float]:
    """How long each of these entries took when it was last made in a run; one that had nothing to
    do took no time."""
    took_s = {}
    for event in events:
        if not isinstance(event, Recorded) or event.by != "make" or event.entry not in names:
            continue
        if event.product is not None:
            took_s[event.entry] = event.duration_s
        elif event.absent is not None and event.absent.kind == "skipped":
            took_s[event.entry] = 0.0
    return took_s


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Trigger | Absent:
    """Decides, and says so as the commit's status."""
    sha = needs.push.sha
    host = tools.host
    conditions = _conditions(tools, turn, params, needs)
    unmet = [
        f"{condition.label}: {condition.value}" for condition in conditions if not condition.met
    ]
    if unmet:
        why = "; ".join(unmet)
        # success: a required check that never comes would keep the pull request from merging
        description = one_line(f"skipped: {why}", STATUS_CHARS)
        host.set_status(sha, params.status, "success", description)
        return Absent(kind="skipped", why=why)
    number = len(conditions)
    description = f"{number} of {number} conditions met"
    host.set_status(sha, params.status, "success", description)
    event, action = _event(tools, turn, needs)
    has_workflow = tools.repository.read(sha, params.workflow) is not None
    return Trigger(
        sha=sha,
        event=event,
        action=action,
        workflow=params.workflow if has_workflow else "",
        conditions=conditions,
        run_id=f"{turn.run}-{short_version(sha)}",
        estimate=_estimate(tools.history, turn, params.checks),
        status=_status(host, params, sha, description),
    )


def _status(host: CodeHostReads, params: Params, sha: Sha, description: str) -> str:
    """The commit's status as it is read back, empty where it is not there or says something
    else."""
    written = CommitStatus(context=params.status, state="success", description=description)
    return f"{written.context} {written.state}" if written in host.commit_statuses(sha) else ""


def judge(params: Params, product: Trigger) -> tuple[Check, ...]:
    """Every condition, and the status read back."""
    sha = short_sha(product.sha)
    source = f"commit {sha}"
    lines = []
    for condition in product.conditions:
        label = condition.label
        at = SOURCES.get(label, label)
        one = measure("condition", label, text(condition.value), at, about=label)
        lines.append(fact(one, condition.met))
    event = text(f"{product.event} {product.action}".strip())
    lines.append(fact(measure("event", "event", event, source), bool(product.event)))
    status = text(product.status or f"{params.status} is not there")
    at_host = measure("status", "status", status, f"statuses of {sha}")
    lines.append(fact(at_host, bool(product.status)))
    if product.workflow:
        workflow = measure("workflow", "workflow", text(product.workflow), product.workflow)
        lines.append(fact(workflow, True))
    lines.append(fact(measure("run", "run", text(product.run_id), source), True))
    lines.append(note(measure("estimate", "estimate", text(product.estimate), "earlier runs")))
    return tuple(lines)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The commit's status."""
    sha = needs.push.sha
    write = plan_write("host", "set_status", f"{params.status} on {short_sha(sha)}")
    return Foreseen((write,), {"sha": sha})


STEP = Step(
    name="trigger",
    title="CI trigger",
    params=Params,
    needs=Needs,
    makes=Trigger,
    make=make,
    judge=judge,
    foresee=foresee,
    number=15,
    project_parts=(),
    evidence={
        "condition": "what lets CI begin, about its name",
        "event": "what happened at the code host",
        "status": "the commit's status as it was read back",
        "workflow": "the workflow file",
        "run": "the run's number",
        "estimate": "how long it will take",
    },
)
