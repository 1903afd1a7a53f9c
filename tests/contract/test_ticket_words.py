"""A person's word in a ticket's comments, on the real adapter: a JIRA Cloud that runs here, and a
Data Center's answers at the wire."""

import json
from typing import Any, Iterator

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.adf import to_adf
from devflow.adapters.jira.tracker import JiraAuth, JiraTracker
from devflow.craft.gate.forum import Forum
from devflow.craft.gate.gate import Gate, read_gate, say
from devflow.craft.gate.people import Accounts, People
from devflow.model.errors import AccessDenied
from devflow.model.ids import Sha
from devflow.model.marks import UNMARKED, Mark
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Approval
from devflow.model.review import HostPull
from tests.sandbox_process import running_sandbox

QUICK = Retry(first_wait_s=0.01)
GATE = Gate(
    name="production",
    version="5c" * 20,
    sha=Sha("a9" * 20),
    wanted={"devops": 1},
    roles={"devops": ("dee",)},
)
LINE = GATE.line("approve")
PULL = HostPull(
    number=1,
    title="Tabs",
    body="",
    url="http://host.test/pull/1",
    author="jose",
    head="SCRUM-95-tabs",
    head_sha=GATE.sha,
    base="main",
    state="open",
)
NOT_ALONE = "dee: the line does not stand alone at the comment's beginning"
MASKS: dict[str, Any] = {
    "panel": {"type": "panel", "attrs": {"panelType": "info"}},
    "expand": {"type": "expand", "attrs": {"title": "more"}},
    "quotation": {"type": "blockquote"},
}


class MarkingTracker(JiraTracker):
    """Marks what it writes, as the engine has it do."""

    def comment(self, key: str, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        mark = Mark(run=key, entry=GATE.name, verb="comment", slot=slot)
        super().comment(key, body, mark=mark)


class OnTicket:
    """The world of a gate that asks in the ticket alone."""

    def __init__(self, tracker: JiraTracker) -> None:
        self.tracker = tracker

    @property
    def host(self) -> Any:
        raise AssertionError("the code host was asked")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as described:
        yield described


def user(sandbox: dict[str, Any], name: str) -> Any:
    return next(one for one in sandbox["users"] if one["name"] == name)


def tracker_of(sandbox: dict[str, Any], name: str) -> JiraTracker:
    person = user(sandbox, name)
    auth = JiraAuth(person["jira_token"], person["email"])
    return MarkingTracker(sandbox["jira"]["url"], auth, "SCRUM", retry=QUICK)


def jira(sandbox: dict[str, Any], name: str, method: str, path: str, body: Any) -> Any:
    person = user(sandbox, name)
    url = f"{sandbox['jira']['url']}/rest/api/3/issue{path}"
    login = (person["email"], person["jira_token"])
    answer = requests.request(method, url, json=body, auth=login, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


@pytest.fixture
def forum(sandbox: dict[str, Any]) -> Forum:
    """A ticket of its own, where DevOps is dee."""
    fields = {"project": {"key": "SCRUM"}, "issuetype": {"name": "Task"}, "summary": "A ticket"}
    key = jira(sandbox, "jose", "POST", "", {"fields": fields})["key"]
    account = tracker_of(sandbox, "devops").me().id
    people = People(ask="jira", accounts={"dee": Accounts(jira=account)})
    return Forum(people=people, pull=PULL, key=key)


def seen(sandbox: dict[str, Any], forum: Forum) -> Any:
    return read_gate(OnTicket(tracker_of(sandbox, "jose")), GATE, forum)


def paragraph(*content: Any) -> Any:
    return {"type": "paragraph", "content": list(content)}


def words(text: str, *marks: str) -> Any:
    node: dict[str, Any] = {"type": "text", "text": text}
    if marks:
        node["marks"] = [{"type": mark} for mark in marks]
    return node


def document(*blocks: Any) -> dict[str, Any]:
    return {"body": {"type": "doc", "version": 1, "content": list(blocks)}}


def test_a_word_is_written_by_its_own_token_read_back_and_said_once(
    sandbox: dict[str, Any], forum: Forum
) -> None:
    devops = OnTicket(tracker_of(sandbox, "devops"))
    for _ in range(2):
        say(devops, forum, GATE, "approve", "I *looked* at it.")
    (approval,) = seen(sandbox, forum)
    assert isinstance(approval, Approval) and (approval.role, approval.by) == ("devops", "dee")
    assert f"/browse/{forum.key}?focusedCommentId=" in approval.url
    (comment,) = tracker_of(sandbox, "jose").comments(forum.key)
    assert comment.is_plain and comment.body.startswith(f"{LINE}\n\nI *looked* at it.")
    say(devops, forum, GATE, "reject", "")
    refused = seen(sandbox, forum)
    assert isinstance(refused, Absent) and refused.why.startswith("dee rejected")
    say(devops, forum, GATE, "approve", "")
    assert len(tracker_of(sandbox, "jose").comments(forum.key)) == 3
    assert seen(sandbox, forum)[0].by == "dee"


def test_an_account_is_found_by_its_id_or_it_is_said_that_none_is_shown(
    sandbox: dict[str, Any],
) -> None:
    tracker = tracker_of(sandbox, "jose")
    devops = tracker_of(sandbox, "devops").me()
    assert tracker.person(devops.id) == devops and devops.active
    assert tracker.person("712020:nobody") is None


@pytest.mark.parametrize(("status", "found"), [(200, True), (404, False), (403, False)])
def test_on_data_center_an_account_is_found_by_its_user_name(
    center: OnTicket, httpserver: HTTPServer, status: int, found: bool
) -> None:
    asked = httpserver.expect_request("/rest/api/2/user", query_string={"username": "dee.dev"})
    asked.respond_with_json({**WRITER, "active": False} if found else {}, status=status)
    person = center.tracker.person("dee.dev")
    assert (person is not None) is found
    assert person is None or (person.id == "dee.dev" and not person.active)


def test_who_has_no_role_there_writes_nothing(sandbox: dict[str, Any], forum: Forum) -> None:
    with pytest.raises(AccessDenied, match="has no role at production") as denied:
        say(OnTicket(tracker_of(sandbox, "security")), forum, GATE, "approve", "")
    assert denied.value.where.endswith(f"/browse/{forum.key}")
    assert not tracker_of(sandbox, "jose").comments(forum.key)


@pytest.mark.parametrize(
    "body",
    [
        document(paragraph(words(LINE))),
        document(paragraph(words(LINE[:9]), words(LINE[9:]))),
        document(paragraph(words(LINE)), paragraph(words("I looked at it."))),
        document(paragraph(words(LINE), {"type": "hardBreak"}, {"type": "hardBreak"}, words("x"))),
    ],
    ids=["alone", "in two parts", "with text behind it", "with two breaks behind it"],
)
def test_a_word_that_a_person_types_on_the_page_counts(
    sandbox: dict[str, Any], forum: Forum, body: Any
) -> None:
    jira(sandbox, "devops", "POST", f"/{forum.key}/comment", body)
    assert seen(sandbox, forum)[0].role == "devops"


LOOKALIKES = {
    **{
        name: document({**frame, "content": [paragraph(words(LINE))]})
        for name, frame in MASKS.items()
    },
    "code": document({"type": "codeBlock", "content": [words(LINE)]}),
    "a list": {"body": to_adf(f"- {LINE}")},
    "a heading": {"body": to_adf(f"# {LINE}")},
    "underlined": document(paragraph(words(LINE, "underline"))),
    "behind an empty paragraph": document(paragraph(), paragraph(words(LINE))),
    "behind a rule": document({"type": "rule"}, paragraph(words(LINE))),
    "a break before it": document(paragraph({"type": "hardBreak"}, words(LINE))),
    "a blank before it": document(paragraph(words(f" {LINE}"))),
    "more on the next line": document(paragraph(words(LINE), {"type": "hardBreak"}, words("no"))),
    "an end of a line that is none": document(paragraph(words(f"{LINE}\n\nbut not today"))),
}


@pytest.mark.parametrize("body", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_looks_like_a_word_says_nothing_and_it_is_told_why(
    sandbox: dict[str, Any], forum: Forum, body: Any
) -> None:
    jira(sandbox, "devops", "POST", f"/{forum.key}/comment", body)
    waiting = seen(sandbox, forum)
    assert isinstance(waiting, Waiting) and waiting.for_ == f"approval by devops ({NOT_ALONE})"


@pytest.mark.parametrize("form", ["code", "strike", "strong", "em"])
def test_a_line_in_another_form_says_nothing(
    sandbox: dict[str, Any], forum: Forum, form: str
) -> None:
    body = document(paragraph(words(LINE, form)))
    jira(sandbox, "devops", "POST", f"/{forum.key}/comment", body)
    assert seen(sandbox, forum).for_ == "approval by devops (dee)"


def test_a_word_of_another_account_or_one_that_was_edited_counts_for_nothing(
    sandbox: dict[str, Any], forum: Forum
) -> None:
    jira(sandbox, "security", "POST", f"/{forum.key}/comment", document(paragraph(words(LINE))))
    assert seen(sandbox, forum).for_ == "approval by devops (dee)"
    hello = document(paragraph(words("Hello")))
    made = jira(sandbox, "devops", "POST", f"/{forum.key}/comment", hello)
    line = document(paragraph(words(LINE)))
    jira(sandbox, "devops", "PUT", f"/{forum.key}/comment/{made['id']}", line)
    assert seen(sandbox, forum).for_ == "approval by devops (dee: the comment was edited)"


@pytest.fixture
def center(httpserver: HTTPServer) -> OnTicket:
    """A Data Center whose token is Dee's, and which has no comment yet."""
    site = {
        "baseUrl": "https://jira.example.org",
        "versionNumbers": [9, 12, 0],
        "deploymentType": "Server",
    }
    httpserver.expect_request("/rest/api/2/serverInfo").respond_with_json(site)
    httpserver.expect_request("/rest/api/2/myself").respond_with_json(WRITER)
    tracker = MarkingTracker(httpserver.url_for(""), JiraAuth("secret"), "SCRUM", retry=QUICK)
    return OnTicket(tracker)


WRITER = {"name": "dee.dev", "key": "JIRAUSER10100", "displayName": "Dee", "active": True}
AT_CENTER = Forum(
    people=People(ask="jira", accounts={"dee": Accounts(jira="Dee.Dev")}), pull=PULL, key="SCRUM-1"
)
COMMENTS = "/rest/api/2/issue/SCRUM-1/comment"


def wiki(number: int, body: str, **but: Any) -> dict[str, Any]:
    told = {
        "id": f"{number}",
        "author": WRITER,
        "body": body,
        "created": "2026-01-05T09:00:00.000+0000",
        "updated": "2026-01-05T09:00:00.000+0000",
    }
    return {**told, **but}


@pytest.mark.parametrize(
    ("comment", "waits_for"),
    [
        (wiki(1, LINE), ""),
        (wiki(1, f"{LINE}\r\n\r\nI looked at it.\r\n"), ""),
        (wiki(1, f"{{quote}}\r\n{LINE}\r\n{{quote}}"), NOT_ALONE),
        (wiki(1, f"{{code}}\n{LINE}\n{{code}}"), NOT_ALONE),
        (wiki(1, f"bq. {LINE}"), NOT_ALONE),
        (wiki(1, f"{{color:white}}{LINE}{{color}}"), "dee"),
        (wiki(1, f"  {LINE}"), NOT_ALONE),
        (wiki(1, f"\r\n{LINE}"), NOT_ALONE),
        (wiki(1, f"{LINE}\r\nbut not today"), NOT_ALONE),
        (wiki(1, LINE, updated="2026-01-05T09:00:00.001+0000"), "dee: the comment was edited"),
        (wiki(1, LINE, author={"name": "mallory", "displayName": "Dee"}), "dee"),
    ],
)
def test_data_center_s_wiki_text_is_read_by_the_same_rules(
    center: OnTicket, httpserver: HTTPServer, comment: Any, waits_for: str
) -> None:
    httpserver.expect_request(COMMENTS).respond_with_json({"comments": [comment], "total": 1})
    # where a person is sent to
    shown = {"key": "SCRUM-1"}
    httpserver.expect_request("/rest/api/2/issue/SCRUM-1").respond_with_json(shown)
    words_read = AT_CENTER.heard(center)
    counted = GATE.words(words_read)
    if waits_for:
        assert not counted.get("dee")
        reason = GATE.why_unheard(words_read, "dee")
        assert (f"dee: {reason}" if reason else "dee") == waits_for
    else:
        assert counted["dee"].verdict == "approve"


def test_on_data_center_a_word_is_written_as_text_and_counts(
    center: OnTicket, httpserver: HTTPServer
) -> None:
    written: list[Any] = []

    def post(request: Request) -> Response:
        written.append(wiki(1, request.get_json()["body"]))
        return Response(json.dumps({"id": "1"}), 201, content_type="application/json")

    def listed(_: Request) -> Response:
        page = {"comments": written, "total": len(written)}
        return Response(json.dumps(page), content_type="application/json")

    def one(_: Request) -> Response:
        return Response(json.dumps(written[0]), content_type="application/json")

    httpserver.expect_request(COMMENTS, method="POST").respond_with_handler(post)
    httpserver.expect_request(COMMENTS, method="GET").respond_with_handler(listed)
    httpserver.expect_request(f"{COMMENTS}/1", method="GET").respond_with_handler(one)
    for _ in range(2):
        say(center, AT_CENTER, GATE, "approve", "I looked at it.")
    mark = "[devflow:SCRUM-1:production:comment:dee.dev:after-0]"
    assert [one["body"] for one in written] == [f"{LINE}\n\nI looked at it.\n\n{mark}"]
    httpserver.check()
