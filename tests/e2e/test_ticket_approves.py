"""The production gate asked in the ticket and in the pull request, on the command line: who has an
account on one service alone gives a word like everybody else, and one person is one person.

The story is played once, in the file's order.
"""

from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.messages import error_of
from tests.e2e.records import documents, events
from tests.e2e.spoil_outside import ISSUE, Outside
from tests.e2e.story import approves, first_change

ASKED = r"approvals: \{devops: 1\}\n +roles: \{devops: \[devops\]\}\n"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout whose gate asks on both services, with nothing begun; the product owner has no
    account on GitHub as far as it knows."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("asked") / "tiny")
    try:
        checkout.ends(0, "sandbox", "up")
        asks(checkout, "both", people_of(checkout))
        yield checkout
    finally:
        checkout.close()


def people_of(checkout: Checkout) -> str:
    account = {name: account_of(checkout, name) for name in ("jose", "devops", "product-owner")}
    return (
        f'{{jose: {{github: jose, jira: "{account["jose"]}"}}, '
        f'dee: {{github: devops, jira: "{account["devops"]}"}}, '
        f'pia: {{jira: "{account["product-owner"]}"}}}}'
    )


def account_of(checkout: Checkout, person: str) -> str:
    return str(Outside(checkout).jira("GET", "/rest/api/3/myself", None, person)["accountId"])


def asks(checkout: Checkout, where: str, people: str) -> None:
    told = (
        "approvals: {devops: 1, owner: 1}\n          roles: {devops: [dee], owner: [pia]}\n"
        f"          ask: {where}\n          people: {people}\n"
    )
    checkout.edit("pipeline.yaml", ASKED, told)
    checkout.git("commit", "--quiet", "--all", "--message", "who is who")


def in_ticket(checkout: Checkout) -> list[Any]:
    return [one for one in documents(checkout, "comment") if "approve production" in f"{one.body}"]


def in_pull(checkout: Checkout) -> list[str]:
    bodies = [one.body["body"] for one in documents(checkout, "issue_comment")]
    return [body for body in bodies if "approve production" in body]


def waiting_for(checkout: Checkout) -> str:
    return str(checkout.status()["waiting_for"])


def line_of(checkout: Checkout) -> str:
    """The line that approves production, as the gate asks for it."""
    asked = [one["waiting"]["keep"] for one in events(checkout, "waited")][-1]
    return f"devflow: approve {asked['gate']} {asked['version']} at {asked['sha']}"


def test_an_author_who_could_have_any_account_of_jira_is_refused_before_anything_is_written(
    asked: Checkout,
) -> None:
    asked.edit("pipeline.yaml", r"\{jose: \{github: jose, ", "{joe: {github: joe, ")
    try:
        for command in ("plan", "start"):
            message = error_of(asked.devflow(command, KEY), 3)
            assert "jose wrote the change, and it is not said who that is on JIRA" in message
            assert "ask: both" in message and "people: {NAME: {github: jose, jira: " in message
    finally:
        asked.git("checkout", "--quiet", "pipeline.yaml")
    assert not ((asked.state / "journal.db").exists() and events(asked))


def test_a_role_of_people_who_cannot_be_heard_is_refused_where_the_file_is_read(
    asked: Checkout,
) -> None:
    asked.edit("pipeline.yaml", "ask: both", "ask: github")
    try:
        message = error_of(asked.devflow("plan", KEY), 3)
    finally:
        asked.git("checkout", "--quiet", "pipeline.yaml")
    assert "owner is asked on GitHub, where pia has no account" in message
    assert "owner: [pia]" in message and "people: {pia: {github: ACCOUNT}}" in message


def test_the_ticket_is_asked_once_with_the_line_that_answers(asked: Checkout) -> None:
    asked.ends(0, "start", KEY)
    first_change(asked)
    asked.ends(8, "ship", KEY)
    approves(asked)
    for _ in range(2):
        asked.ends(8, "ship", KEY)
    assert waiting_for(asked) == "approval by devops (dee), owner (pia)"
    (question,) = in_ticket(asked)
    assert line_of(asked) in f"{question.body}" and not in_pull(asked)


def test_who_has_no_role_on_either_service_is_told_who_may_and_writes_nothing(
    asked: Checkout,
) -> None:
    message = error_of(asked.devflow("approve", "production", KEY), 4)
    assert "jose has no role at production" in message
    assert "who may: devops: dee; owner: pia" in message
    assert len(in_ticket(asked)) == 1 and not in_pull(asked)


def test_a_line_that_is_folded_away_in_the_ticket_approves_nothing(asked: Checkout) -> None:
    text = {"type": "text", "text": line_of(asked)}
    paragraph = {"type": "paragraph", "content": [text]}
    folded = {"type": "expand", "attrs": {"title": "notes"}, "content": [paragraph]}
    body = {"body": {"type": "doc", "version": 1, "content": [folded]}}
    Outside(asked).jira("POST", f"{ISSUE}/comment", body, "product-owner")
    asked.ends(8, "ship", KEY)
    why = "pia: the line does not stand alone at the comment's beginning"
    assert waiting_for(asked) == f"approval by devops (dee), owner ({why})"


def test_each_gives_a_word_where_they_have_an_account_and_it_is_counted_once(
    asked: Checkout,
) -> None:
    before = len(in_ticket(asked))
    for _ in range(2):
        asked.ends(0, "--as", "product-owner", "approve", "production", KEY, "-m", "Good.")
    assert len(in_ticket(asked)) == before + 1 and not in_pull(asked)
    asked.ends(8, "ship", KEY)
    assert waiting_for(asked) == "approval by devops (dee)"
    # typed on the ticket's page by the account that the person has there
    text = {"type": "text", "text": line_of(asked)}
    paragraph = {"type": "paragraph", "content": [text]}
    body = {"body": {"type": "doc", "version": 1, "content": [paragraph]}}
    Outside(asked).jira("POST", f"{ISSUE}/comment", body, "devops")
    # it stands, so that it is not said again in the pull request
    asked.ends(0, "--as", "devops", "approve", "production", KEY)
    assert not in_pull(asked)


def test_who_approved_and_where_is_in_the_evidence(asked: Checkout) -> None:
    asked.ends(0, "ship", KEY)
    entry = next(one for one in asked.status()["entries"] if one["name"] == "production")
    assert entry["status"] == "passed"
    told = [one for one in entry["checks"] if one["id"].startswith("approval")]
    assert [one["measured"].split()[0] for one in told] == ["dee", "pia"]
    assert all(f"/browse/{KEY}?focusedCommentId=" in one["source"] for one in told)
