"""A whole story on a JIRA that is not like the reference's: in German, with changelogs in English,
JIRA's classic way from Resolved to Closed, a field that closing asks for, pages of two, pauses and
a code host that hides its rules.

The tests share one ticket and take it further in the file's order.
"""

import re
from typing import Any, Final, Iterator

import pytest

from tests.behaviour import CHAIN, GERMAN, TEAM, JiraHands, set_up
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.messages import error_of
from tests.e2e.records import documents, transitions
from tests.e2e.story import approves, approves_production, first_change

SITE: Final[dict[str, Any]] = {
    **GERMAN,
    "statuses": {
        **GERMAN["statuses"],
        "10005": ["Gelöst", "done"],
        "10009": ["Geschlossen", "done"],
    },
    "columns": [["10000"], ["10001"], ["10002"], ["10003"], ["10006", "10005", "10009"]],
    "transitions": {
        "91": ["Ablehnen", "*", "10006", []],
        **CHAIN,
        "41": ["Lösen", "10003", "10005", ["resolution"]],
        "51": ["Schließen", "10005", "10009", list(TEAM)],
    },
    "fields": TEAM,
}
del SITE["statuses"]["10004"]
# what has to do with trackers and code hosts, and what closing confirms
PHASES: Final = """\
phases:
  planning: [ticket, sprint_planning, assignment, requirements, architecture]
  development: [branch, coding, commit, push]
  review:
    - pull_request: {with: {reviewers: [tech-lead]}}
    - parallel: [code_review, {jira_sync: {with: {status: "10002"}}}]
  ci:
    - trigger
    - backend_tests: {with: {suite: unit}}
  deploy:
    - development
    - production:
        deferred: true
        with: {approvals: {devops: 1}, roles: {devops: [devops]}, port_offset: 1000}
  operate:
    - monitoring: {required: false}
    - closure: {with: {done: Geschlossen, testing: Im Test}}
"""
MARK: Final = re.compile(r"\[devflow:[\w:-]+]")
# what people say: the third page of two
TALK: Final = 5


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The tiny project beside such a site, before anything has begun."""
    made = tiny_checkout(tmp_path_factory.mktemp("site") / "tiny")
    made.edit("pipeline.yaml", "(?s)phases:.*", PHASES)
    made.git("commit", "--quiet", "--all", "--message", "close as this site does")
    made.ends(0, "sandbox", "up")
    yield made
    made.close()


@pytest.fixture(scope="module")
def sandbox(checkout: Checkout) -> dict[str, Any]:
    """The servers that behave so."""
    described = checkout.sandbox()
    set_up(described, "jira", workflow=SITE, page_size=2)
    set_up(described, "github", page_size=2)
    return described


@pytest.fixture(scope="module")
def hands(sandbox: dict[str, Any]) -> JiraHands:
    return JiraHands(sandbox)


def test_without_a_known_way_to_the_end_nothing_is_written(
    checkout: Checkout, hands: JiraHands
) -> None:
    hands.move(hands.ticket("Nobody wants it"), "91")
    message = error_of(checkout.devflow("start", KEY), 1)
    assert "no way of SCRUM-95 from 'Zu erledigen' to 'Geschlossen' is known" in message
    assert "In Arbeit (10001)" in message and "via: [...]" in message
    assert hands.status(KEY) == "Zu erledigen"
    assert documents(checkout, "comment", "worklog") == []
    assert not (checkout.state / "journal.db").exists()


def test_a_field_that_closing_asks_for_is_told_before_the_first_write(
    checkout: Checkout, hands: JiraHands
) -> None:
    resolved = {"resolution": {"id": "10000"}}
    hands.move(hands.ticket("Done before"), "11", "21", "31", "41", **resolved)
    closed = hands.ticket("Closed before")
    hands.move(closed, "11", "21", "31", "41", **resolved)
    hands.move(closed, "51", customfield_10050={"id": "2"})
    message = error_of(checkout.devflow("start", KEY), 1)
    assert "'Schließen' asks for 'Team'" in message and "allowed: Blue, Red" in message
    assert 'project: {tracker: {fields: {"Team": "Blue"}}}' in message
    assert hands.status(KEY) == "Zu erledigen"
    assert not (checkout.state / "journal.db").exists()


def test_what_is_given_in_pipeline_yaml_lets_it_begin(
    checkout: Checkout, hands: JiraHands, sandbox: dict[str, Any]
) -> None:
    given = "{project: SCRUM, fields: {Team: Blue}}"
    checkout.edit("pipeline.yaml", "{project: SCRUM}", given)
    checkout.git("commit", "--quiet", "--all", "--message", "say what closing asks for")
    # the remote's main was that of the first command
    checkout.git("push", "--quiet", sandbox["git_remote"], "main")
    for number in range(TALK):
        hands.comment(KEY, f"word {number}")
    checkout.ends(0, "start", KEY)
    assert hands.status(KEY) == "In Arbeit"
    assert transitions(checkout) == ["To Do → In Progress"]


def test_a_pause_is_kept_and_told_and_a_longer_one_ends_the_command_with_its_end(
    checkout: Checkout, hands: JiraHands, sandbox: dict[str, Any]
) -> None:
    first_change(checkout)
    limited = {"path": "/rest/api/3/", "status": 429, "headers": {"Retry-After": "600"}}
    set_up(sandbox, "jira", workflow=SITE, page_size=2, answers=[limited])
    message = error_of(checkout.devflow("ship", KEY), 10)
    assert "asks for a pause of 10 min 00 s, until " in message
    assert "devflow ship --wait" in message
    once = {**limited, "headers": {"Retry-After": "1"}, "times": 1}
    hidden = {"path": "/rules/", "status": 403, "body": {"message": "Resource not accessible"}}
    set_up(sandbox, "jira", workflow=SITE, page_size=2, answers=[once])
    set_up(sandbox, "github", page_size=2, answers=[hidden])
    ran = checkout.devflow("ship", KEY)
    assert ran.returncode == 8, ran.stdout + ran.stderr
    assert "asked again in 1.0 s, try 2 of 6" in ran.stderr
    assert hands.status(KEY) == "Wird geprüft"


def test_the_ticket_is_closed_over_the_way_that_others_went(
    checkout: Checkout, hands: JiraHands
) -> None:
    approves(checkout)
    # production is deferred: the ticket is closed meanwhile
    checkout.ends(8, "ship", KEY)
    assert hands.status(KEY) == "Geschlossen"
    approves_production(checkout)
    checkout.ends(0, "ship", KEY)
    way = ["To Do", "In Progress", "In Review", "Testing", "Gelöst", "Geschlossen"]
    assert transitions(checkout) == [f"{a} → {b}" for a, b in zip(way, way[1:])]
    assert hands.send("GET", f"issue/{KEY}")["fields"]["customfield_10050"]["value"] == "Blue"
    assert hands.send("GET", f"issue/{KEY}")["fields"]["resolution"]["name"] == "Erledigt"
    # devflow's comments stand behind people's, on the last pages, each once
    marks = [mark for one in documents(checkout, "comment") for mark in MARK.findall(str(one.body))]
    assert len(marks) == len(set(marks)) >= 3
    entries = {entry["name"]: entry for entry in checkout.status()["entries"]}
    assert {entries[name]["status"] for name in ("closure", "jira_sync")} == {"passed"}
    assert "In Arbeit → Wird geprüft → Im Test → Gelöst → Geschlossen" in str(entries["closure"])


def test_ship_again_writes_nothing(checkout: Checkout) -> None:
    before = documents(checkout, "comment", "history", "status", "worklog")
    checkout.ends(0, "ship", KEY)
    assert documents(checkout, "comment", "history", "status", "worklog") == before
