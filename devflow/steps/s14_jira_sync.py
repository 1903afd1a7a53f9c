"""Step 14: the ticket learns of its pull request: Code Review, links, a comment that tells the
reviewers, and the time worked.

A status that the workflow lacks is skipped with the reason. Webhooks are not claimed here: no port
reads their delivery.
"""

from dataclasses import dataclass

from devflow.craft.ticket import sprint
from devflow.craft.ticket.comments import marked_comment
from devflow.craft.ticket.transitions import move_to, why_not
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Assignment, Issue, Requirements, Ticket
from devflow.model.review import JiraSync, PullRequest
from devflow.model.values import Value
from devflow.ports.code_host import CodeHostReads
from devflow.ports.tracker import TrackerReads
from devflow.step import See, Step, Tools, Turn

_LEAST_S = 60  # s; JIRA refuses a work log of less than a minute


class Params(Value):
    """``again``: whether a later round moves the ticket too, where a person has taken it back."""

    status: str = "Code Review"
    again: bool = False
    hours_per_day: float = sprint.HOURS_PER_DAY


@dataclass(frozen=True)
class Needs:
    """The ticket with its tracking time, its pull request, and the document to link."""

    ticket: Ticket
    assignment: Assignment
    requirements: Requirements | Absent
    pull_request: PullRequest


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Moves, links, tells and logs; ``look`` reads it back."""
    key, pull = needs.ticket.key, needs.pull_request
    if turn.round == 1 or params.again:
        move_to(tools.tracker, key, params.status)
    tools.tracker.link(key, pull.url, f"Pull request #{pull.number}", slot="pull_request")
    document = _document_url(tools.host, needs)
    if document:
        tools.tracker.link(key, document, f"Requirements of {key}", slot="requirements")
    tools.tracker.comment(key, _summary(needs))
    _log_work(tools, turn, params, needs)


def _document_url(host: CodeHostReads, needs: Needs) -> str:
    given = needs.requirements
    if isinstance(given, Absent) or given.document is None:
        return ""
    return host.file_url(needs.pull_request.head_sha, given.document.path)


def _summary(needs: Needs) -> str:
    pull = needs.pull_request
    lines = [f"Pull request [#{pull.number}]({pull.url}) for {needs.ticket.key}: {pull.title}", ""]
    lines.append(f"- head {pull.head_sha[:7]}, into {pull.base}")
    lines += [f"- {line}" for line in pull.evidence]
    lines.append(f"- review asked of: {', '.join(pull.reviewers) or 'nobody'}")
    return "\n".join(lines)


def _log_work(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Logs the working time since tracking began that nobody has logged yet; each round once."""
    key, since = needs.ticket.key, needs.assignment.tracking_since
    if since is None:
        return
    logged_s = tools.tracker.issue(key).time.spent_s or 0
    seconds = sprint.working_s(since, tools.clock.now(), params.hours_per_day) - logged_s
    if seconds >= _LEAST_S or not logged_s:
        tools.tracker.log_work(key, max(seconds, _LEAST_S), since, slot=f"round-{turn.round}")


def look(see: See, turn: Turn, params: Params, needs: Needs) -> JiraSync:
    """What the ticket says now; a comment that does not speak of this head is none."""
    key, pull, tracker = needs.ticket.key, needs.pull_request, see.tracker
    comment = marked_comment(tracker.comments(key), turn.mark("comment"))
    said = comment.body if comment and pull.head_sha[:7] in comment.body else ""
    issue, links, document = tracker.issue(key), tracker.links(key), _document_url(see.host, needs)
    flow = sprint.status_path(tracker.history(key), params.status)
    return JiraSync(
        key=key,
        pull=pull.number,
        status=issue.status,
        status_skipped=_not_moved(tracker, params, issue, flow),
        flow=flow[-2:],
        linked=pull.url in links and (not document or document in links),
        commented=bool(said),
        told=tuple(login for login in pull.reviewers if login in said),
        spent_s=issue.time.spent_s,
    )


def _not_moved(tracker: TrackerReads, params: Params, issue: Issue, flow: tuple[str, ...]) -> str:
    """Why the ticket is not at or past the status, empty where it is; ``flow`` ends with the status
    once it was there."""
    if params.status not in flow:
        return why_not(tracker, issue.key, params.status) or f"{issue.status}: not moved"
    return f"{params.status}: moved back to {issue.status}" if issue.status in flow[:-1] else ""


def judge(params: Params, it: JiraSync) -> tuple[Check, ...]:
    """Link and comment are needed; a skipped status and time that nobody tracks are shown without a
    verdict."""
    pull, comments = f"pull request #{it.pull}", f"{it.key} comments"
    spent = "" if it.spent_s is None else f"{it.spent_s / 3600:.2f} h logged"
    return (
        Check(
            label="status",
            ok=None if it.status_skipped else True,
            measured=it.status_skipped or " → ".join(it.flow) or it.status,
            source=f"{it.key} changelog",
            needed=False,
        ),
        Check(
            label="links",
            ok=it.linked,
            measured=pull if it.linked else "missing",
            source=f"{it.key} remote links",
        ),
        Check(
            label="summary",
            ok=it.commented,
            measured=pull if it.commented else "missing",
            source=comments,
        ),
        Check(
            label="reviewers told",
            ok=True if it.told else None,
            measured=", ".join(it.told),
            source=comments,
            needed=False,
        ),
        Check(
            label="time tracking",
            ok=True if spent else None,
            measured=spent,
            source=f"{it.key} work log",
            needed=False,
        ),
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The writes of a first round."""
    key, pull = f"{needs.ticket.key}", needs.pull_request
    given = needs.requirements
    writes = [
        Write(port="tracker", verb="transition", target=f"{key} to {params.status}"),
        Write(port="tracker", verb="link", target=f"{key} to #{pull.number}"),
    ]
    if not isinstance(given, Absent) and given.document is not None:
        writes.append(Write(port="tracker", verb="link", target=f"{key} to {given.document.path}"))
    writes.append(Write(port="tracker", verb="comment", target=f"{key}: summary of #{pull.number}"))
    writes.append(
        Write(
            port="tracker",
            verb="log_work",
            target=f"{key}: time since {needs.assignment.tracking_since}",
        )
    )
    return Foreseen(tuple(writes), {"key": needs.ticket.key, "pull": pull.number})


STEP = Step(
    name="jira_sync",
    title="JIRA integration",
    params=Params,
    needs=Needs,
    makes=JiraSync,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    number=14,
    project_parts=(),
)
