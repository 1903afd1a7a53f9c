"""The spoils that take more than one act, by what they leave behind; each with its way back.

A spoil is a function of the world that answers a context: inside of it the world is spoilt.
"""

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable, ContextManager, Iterator

import yaml

from devflow.craft.review.approvals import approval_line
from tests.e2e.checkout import KEY
from tests.e2e.records import events
from tests.e2e.spoil_outside import ISSUE, Outside

Spoil = Callable[[Outside], ContextManager[Any]]
PULL = "/pulls/1"
TEST = "tests/unit/test_greeting.py"


def ticket(**fields: Any) -> Spoil:
    """The ticket with these fields."""
    return lambda out: out.issue_with(**fields)


def comment(containing: str) -> Spoil:
    """A comment on the ticket edited away."""
    return lambda out: out.comment_edited(containing)


def moved_to(status: str) -> Spoil:
    """The ticket moved back."""
    return lambda out: out.status(status)


def files(texts: dict[str, str | None]) -> Spoil:
    """The working tree changed."""
    return lambda out: out.files(texts)


def pushed(texts: dict[str, str | None], message: str = "feat: by hand") -> Spoil:
    """A commit by hand, pushed."""
    return lambda out: out.pushed(texts, message)


def pipeline(entry: str, **parameters: Any) -> Spoil:
    """pipeline.yaml with other parameters of one entry."""

    def changed(out: Outside) -> ContextManager[None]:
        pipeline_file = yaml.safe_load((out.checkout.folder / "pipeline.yaml").read_text())
        phases = {
            name: _with(part, entry, parameters) for name, part in pipeline_file["phases"].items()
        }
        text = yaml.safe_dump({**pipeline_file, "phases": phases}, sort_keys=False)
        return out.files({"pipeline.yaml": text})

    return changed


def _with(part: Any, entry: str, parameters: dict[str, Any]) -> Any:
    """The part of ``phases`` in which the entry, wherever it stands, has these parameters too."""
    if isinstance(part, list):
        return [_with(one, entry, parameters) for one in part]
    if part == entry:
        return {entry: {"with": parameters}}
    if isinstance(part, dict) and entry in part:
        return {entry: {**part[entry], "with": {**part[entry].get("with", {}), **parameters}}}
    return (
        {name: _with(one, entry, parameters) for name, one in part.items()}
        if isinstance(part, dict)
        else part
    )


def dead(environment: str) -> Spoil:
    """The service killed."""
    return lambda out: out.service_dead(environment)


def impostor(environment: str, **answers: str) -> Spoil:
    """Something else on the service's port, which answers health with its version; ``own`` stands
    for the right one."""

    @contextmanager
    def other(out: Outside) -> Iterator[None]:
        with out.acting() as world:
            serving = world.tools.deploys.environment(environment)
            assert serving is not None
        by_path = {
            f"/{name.replace('_', '/')}": text.replace("own", serving.version)
            for name, text in answers.items()
        }
        with out.impostor(environment, by_path):
            yield

    return other


@contextmanager
def lying_tools(out: Outside) -> Iterator[None]:
    """pytest, pre-commit, black and flake8 replaced by ``true``."""
    with TemporaryDirectory() as folder, out.tools_that_do_nothing(Path(folder) / "bin"):
        yield


@contextmanager
def unassigned(out: Outside) -> Iterator[None]:
    """Nobody works on the ticket."""
    account = out.jira("GET", ISSUE)["fields"]["assignee"]["accountId"]
    out.jira("PUT", f"{ISSUE}/assignee", {"accountId": None})
    try:
        yield
    finally:
        out.jira("PUT", f"{ISSUE}/assignee", {"accountId": account})


@contextmanager
def link_elsewhere(out: Outside) -> Iterator[None]:
    """The ticket's link to its pull request leads to another page."""
    link = next(
        one for one in out.jira("GET", f"{ISSUE}/remotelink") if "/pull/" in one["object"]["url"]
    )
    other = {**link, "object": {**link["object"], "url": "http://127.0.0.1/elsewhere"}}
    out.jira("POST", f"{ISSUE}/remotelink", other)
    try:
        yield
    finally:
        out.jira("POST", f"{ISSUE}/remotelink", link)


@contextmanager
def branch_called(out: Outside) -> Iterator[None]:
    """The branch renamed to what no pattern fits."""
    other = f"hotfix/{KEY}-tabs"
    out.checkout.git("branch", "--move", out.branch, other)
    try:
        yield
    finally:
        out.checkout.git("branch", "--move", other, out.branch)


@contextmanager
def branch_deleted(out: Outside) -> Iterator[None]:
    """The branch deleted on the remote; its pull request is open again afterwards."""
    out.remote_at("")
    try:
        yield
    finally:
        out.remote_at(out.head)
        out.github("jose", "PATCH", PULL, {"state": "open"})


@contextmanager
def everything_undone(out: Outside) -> Iterator[None]:
    """The working tree as it was before the ticket."""
    with out.files({"svc/app.py": out.checkout.git("show", "main:svc/app.py") + "\n"}):
        yield


@contextmanager
def remote_set_back(out: Outside) -> Iterator[None]:
    """The remote's branch forced back to where it began."""
    out.remote_at("main")
    try:
        yield
    finally:
        out.remote_at(out.head)


@contextmanager
def pull_edited(out: Outside, **fields: Any) -> Iterator[None]:
    """The pull request with other fields."""
    before = out.github("jose", "GET", PULL)
    out.github("jose", "PATCH", PULL, fields)
    try:
        yield
    finally:
        out.github("jose", "PATCH", PULL, {name: before[name] for name in fields})


@contextmanager
def label_removed(out: Outside) -> Iterator[None]:
    """The pull request without its label."""
    out.github("jose", "DELETE", "/issues/1/labels/devflow")
    try:
        yield
    finally:
        out.github("jose", "POST", "/issues/1/labels", {"labels": ["devflow"]})


def _review(out: Outside, person: str, event: str) -> int:
    body = {"event": event, "commit_id": out.head, "body": "said"}
    number: int = out.github(person, "POST", f"{PULL}/reviews", body)["id"]
    return number


def _dismissed(out: Outside, number: int) -> None:
    out.github(
        "tech-lead",
        "PUT",
        f"{PULL}/reviews/{number}/dismissals",
        {"message": "not any more", "event": "DISMISS"},
    )


@contextmanager
def approval_dismissed(out: Outside) -> Iterator[None]:
    """The approval taken back; the author's own word is only a comment."""
    reviews = out.github("jose", "GET", f"{PULL}/reviews")
    _dismissed(out, next(one["id"] for one in reviews if one["state"] == "APPROVED"))
    _review(out, "jose", "COMMENT")
    try:
        yield
    finally:
        _review(out, "tech-lead", "APPROVE")


@contextmanager
def changes_requested(out: Outside) -> Iterator[None]:
    """Another reviewer asks for changes."""
    number = _review(out, "frontend-dev", "REQUEST_CHANGES")
    try:
        yield
    finally:
        _dismissed(out, number)


@contextmanager
def thread_open(out: Outside) -> Iterator[None]:
    """A review thread that nobody has resolved."""
    body = {
        "body": "why?",
        "commit_id": out.head,
        "path": "svc/app.py",
        "line": 12,
        "side": "RIGHT",
    }
    out.github("tech-lead", "POST", f"{PULL}/comments", body)
    try:
        yield
    finally:
        with out.acting("tech-lead") as world:
            for thread in world.tools.host.threads(1):
                world.tools.host.resolve(thread.id)


@contextmanager
def gate_rejected(out: Outside) -> Iterator[None]:
    """Who may approve production says no; edited, the comment counts for nothing."""
    out.checkout.ends(0, "--as", "devops", "reject", "production", KEY)
    try:
        yield
    finally:
        _edit_gate_comment(out)


@contextmanager
def gate_approved_by_others(out: Outside) -> Iterator[None]:
    """Somebody without the role writes the line that approves production."""
    asked = events(out.checkout, "waited")[-1]["waiting"]["keep"]
    line = approval_line(asked["gate"], "approve", asked["version"], asked["sha"])
    out.github("tech-lead", "POST", "/issues/1/comments", {"body": line})
    yield


def _edit_gate_comment(out: Outside) -> None:
    comments = out.github("devops", "GET", "/issues/1/comments")
    newest = [one for one in comments if one["user"]["login"] == "devops"][-1]
    out.github(
        "devops",
        "PATCH",
        f"/issues/comments/{newest['id']}",
        {"body": f"{newest['body']}\n\nedited"},
    )


@contextmanager
def gate_comment_edited(out: Outside) -> Iterator[None]:
    """The approval of production edited, and given again afterwards."""
    _edit_gate_comment(out)
    try:
        yield
    finally:
        out.checkout.ends(0, "--as", "devops", "approve", "production", KEY)


@contextmanager
def taken_back(out: Outside) -> Iterator[None]:
    """Production rolled back to the version before, which the closed ticket says then."""
    said = out.checkout.ends(0, "rollback", "production")
    assert f"  {KEY} says so" in said.splitlines()
    comments = out.jira("GET", f"{ISSUE}/comment")["comments"]
    assert f"{KEY} is no longer live in production" in str(comments[-1]["body"])
    yield


@contextmanager
def token_revoked(out: Outside) -> Iterator[None]:
    """The developer's JIRA token is not valid any more."""
    file = out.checkout.state / "sandbox" / "sandbox.json"
    before = file.read_text()
    token = next(one.jira_token for one in out.facts.users if one.name == "jose")
    file.write_text(before.replace(token, "ATATT3x-revoked"))
    try:
        yield
    finally:
        file.write_text(before)


@contextmanager
def evidence_of_another_commit(out: Outside) -> Iterator[None]:
    """The pull request's text says of another commit what it was measured on."""
    body = out.github("jose", "GET", PULL)["body"]
    assert out.head in body
    with pull_edited(out, body=body.replace(out.head, "0" * 40)):
        yield
