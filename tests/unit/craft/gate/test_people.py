"""Whose word opens the production gate where JIRA is asked, or both services are."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from devflow.craft.gate.people import Accounts, People
from devflow.craft.review.approvals import word_of
from devflow.model.errors import AccessDenied, PipelineInvalid, StepFailed
from devflow.model.outcomes import Absent, Waiting
from devflow.model.planning import Person
from devflow.model.release import Production
from devflow.step import GateAnswer
from devflow.steps import s25_production
from tests.unit.steps.deploy_world import TURN, DeployWorld

# the pull request is opened by developer
PEOPLE = {
    "jose": {"github": "developer", "jira": "5b-jose"},
    "dee": {"github": "dee-dev", "jira": "5b-dee"},
    "mia": {"jira": "5b-mia"},
}


def asking(where: str, **but: Any) -> s25_production.Params:
    told = {
        "ask": where,
        "people": PEOPLE,
        "approvals": {"devops": 1, "owner": 1},
        "roles": {"devops": ["dee"], "owner": ["mia"]},
        "canary": {"pct": 0},
        **but,
    }
    return s25_production.Params.model_validate(told)


def world_of() -> DeployWorld:
    world = DeployWorld()
    world.host.permissions |= {"dee-dev": "read", "developer": "write"}
    return world


def made(world: DeployWorld, params: s25_production.Params) -> Any:
    return s25_production.make(world.tools, TURN, params, world.needs())


def waits_for(world: DeployWorld, params: s25_production.Params) -> str:
    waiting = made(world, params)
    assert isinstance(waiting, Waiting), waiting
    return waiting.for_


def test_words_in_the_ticket_open_it_and_are_the_evidence() -> None:
    world = world_of()
    world.say_in_ticket("5b-dee")
    world.say_in_ticket("5B-Mia")
    product = made(world, asking("jira"))
    assert isinstance(product, Production) and "merge" in world.host.writes
    told = {(one.role, one.by, one.url) for one in product.approvals}
    assert told == {("devops", "dee", "http://t/1"), ("owner", "mia", "http://t/2")}
    assert s25_production.look(world.see, TURN, asking("jira"), world.needs()) == product


def test_it_hears_where_it_asks_and_nowhere_else() -> None:
    world = world_of()
    world.say("dee-dev")
    world.say_in_ticket("5b-mia")
    assert waits_for(world, asking("jira")) == "approval by devops (dee)"
    only_dee = asking("github", approvals={"devops": 1})
    world.say("dee-dev", "reject")
    assert isinstance(made(world, only_dee), Absent)
    world = world_of()
    world.say_in_ticket("5b-dee")
    assert waits_for(world, only_dee) == "approval by devops (dee)"


def test_a_word_in_either_place_counts_and_a_person_is_one() -> None:
    two = asking("both", approvals={"devops": 2}, roles={"devops": ["dee", "mia", "kim"]})
    world = world_of()
    world.say("dee-dev")
    world.say_in_ticket("5b-dee")
    assert waits_for(world, two) == "approval by devops (1 of mia, kim)"
    world.say_in_ticket("5b-mia")
    assert isinstance(made(world, two), Production)


def test_the_last_word_counts_wherever_it_was_said() -> None:
    world = world_of()
    world.say("dee-dev")
    world.say_in_ticket("5b-mia")
    world.say_in_ticket("5b-dee", "reject")
    refused = made(world, asking("both"))
    assert isinstance(refused, Absent) and refused.why.startswith("dee rejected")
    assert refused.why.endswith("http://t/2")


@pytest.mark.parametrize(
    ("but", "why"),
    [
        ({"edited": True}, "dee: the comment was edited"),
        ({"is_plain": False}, "dee: the line does not stand alone at the comment's beginning"),
        ({"author": Person(id="5b-kim", name="dee")}, "dee"),
        ({"author": Person(id="dee", name="dee")}, "dee"),
        ({"author": Person(id="dee-dev", name="dee")}, "dee"),
    ],
    ids=["edited", "framed", "display name", "called as a person", "called as on GitHub"],
)
@pytest.mark.parametrize("where", ["jira", "both"])
def test_a_comment_of_the_ticket_that_is_no_word_of_the_role(
    where: str, but: dict[str, Any], why: str
) -> None:
    world = world_of()
    world.say_in_ticket("5b-mia")
    world.say_in_ticket("5b-dee", **but)
    assert waits_for(world, asking(where)) == f"approval by devops ({why})"


def test_an_account_that_was_closed_has_no_word_any_more() -> None:
    world = world_of()
    world.say_in_ticket("5b-mia")
    world.say_in_ticket("5b-dee", author=Person(id="5b-dee", name="Dee", active=False))
    assert waits_for(world, asking("jira")).startswith("approval by devops (")


def test_a_stranger_on_github_who_is_called_as_a_person_is_nobody() -> None:
    world = world_of()
    world.host.permissions["dee"] = "read"
    world.say("dee")
    world.say_in_ticket("5b-mia")
    assert waits_for(world, asking("both")) == "approval by devops (dee)"


def test_an_account_of_jira_is_not_the_login_of_the_same_name() -> None:
    plain = asking("both", roles={"devops": ["kim"], "owner": ["mia"]})
    world = world_of()
    world.say_in_ticket("5b-mia")
    world.say_in_ticket("kim")
    assert waits_for(world, plain) == "approval by devops (kim)"
    only_jira = asking("jira", roles={"devops": ["kim"], "owner": ["5b-mia"]})
    assert isinstance(made(world, only_jira), Production)


@pytest.mark.parametrize("where", ["jira", "both"])
def test_nobody_approves_their_own_change_by_the_other_account(where: str) -> None:
    params = asking(where, roles={"devops": ["jose", "dee"], "owner": ["mia"]})
    world = world_of()
    world.say_in_ticket("5b-mia")
    world.say_in_ticket("5b-jose")
    assert waits_for(world, params) == "approval by devops (dee)"
    world.tracker.acting = Person(id="5b-jose", name="Jose")
    world.host.acting = "developer"
    with pytest.raises(AccessDenied, match="jose may not approve their own change"):
        s25_production.answer(world.tools, TURN, params, world.needs(), GateAnswer("approve"))
    # a no of theirs counts
    world.say_in_ticket("5b-jose", "reject")
    assert isinstance(made(world, params), Absent)
    alone = params.model_copy(update={"self_approval": True})
    world.say_in_ticket("5b-jose")
    assert isinstance(made(world, alone), Production)


def test_an_author_of_whom_it_is_not_said_who_they_are_there_is_refused() -> None:
    world = world_of()
    world.host.committers = ("lee",)
    world.say_in_ticket("5b-dee")
    world.say_in_ticket("5b-mia")
    with pytest.raises(PipelineInvalid, match="lee wrote the change, and it is not said") as raised:
        made(world, asking("jira"))
    assert "people: {NAME: {github: lee, jira: ACCOUNT}}" in raised.value.hint
    assert "merge" not in world.host.writes and raised.value.parameter == ("ask",)
    with pytest.raises(PipelineInvalid, match="lee wrote the change"):
        s25_production.answer(
            world.tools, TURN, asking("jira"), world.needs(), GateAnswer("approve")
        )
    # known, and known to have no account there
    known = asking("jira", people={**PEOPLE, "lee": {"github": "Lee"}})
    assert isinstance(made(world, known), Production)


@pytest.mark.parametrize("where", ["jira", "both"])
def test_the_word_is_written_where_it_is_asked_and_counts(where: str) -> None:
    world = world_of()
    world.host.acting = "nobody"
    world.tracker.acting = Person(id="5b-mia", name="Mia")
    needs = world.needs()
    for _ in range(2):
        s25_production.answer(world.tools, TURN, asking(where), needs, GateAnswer("approve", "ok"))
    (comment,) = world.tracker.said["SCRUM-95"]
    assert comment.body.startswith(f"{world.line()}\n\nok") and not world.host.said
    assert waits_for(world, asking(where)) == "approval by devops (dee)"
    world.host.acting = "dee-dev"
    if where == "both":
        s25_production.answer(world.tools, TURN, asking(where), needs, GateAnswer("approve"))
        assert len(world.host.said) == 1
        assert isinstance(made(world, asking(where)), Production)
    with pytest.raises(AccessDenied, match="nobody and kim .JIRA. have no role"):
        world.host.acting = "nobody"
        world.tracker.acting = Person(id="kim", name="Mia")
        told = asking("both")
        s25_production.answer(world.tools, TURN, told, needs, GateAnswer("approve"))


def test_a_word_that_jira_keeps_otherwise_is_told() -> None:
    world = world_of()
    world.tracker.acting = Person(id="5b-mia", name="Mia")
    world.tracker.plain = False
    with pytest.raises(StepFailed, match="production does not count what mia said") as raised:
        s25_production.answer(
            world.tools, TURN, asking("jira"), world.needs(), GateAnswer("approve")
        )
    assert raised.value.where == "http://tracker.test/browse/SCRUM-95"


def test_the_ticket_is_asked_once_and_the_question_is_no_word() -> None:
    world = world_of()
    world.tracker.acting = Person(id="5b-dee", name="Dee")
    needs = world.needs()
    for _ in range(2):
        waiting = s25_production.make(world.tools, TURN, asking("jira"), needs)
        assert isinstance(waiting, Waiting)
        assert waiting.look_at == "http://tracker.test/browse/SCRUM-95"
    (question,) = world.tracker.said["SCRUM-95"]
    assert world.line() in question.body and word_of(question.body) is None
    assert "one of the roles devops, owner" in question.body and not world.host.said
    foreseen = [one for one in s25_production.foresee(asking("jira"), needs).writes]
    assert foreseen[0].port == "tracker" and foreseen[0].verb == "comment"


def test_nothing_is_written_to_the_ticket_where_it_is_not_asked() -> None:
    world = world_of()
    waits_for(world, asking("github", approvals={"devops": 1}))
    assert "comment" not in world.tracker.writes


def test_going_now_is_asked_and_allowed_in_the_ticket() -> None:
    window = {"days": ["sat"], "override": "devops"}
    params = asking("jira", window=window, approvals={"owner": 1})
    world = world_of()
    world.say_in_ticket("5b-mia")
    needs = world.needs()
    now = replace(TURN, now=True)
    assert isinstance(s25_production.make(world.tools, now, params, needs), Waiting)
    question = world.tracker.said["SCRUM-95"][-1].body
    assert world.line(gate="production:now") in question and not world.host.said
    world.tracker.acting = Person(id="5b-dee", name="Dee")
    s25_production.answer(world.tools, TURN, params, needs, GateAnswer("approve", now=True))
    assert isinstance(s25_production.make(world.tools, TURN, params, needs), Production)


@pytest.mark.parametrize(
    ("but", "words"),
    [
        ({"ask": "github"}, "owner is asked on GitHub, where mia has no account"),
        ({"approvals": {"devops": 2}}, "2 approvals by devops are asked for, and 1 account has"),
        ({"roles": {"devops": ["dee"]}}, "1 approval by owner is asked for, and 0 accounts have"),
        # a person by three of their names is one
        (
            {"approvals": {"devops": 2}, "roles": {"devops": ["dee", "Dee", "dee-dev"]}},
            "2 approvals by devops are asked for, and 1 account has",
        ),
        ({"window": {"override": "pilots"}}, "1 approval by pilots is asked for"),
    ],
)
def test_a_gate_that_nobody_can_open_is_refused_where_the_file_is_read(
    but: dict[str, Any], words: str
) -> None:
    with pytest.raises(PipelineInvalid, match=words):
        s25_production.refuse(asking("both", **but))


@pytest.mark.parametrize(
    "people",
    [
        {"dee": {}},
        {"dee": {"github": "dee"}, "don": {"github": "Dee"}},
        {"dee": {"jira": "5b"}, "don": {"jira": "5B"}},
        {"dee": {"jira": "5b"}, "Dee": {"jira": "5c"}},
    ],
    ids=["nowhere", "a shared login", "a shared account", "a shared name"],
)
def test_people_that_cannot_be_told_apart_are_refused(people: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        asking("both", people=people)


def test_accounts_of_jira_that_are_not_there_are_told_before_anything_is_begun() -> None:
    world = world_of()
    ends = {"approvals": {"devops": 1, "owner": 1, "idle": 0}, "window": {"override": "pilots"}}
    roles = {"devops": ["dee"], "owner": ["mia"], "pilots": ["kim"], "idle": ["lee"]}
    world.tracker.people = {
        "5b-dee": Person(id="5b-dee", name="Dee"),
        "5b-mia": Person(id="5b-mia", name="Mia", active=False),
    }
    ports = replace(world.see, history=NoHistory())
    both = s25_production.ahead(ports, "SCRUM-95", asking("both", roles=roles, **ends))
    closed = "owner is asked of mia, JIRA account 5b-mia: JIRA has closed it"
    assert both == (closed,)
    only = s25_production.ahead(ports, "SCRUM-95", asking("jira", roles=roles, **ends))
    unknown = "pilots is asked of kim, JIRA account kim: JIRA shows no such account to this token"
    assert set(only) == {closed, unknown}
    assert not s25_production.ahead(ports, "SCRUM-95", asking("github", approvals={"devops": 1}))


class NoHistory:
    """Nothing was ever done."""

    def runs(self) -> tuple[()]:
        return ()

    def events(self, run: str) -> tuple[()]:
        return ()


def test_no_account_is_two_people_and_no_stranger_is_one_of_them() -> None:
    people = People(ask="both", accounts={"a": Accounts(github="b"), "b": Accounts(jira="c")})
    every = [(s, n) for s in ("github", "jira") for n in ("a", "b", "c", "A", "d")]
    told = {(s, n): people.by(s, n) for s, n in every}  # type: ignore[arg-type]
    assert {key for key, who in told.items() if who in people.accounts} == {
        ("github", "b"),
        ("jira", "c"),
    }
    assert told["github", "d"] == "d" and told["jira", "d"] == "d (JIRA)"
