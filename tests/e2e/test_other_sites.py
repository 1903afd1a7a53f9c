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
CLOSE_AS: Final = "    - closure: {with: {done: Geschlossen, testing: Im Test}}"
MARK: Final = re.compile(r"\[devflow:[\w:-]+]")
# what people say: the third page of two
TALK: Final = 5


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The tiny project beside such a site, before anything has begun."""
    made = tiny_checkout(tmp_path_factory.mktemp("site") / "tiny")
    made.edit("pipeline.yaml", "    - closure\n", f"{CLOSE_AS}\n")
    made.edit("pipeline.yaml", "jira_sync\\]", "{jira_sync: {with: {status: '10002'}}}]")
    made.git("commit", "--quiet", "--all", "--message", "close as this site does")
    made.ends(0, "sandbox", "up")
    set_up(made.sandbox(), "jira", workflow=SITE, page_size=2)
    set_up(made.sandbox(), "github", page_size=2)
    yield made
    made.close()


@pytest.fixture(scope="module")
def hands(checkout: Checkout) -> JiraHands:
    return JiraHands(checkout.sandbox())


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


def test_what_is_given_in_pipeline_yaml_lets_it_begin(checkout: Checkout, hands: JiraHands) -> None:
    given = "{project: SCRUM, fields: {Team: Blue}}"
    checkout.edit("pipeline.yaml", "{project: SCRUM}", given)
    checkout.git("commit", "--quiet", "--all", "--message", "say what closing asks for")
    # the remote's main was that of the first command
    checkout.git("push", "--quiet", checkout.sandbox()["git_remote"], "main")
    for number in range(TALK):
        hands.comment(KEY, f"word {number}")
    checkout.ends(0, "start", KEY)
    assert hands.status(KEY) == "In Arbeit"
    assert transitions(checkout) == ["To Do → In Progress"]


def test_a_pause_is_kept_and_told_and_a_longer_one_ends_the_command_with_its_end(
    checkout: Checkout, hands: JiraHands
) -> None:
    first_change(checkout)
    limited = {"path": "/rest/api/3/", "status": 429, "headers": {"Retry-After": "600"}}
    set_up(checkout.sandbox(), "jira", workflow=SITE, page_size=2, answers=[limited])
    message = error_of(checkout.devflow("ship", KEY), 10)
    assert "asks for a pause of 10 min 00 s, until " in message
    assert "devflow ship --wait" in message
    once = {**limited, "headers": {"Retry-After": "1"}, "times": 1}
    hidden = {"path": "/rules/", "status": 403, "body": {"message": "Resource not accessible"}}
    set_up(checkout.sandbox(), "jira", workflow=SITE, page_size=2, answers=[once])
    set_up(checkout.sandbox(), "github", page_size=2, answers=[hidden])
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
    shown = checkout.ends(0, "ship", KEY, "--output", "plain")
    way = ["To Do", "In Progress", "In Review", "Testing", "Gelöst", "Geschlossen"]
    assert transitions(checkout) == [f"{a} → {b}" for a, b in zip(way, way[1:])]
    assert hands.send("GET", f"issue/{KEY}")["fields"]["customfield_10050"]["value"] == "Blue"
    assert hands.send("GET", f"issue/{KEY}")["fields"]["resolution"]["name"] == "Erledigt"
    # devflow's comments stand behind people's, on the last pages, each once
    marks = [mark for one in documents(checkout, "comment") for mark in MARK.findall(str(one.body))]
    assert len(marks) == len(set(marks)) >= 3
    flow = "In Arbeit → Wird geprüft → Im Test → Gelöst → Geschlossen"
    assert flow in checkout.ends(0, "explain", "closure") or flow in shown
    assert checkout.statuses()["closure"] == "passed"
    assert checkout.statuses()["jira_sync"] == "passed"


def test_ship_again_writes_nothing(checkout: Checkout) -> None:
    before = documents(checkout, "comment", "history", "status", "worklog")
    checkout.ends(0, "ship", KEY)
    assert documents(checkout, "comment", "history", "status", "worklog") == before
