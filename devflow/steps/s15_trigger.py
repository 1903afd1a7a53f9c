"""Step 15, trigger: whether the checks run on this commit, and why, each condition with the value
that it was decided on.

Where a condition is not met the commit still gets its status, so that a required check does not
wait for ever.
"""

from dataclasses import dataclass
from typing import Final

from devflow.craft.ticket.naming import first_match, matches
from devflow.craft.tree.ticket_branch import base_of
from devflow.model.change import Branch, Push
from devflow.model.checks import Check
from devflow.model.ci import Condition, Trigger
from devflow.model.events import Recorded
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.wording import plural
from devflow.model.project import Project
from devflow.model.review import PullRequest, Review
from devflow.model.values import Value
from devflow.ports.journal import History
from devflow.step import Step, Tools, Turn

SKIPS: Final = (
    "[skip ci]",
    "[ci skip]",
    "[no ci]",
    "[skip actions]",
    "[actions skip]",
)  # GitHub's own list
RUNS: Final = 10  # runs that the estimate is made from; older ones measured another project


class Params(Value):
    """``paths``: at least one changed path must match. ``checks``: the entries that overlap, for
    the estimate."""

    branches: tuple[str, ...] = ("feature/*", "{project}-*")
    paths: tuple[str, ...] = ("**",)
    workflow: str = ".github/workflows/ci-cd.yml"
    status: str = "devflow/trigger"
    checks: tuple[str, ...] = ("quality", "backend_tests", "frontend_tests", "integration")


@dataclass(frozen=True)
class Needs:
    """The commit, and what has happened to its pull request."""

    push: Push
    pull_request: PullRequest
    code_review: Review | Absent
    branch: Branch
    project: Project


def _event(turn: Turn, review: Review | Absent) -> tuple[str, str]:
    """The trigger point that fired: an approval, else the pull request itself."""
    if isinstance(review, Review) and review.approved_by:
        return "pull_request_review", f"submitted, approved by {', '.join(review.approved_by)}"
    return "pull_request", "opened" if turn.round == 1 else "synchronize"


def _conditions(tools: Tools, turn: Turn, params: Params, needs: Needs) -> tuple[Condition, ...]:
    sha, name = needs.push.sha, needs.branch.name
    patterns = [
        pattern.replace("{project}", turn.run.partition("-")[0]) for pattern in params.branches
    ]
    fits = first_match(name, patterns)
    paths = [
        file.path
        for file in tools.repository.changes(base_of(tools.repository, needs.branch, sha), sha)
    ]
    hits = [path for path in paths if first_match(path, params.paths)]
    used = ", ".join(
        pattern for pattern in params.paths if any(matches(path, pattern) for path in paths)
    )
    changed = f"{len(hits)} of {len(paths)} match {used or ', '.join(params.paths)}"
    text = tools.repository.message_of(sha).lower()
    skip = next((skip for skip in SKIPS if skip in text), "")
    login = tools.host.me()
    permission = tools.host.permission(login)
    said = f"{name} matches {fits}" if fits else f"{name} matches none of {', '.join(patterns)}"
    return (
        Condition(label="branch", met=bool(fits), value=said),
        Condition(label="files changed", met=bool(hits), value=changed),
        Condition(
            label="no [skip ci]",
            met=not skip,
            value=f"{skip} in the commit message" if skip else "not in the message",
        ),
        Condition(
            label="permission", met=permission in ("write", "admin"), value=f"{login}: {permission}"
        ),
    )


def _estimate(history: History, checks: tuple[str, ...]) -> str:
    """From the slowest of the overlapping entries in each earlier run that measured all of them."""
    slowest = []
    for run in history.runs()[-RUNS:]:
        events = [
            event
            for event in history.events(run)
            if isinstance(event, Recorded) and event.by == "make"
        ]
        took_s = {
            event.entry: event.duration_s
            for event in events
            if event.entry in checks and event.product is not None
        }
        if took_s and len(took_s) == len(checks):
            slowest.append(max(took_s.values()))
    if not slowest:
        return "no history yet"
    low, high, number = f"{min(slowest):.0f}", f"{max(slowest):.0f}", len(slowest)
    return f"{low if low == high else f'{low} to {high}'} s ({plural(number, 'earlier run')})"


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Trigger | Absent:
    """Decides, and says so as the commit's status."""
    sha, conditions = needs.push.sha, _conditions(tools, turn, params, needs)
    unmet = [f"{item.label}: {item.value}" for item in conditions if not item.met]
    if unmet:
        why = "; ".join(unmet)
        tools.host.set_status(sha, params.status, "success", f"skipped: {why}"[:140])
        return Absent(kind="skipped", why=why)
    met = f"{len(conditions)} of {len(conditions)} conditions met"
    tools.host.set_status(sha, params.status, "success", met)
    event, action = _event(turn, needs.code_review)
    status = next(
        (item for item in tools.host.commit_statuses(sha) if item.context == params.status), None
    )
    return Trigger(
        sha=sha,
        event=event,
        action=action,
        workflow=params.workflow if tools.repository.read(sha, params.workflow) is not None else "",
        conditions=conditions,
        run_id=f"{turn.run}-{sha[:12]}",
        estimate=_estimate(tools.history, params.checks),
        status=f"{status.context} {status.state}" if status else "",
    )


def judge(params: Params, product: Trigger) -> tuple[Check, ...]:
    """Every condition, and the status read back."""
    sources = {
        "branch": "git branch",
        "files changed": "git diff",
        "no [skip ci]": "git log -1",
        "permission": "code host",
    }
    checks = [
        Check(
            label=item.label,
            ok=item.met,
            measured=item.value,
            source=sources.get(item.label, item.label),
        )
        for item in product.conditions
    ]
    event = f"{product.event} {product.action}"
    checks.append(
        Check(
            label="event",
            ok=bool(product.event),
            measured=event,
            source=f"commit {product.sha[:7]}",
        )
    )
    said = product.status or f"{params.status} is not there"
    checks.append(
        Check(
            label="status",
            ok=bool(product.status),
            measured=said,
            source=f"statuses of {product.sha[:7]}",
        )
    )
    if product.workflow:
        checks.append(
            Check(label="workflow", ok=True, measured=product.workflow, source=product.workflow)
        )
    checks.append(
        Check(label="run", ok=True, measured=product.run_id, source=f"commit {product.sha[:7]}")
    )
    checks.append(
        Check(
            label="estimate",
            ok=None,
            measured=product.estimate,
            source="earlier runs",
            needed=False,
        )
    )
    return tuple(checks)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The commit's status."""
    write = Write(port="host", verb="set_status", target=f"{params.status} on {needs.push.sha[:7]}")
    return Foreseen((write,), {"sha": needs.push.sha})


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
)
