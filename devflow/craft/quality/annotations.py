"""Findings told on the code host at the lines that they are about: a check run with annotations,
else a comment (ADR 0011).

Whatever is written is read back; only what was found there again is said to be there.
"""

from datetime import datetime
from typing import Final, Iterable

from devflow.craft.quality.counted import decisive, in_words
from devflow.craft.quality.linters import merged, name_of
from devflow.craft.review.pull_text import cell
from devflow.model.change import Push
from devflow.model.checks import Check, fact, measure, note
from devflow.model.ci import ANNOTATIONS, Annotation, Announcement, CheckReport, LinterResult
from devflow.model.errors import AccessDenied
from devflow.model.figures import Count, absent, count
from devflow.model.review import HostComment, HostPull
from devflow.model.wording import and_more, figure, short_sha
from devflow.ports.code_host import CodeHost

MOST: Final = 500  # annotations; ten requests, and more than anybody reads
LISTED: Final = 100  # lines of the comment, which GitHub bounds at 65,536 characters
SLOT: Final = "annotations"
MAY_NOT: Final = "this token may not write checks"
ANNOTATION_EVIDENCE: Final = {
    ANNOTATIONS: "how many findings the code host shows at their lines",
    "findings_told": "how many it tells in a comment or a status instead",
}
"""Which evidence there is of what the code host shows, by id."""


def report(name: str, results: Iterable[LinterResult], status: str) -> CheckReport:
    """The check run of what the linters found; what was not measured has not succeeded."""
    rows = tuple(results)
    finders = merged(rows)
    annotations = []
    # what stands at no file of the commit has no line to be shown at
    placed = {found: finder for found, finder in finders.items() if found.path}
    for found, finder in list(placed.items())[:MOST]:
        annotation = Annotation(
            path=found.path,
            line=max(1, found.line),
            column=max(1, found.column),
            title=finder,
            message=found.text,
        )
        annotations.append(annotation)
    total = len(finders) + sum(row.unlisted for row in rows)
    return CheckReport(
        name=name,
        conclusion="success" if status == "passed" else "failure",
        title=_title(rows, total),
        summary=_summary(rows, total, len(annotations)),
        annotations=tuple(annotations),
    )


def is_measured(rows: Iterable[LinterResult]) -> bool:
    """Whether anything was looked at: without that no number of findings is known, not even 0."""
    return any(row.ran for row in rows)


def _title(rows: tuple[LinterResult, ...], findings: int) -> str:
    if not is_measured(rows):
        return "not measured"
    # of one that several Pythons have there is one annotation: each linter's own line counts it
    which = decisive(rows).which
    title = figure(Count(kind="count", n=findings, noun="finding", which=which))
    unmeasured = sum(not row.ran for row in rows)
    return f"{title}, {unmeasured} not measured" if unmeasured else title


def _summary(rows: tuple[LinterResult, ...], findings: int, annotated: int) -> str:
    if not rows:
        return "- not measured: no linter is configured"
    lines = []
    for row in rows:
        if not row.ran:
            continue
        line = f"- {name_of(row)} {row.version}".rstrip()
        lines.append(f"{line}: {in_words(row)}")
    for row in rows:
        if not row.ran:
            problem = cell(f"{name_of(row)}: {row.problem}")
            lines.append(f"- not measured: {problem}")
    if findings > annotated:
        lines.append(f"- only {annotated} of {findings} are annotated")
    return "\n".join(lines)


def tell(
    host: CodeHost,
    on: Push,
    wanted: CheckReport,
    times: tuple[datetime | None, datetime | None] = (None, None),
) -> Announcement:
    """Puts the check run on the commit, with when its work began and ended; where the token may
    not, edits one comment."""
    began, ended = times
    try:
        host.put_check(on.sha, wanted.model_copy(update={"began": began, "ended": ended}))
    except AccessDenied:
        return _commented(host, on, wanted)
    ours = [
        check
        for check in host.checks(on.sha)
        if (check.kind, check.name, check.title, check.state)
        == ("check run", wanted.name, wanted.title, wanted.conclusion)
    ]
    newest = max(ours, key=lambda check: check.id, default=None)
    if newest is None or newest.annotations != len(wanted.annotations):
        return Announcement(
            name=wanted.name, why=f"the check run {wanted.name} cannot be read back"
        )
    return Announcement(how="check run", name=wanted.name, count=newest.annotations, url=newest.url)


def _commented(host: CodeHost, on: Push, wanted: CheckReport) -> Announcement:
    """A comment only where there is something to say, or an older comment to correct."""
    pull = host.pull_for(on.branch)
    earlier = pull is not None and any(
        one.body.startswith(_heading(wanted)) for one in _ours(host, pull)
    )
    if not wanted.annotations and not earlier:
        states = {one.context: one.state for one in host.commit_statuses(on.sha)}
        said = (states.get(wanted.name) == "success") is (
            wanted.conclusion == "success"
        ) and wanted.name in states
        return (
            Announcement(how="status", name=wanted.name)
            if said
            else Announcement(name=wanted.name, why=MAY_NOT)
        )
    if pull is None:
        return Announcement(name=wanted.name, why=f"{MAY_NOT}, and {on.branch} has no pull request")
    body = _comment(host, on, wanted)
    host.comment(pull.number, body, slot=SLOT)
    found = next((one for one in _ours(host, pull) if one.body.startswith(body.strip())), None)
    if found is None:
        return Announcement(name=wanted.name, why=f"{MAY_NOT}, and the comment cannot be read back")
    return Announcement(
        how="comment", name=wanted.name, count=len(wanted.annotations), url=found.url or pull.url
    )


def _ours(host: CodeHost, pull: HostPull) -> tuple[HostComment, ...]:
    """What this account and the other runners wrote: anybody can begin a comment like ours."""
    return tuple(one for one in host.comments(pull.number) if one.hand != "stranger")


def _heading(wanted: CheckReport) -> str:
    return f"### {wanted.name}: "


def _comment(host: CodeHost, on: Push, wanted: CheckReport) -> str:
    lines = [f"{_heading(wanted)}{wanted.title} on {short_sha(on.sha)}", ""]
    for one in wanted.annotations[:LISTED]:
        page = f"{host.file_url(on.sha, one.path)}#L{one.line}"
        lines.append(f"- [{cell(one.path)}:{one.line}]({page}) {cell(one.message)} ({one.title})")
    if len(wanted.annotations) > LISTED:
        lines.append(f"- {and_more(len(wanted.annotations) - LISTED)}")
    return "\n".join(lines).rstrip() + "\n"


def untold_check(told: Announcement, source: str) -> Check:
    """The evidence line where nothing was measured: there was nothing to annotate."""
    said = f"the {told.how} {told.name} says so" if told.how else told.why or "nothing was measured"
    return note(measure(ANNOTATIONS, "annotations", absent(said), told.url or source))


def told_check(told: Announcement, source: str) -> Check:
    """The evidence line; annotations that could not be put anywhere do not unmake what was
    measured."""
    page = told.url or source
    match told.how:
        case "check run":
            figure = count(told.count, where=f"on check run {told.name}")
            return fact(measure(ANNOTATIONS, "annotations", figure, page), True)
        case "comment":
            figure = count(told.count, where=f"as a comment: {MAY_NOT}")
            return fact(measure("findings_told", "findings", figure, page), True)
        case "status":
            figure = count(0, note=f"said by the status {told.name}: {MAY_NOT}")
            return fact(measure("findings_told", "findings", figure, source), True)
        case _:
            why = absent(told.why or "nobody was told of them", "")
            return note(measure(ANNOTATIONS, "annotations", why, source))
