"""Step 14: the ticket learns of its pull request: Code Review, links, a comment that tells the
reviewers, and the time worked.

A status that the workflow lacks is skipped with the reason. Webhooks are not claimed here: no port
reads their delivery.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft.evidence import plan_write
from devflow.craft.ticket import sprint
from devflow.craft.ticket.comments import STRANGERS_EVIDENCE, says, strangers, strangers_checks
from devflow.craft.ticket.transitions import move_to, went_to, why_not
from devflow.model.bounds.numbers import HoursOfDay
from devflow.model.bounds.words import Line
from devflow.model.checks import Check, fact, measure, shown
from devflow.model.figures import Figure, absent, names, quantity, text, way
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Assignment, Document, Issue, Requirements, Ticket
from devflow.model.review import JiraSync, PullRequest
from devflow.model.values import Value
from devflow.model.wording import short_sha
from devflow.ports.code_host import CodeHostReads
from devflow.ports.tracker import TrackerReads
from devflow.step import See, Step, Tools, Turn

_LEAST_S: Final = 60  # s; JIRA refuses a work log of less than a minute


class Params(Value):
    """What the ticket learns."""

    status: Line = Field(
        default="Code Review",
        description="the status that the ticket goes to: id, name or category; skipped where the "
        "workflow lacks it",
    )
    again: bool = Field(
        default=False,
        description="whether a later round moves the ticket too, where a person has taken it back",
    )
    hours_per_day: HoursOfDay = Field(
        default=sprint.HOURS_PER_DAY, description="hours that are logged of a day at most"
    )


@dataclass(frozen=True)
class Needs:
    """The ticket with its tracking time, its pull request, and the document to link."""

    ticket: Ticket
    assignment: Assignment
    requirements: Requirements | Absent
    pull_request: PullRequest


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Moves, links, tells and logs; ``look`` reads it back."""
    key = needs.ticket.key
    pull = needs.pull_request
    tracker = tools.tracker
    # a person who took the ticket back in a later round had a reason
    if turn.round == 1 or params.again:
        move_to(tracker, key, params.status)
    tracker.link(key, pull.url, f"Pull request #{pull.number}", slot="pull_request")
    document_url = _document_url(tools.host, needs)
    if document_url:
        tracker.link(key, document_url, f"Requirements of {key}", slot="requirements")
    tracker.comment(key, _summary(needs))
    _log_work(tools, turn, params, needs)


def _document_url(host: CodeHostReads, needs: Needs) -> str:
    document = _document(needs)
    if document is None:
        return ""
    return host.file_url(needs.pull_request.head_sha, document.path)


def _document(needs: Needs) -> Document | None:
    if isinstance(needs.requirements, Absent):
        return None
    return needs.requirements.document


def _summary(needs: Needs) -> str:
    pull = needs.pull_request
    link = f"[#{pull.number}]({pull.url})"
    # its title says the key, and so does the page that the comment is on
    lines = [f"Pull request {link}: {pull.title}", ""]
    lines.append(f"- head {short_sha(pull.head_sha)}, into {pull.base}")
    if pull.evidence:
        lines.append(f"- its text tells of: {', '.join(pull.evidence)}")
    reviewers = ", ".join(pull.reviewers) or "nobody"
    lines.append(f"- review asked of: {reviewers}")
    return "\n".join(lines)


def _log_work(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Logs the working time since tracking began that nobody has logged yet; each round once."""
    key = needs.ticket.key
    since = needs.assignment.tracking_since
    if since is None:
        return
    logged_s = tools.tracker.issue(key).time.spent_s or 0
    worked_s = sprint.working_s(since, tools.clock.now(), params.hours_per_day)
    missing_s = worked_s - logged_s
    if missing_s >= _LEAST_S or not logged_s:
        slot = f"round-{turn.round}"
        tools.tracker.log_work(key, max(missing_s, _LEAST_S), since, slot=slot)


def look(see: See, turn: Turn, params: Params, needs: Needs) -> JiraSync:
    """What the ticket says now; a comment with another text is none."""
    key = needs.ticket.key
    pull = needs.pull_request
    tracker = see.tracker
    mark = turn.mark("comment")
    comments = tracker.comments(key)
    is_told = says(comments, _summary(needs), mark)
    issue = tracker.issue(key)
    changes = tracker.history(key)
    meant = tracker.meant(key, params.status)
    flow = sprint.status_path(changes, meant)
    not_moved = "" if went_to(changes, meant) else _not_moved(tracker, params, issue)
    return JiraSync(
        key=key,
        pull=pull.number,
        status=issue.status,
        status_skipped=not_moved or _moved_back(params, issue, flow),
        flow=flow[-2:],  # where the ticket came from, and where it is
        linked=_is_linked(see, needs),
        commented=is_told,
        told=pull.reviewers if is_told else (),
        spent_s=issue.time.spent_s,
        strangers=strangers(comments, mark),
    )


def _is_linked(see: See, needs: Needs) -> bool:
    """Whether the pull request is, and the document where there is one."""
    links = see.tracker.links(needs.ticket.key)
    document_url = _document_url(see.host, needs)
    urls = [needs.pull_request.url]
    if document_url:
        urls.append(document_url)
    return all(url in links for url in urls)


def _not_moved(tracker: TrackerReads, params: Params, issue: Issue) -> str:
    """Why a ticket that never was in the status is not there."""
    return why_not(tracker, issue.key, params.status) or f"{issue.status}: not moved"


def _moved_back(params: Params, issue: Issue, flow: tuple[str, ...]) -> str:
    """That the ticket has left the status, empty where it is at or past it; ``flow`` ends with the
    status."""
    if issue.status in flow[:-1]:
        return f"{params.status}: moved back to {issue.status}"
    return ""


def judge(params: Params, it: JiraSync) -> tuple[Check, ...]:
    """Link and comment are needed; a skipped status and time that nobody tracks are shown without a
    verdict."""
    comments = f"{it.key} comments"
    has_moved = not it.status_skipped
    status: Figure = way(it.flow) if it.flow else text(it.status)
    if it.status_skipped:
        status = absent(it.status_skipped, "")
    pull = text(f"pull request #{it.pull}")
    gone = text("missing")
    links = measure("link", "links", pull if it.linked else gone, f"{it.key} remote links")
    summary = measure("summary", "summary", pull if it.commented else gone, comments)
    spent = quantity(it.spent_s, "s", note="logged", why="no time is logged")
    return (
        shown(measure("status", "status", status, f"{it.key} changelog"), has_moved),
        fact(links, it.linked),
        fact(summary, it.commented),
        shown(
            measure(
                "told", "reviewers told", names(it.told, "nobody was asked to review"), comments
            )
        ),
        shown(measure("time", "time tracking", spent, f"{it.key} work log")),
        *strangers_checks(it.strangers, comments),
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The writes of a first round."""
    key = needs.ticket.key
    number = needs.pull_request.number
    writes = [plan_write("tracker", "transition", f"{key} to {params.status}")]
    writes.append(plan_write("tracker", "link", f"{key} to #{number}"))
    document = _document(needs)
    if document is not None:
        writes.append(plan_write("tracker", "link", f"{key} to {document.path}"))
    writes.append(plan_write("tracker", "comment", f"{key}: summary of #{number}"))
    since = needs.assignment.tracking_since
    writes.append(plan_write("tracker", "log_work", f"{key}: time since {since}"))
    return Foreseen(tuple(writes), {"key": key, "pull": number})


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
    evidence={
        "status": "the way that the ticket's status went",
        "link": "the pull request among the ticket's links",
        "summary": "the comment that sums it up",
        "told": "the reviewers who were named",
        "time": "the time that was logged",
        **STRANGERS_EVIDENCE,
    },
)
