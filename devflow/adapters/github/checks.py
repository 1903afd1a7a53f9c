"""Check runs and commit statuses on GitHub: reading all of a commit, and putting a check run with
its annotations there.

Annotations can only be added to a check run, 50 a request: another result is another check run, the
newest of which counts, and one that was left half written is completed from where it stands.
"""

import hashlib
from datetime import UTC
from typing import Any, Final, Iterator, cast

from github.CheckRun import CheckRun

from devflow.adapters.github.answers import GithubShape
from devflow.adapters.github.client import GithubClient, whole
from devflow.model.ci import Annotation, CheckReport, CheckState, HostCheck
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed
from devflow.model.ids import Sha
from devflow.model.marks import Hand, Hands, Mark

BATCH: Final = 50  # annotations; GitHub's limit for one request
BOT: Final = "[bot]"  # how the name of an app's account ends
DIGEST_CHARS: Final = 16  # of a SHA-256: 64 bits, for the few results of one commit


class StatusAnswer(GithubShape):
    """A commit status."""

    id: int
    context: str
    state: str
    description: str | None = None
    target_url: str | None = None


class StatusesAnswer(GithubShape):
    """A page of a commit's statuses, the newest of each context."""

    statuses: tuple[StatusAnswer, ...]


def checks_on(client: GithubClient, sha: str) -> tuple[HostCheck, ...]:
    """Every check run and status of exactly this commit."""
    runs = client.repository.get_commit(sha).get_check_runs()
    statuses = (_of_status(status, sha) for status in statuses_on(client, sha))
    return (*(_of_run(run) for run in runs), *statuses)


def newest_status(client: GithubClient, sha: str, context: str) -> int:
    """The id of the newest status of a context on exactly this commit, 0 where there is none."""
    found = 0
    for status in statuses_on(client, sha):
        if status.context == context:
            found = max(found, status.id)
    return found


def put_check(
    client: GithubClient, sha: str, report: CheckReport, mark: Mark, hands: Hands
) -> None:
    """Makes the newest check run of the report's name be this report, complete.

    Said twice it is one, also by two runners; one that another left half written is followed by
    ours, since only its own app may edit it. Raises ``StepFailed`` where it does not end.
    """
    digest = hashlib.sha256(report.content.encode()).hexdigest()[:DIGEST_CHARS]
    external_id = f"{mark.editable}:{digest}"
    run = _newest_run(client, sha, report, mark, hands)
    if run is None or run.external_id != external_id:
        run = whole(_create(client, sha, report, external_id), "id", "output")
    # each request brings the next ones or the end; a host that does not count them must not be
    # asked for ever
    for _ in range(len(report.annotations) // BATCH + 1):
        if run.status == "completed":
            return
        run.edit(**_part(report, int(run.output.annotations_count or 0)))
    if run.status != "completed":
        problem = f"the check run {report.name} does not end"
        hint = f"{command_line('ship')} asks again"
        raise StepFailed(problem, where=run.html_url or report.name, hint=hint)


def _newest_run(
    client: GithubClient, sha: str, report: CheckReport, mark: Mark, hands: Hands
) -> CheckRun | None:
    """The newest check run of the report's name that carries our mark: ours, complete or not, or
    another runner's that is complete."""
    runs = client.repository.get_commit(sha).get_check_runs(check_name=report.name)
    begin = f"{mark.editable}:"
    ours: list[CheckRun] = []
    for run in runs:
        hand = _hand(run, hands)
        counts = hand == "mine" or (hand == "runner" and run.status == "completed")
        if counts and (run.external_id or "").startswith(begin):
            ours.append(run)
    return max(ours, key=lambda run: run.id, default=None)


def _hand(run: CheckRun, hands: Hands) -> Hand:
    """Whose check run it is: an app's account is called as the app is."""
    if not any(name.endswith(BOT) for name in hands.mine):
        # only apps may write check runs; whose token is a person's can lead to none of ours
        return "mine"
    return hands.hand(f"{run.app.slug}{BOT}" if run.app else "")


def _create(client: GithubClient, sha: str, report: CheckReport, external_id: str) -> CheckRun:
    part = _part(report, 0)
    if report.began is not None:
        part["started_at"] = report.began.astimezone(UTC)
    return client.repository.create_check_run(
        name=report.name, head_sha=sha, external_id=external_id, **part
    )


def _part(report: CheckReport, done: int) -> dict[str, Any]:
    """What one request brings: the next annotations, and the end with the last of them."""
    batch = report.annotations[done : done + BATCH]
    annotations = [_annotation(one) for one in batch]
    output = {"title": report.title, "summary": report.summary, "annotations": annotations}
    if done + len(batch) < len(report.annotations):
        return {"status": "in_progress", "output": output}
    end: dict[str, Any] = {"status": "completed", "conclusion": report.conclusion}
    end["output"] = output
    if report.ended is not None:
        end["completed_at"] = report.ended.astimezone(UTC)
    return end


def _annotation(one: Annotation) -> dict[str, str | int]:
    place: dict[str, str | int] = {"path": one.path, "start_line": one.line, "end_line": one.line}
    if one.column is not None:
        place |= {"start_column": one.column, "end_column": one.column}
    return {**place, "annotation_level": one.level, "title": one.title, "message": one.message}


def _of_run(run: CheckRun) -> HostCheck:
    ended = run.status == "completed" and run.conclusion
    state = run.conclusion if ended else "pending"
    return HostCheck(
        id=run.id,
        kind="check run",
        name=run.name,
        sha=Sha(run.head_sha),
        state=cast(CheckState, state),
        app=run.app.slug if run.app else "",
        title=run.output.title or "",
        url=run.html_url or run.details_url or "",
        annotations=run.output.annotations_count or 0,
    )


def statuses_on(client: GithubClient, sha: str) -> Iterator[StatusAnswer]:
    """The newest status of each context; the library reads the first 30 of them alone."""
    for page in client.pages(StatusesAnswer, f"/commits/{sha}/status"):
        yield from page.statuses


def _of_status(status: StatusAnswer, sha: str) -> HostCheck:
    return HostCheck(
        id=status.id,
        kind="status",
        name=status.context,
        sha=Sha(sha),
        state=cast(CheckState, status.state),
        title=status.description or "",
        url=status.target_url or "",
    )
