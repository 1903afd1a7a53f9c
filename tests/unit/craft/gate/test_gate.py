"""Whose approval opens the production gate, asked of the step on ports in memory."""

from dataclasses import replace
from datetime import timedelta

import pytest

from devflow.config.validation import validated
from devflow.config.yaml_source import Source
from devflow.craft.gate.window import Window
from devflow.craft.review.approvals import word_of
from devflow.engine.gate import refuse_to_wait
from devflow.engine.plan import Entry
from devflow.engine.refusals import refuse
from devflow.model.checks import Status, judged
from devflow.model.declared.project import Project
from devflow.model.errors import AccessDenied, PipelineInvalid, UsageError
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Production
from devflow.step import GateAnswer
from devflow.steps import s25_production
from devflow.testing import NOW
from tests.unit.steps.deploy_world import PARAMS, ROLES, TURN, DeployWorld


def test_nobody_approves_their_own_change_and_a_no_of_theirs_counts() -> None:
    world = DeployWorld()
    world.host.committers = ("Sam",)
    world.approve()
    two = PARAMS.model_copy(update={"roles": {**ROLES, "security": ("sam", "kim")}})
    needs = world.needs()
    waiting = s25_production.make(world.tools, TURN, two, needs)
    assert isinstance(waiting, Waiting) and waiting.for_ == "approval by security (kim)"
    world.host.acting = "sam"
    with pytest.raises(AccessDenied, match="sam may not approve their own change") as denied:
        s25_production.answer(world.tools, TURN, two, needs, GateAnswer("approve"))
    assert "security: kim" in denied.value.hint and "sam" not in denied.value.hint
    alone = PARAMS.model_copy(update={"self_approval": True})
    s25_production.answer(world.tools, TURN, alone, needs, GateAnswer("approve"))
    assert isinstance(s25_production.make(world.tools, TURN, alone, needs), Production)
    world.say("sam", "reject")
    assert isinstance(s25_production.make(world.tools, TURN, two, needs), Absent)


def test_a_role_that_only_the_author_has_is_an_error_of_the_configuration() -> None:
    world = DeployWorld()
    world.host.committers = ("sam",)
    with pytest.raises(PipelineInvalid, match="with sam, who wrote the change") as raised:
        world.produce()
    assert raised.value.parameter == ("roles", "security")


@pytest.mark.parametrize("nobody", [{}, {"devops": 0}], ids=["none", "0"])
def test_that_nobody_is_asked_is_said_in_the_evidence(nobody: dict[str, int]) -> None:
    world = DeployWorld()
    params = PARAMS.model_copy(update={"approvals": nobody})
    made = s25_production.make(world.tools, TURN, params, world.needs())
    assert isinstance(made, Production)
    lines = {one.id: one for one in s25_production.judge(params, made)}
    line = lines["approval"]
    assert (line.ok, line.label) == (None, "approved by")
    assert line.measured == "nobody: no approval is asked for"


def expiring(hours: float) -> s25_production.Params:
    return PARAMS.model_copy(update={"approvals_expire_h": hours})


def test_an_approval_that_is_too_old_is_named_with_its_age_and_asked_for_again() -> None:
    world = DeployWorld()
    world.say("dee", days=-4)
    world.say("pia")
    world.say("sam")
    needs = world.needs()
    waiting = s25_production.make(world.tools, TURN, expiring(72), needs)
    age = "dee: approved 4 d 00 h ago, and an approval counts for 72 h"
    assert isinstance(waiting, Waiting) and waiting.for_ == f"approval by devops ({age})"
    assert "merge" not in world.host.writes
    world.host.acting = "dee"
    s25_production.answer(world.tools, TURN, expiring(72), needs, GateAnswer("approve"))
    assert isinstance(s25_production.make(world.tools, TURN, expiring(72), needs), Production)


@pytest.mark.parametrize(("hours", "counts"), [(0, True), (96, True), (95.9, False)])
def test_an_approval_counts_up_to_its_hours_and_for_ever_without_them(
    hours: float, counts: bool
) -> None:
    world = DeployWorld()
    world.say("dee", days=-4)
    world.say("pia")
    world.say("sam")
    made = s25_production.make(world.tools, TURN, expiring(hours), world.needs())
    assert isinstance(made, Production) is counts


def test_a_no_is_answered_with_who_may_take_it_back_and_the_author_may_take_back_theirs() -> None:
    world = DeployWorld()
    world.host.committers = ("sam",)
    roles = {**ROLES, "security": ("sam", "kim")}
    params = PARAMS.model_copy(update={"roles": roles})
    needs = world.needs()
    world.host.acting = "sam"
    no = s25_production.answer(world.tools, TURN, params, needs, GateAnswer("reject"))
    assert isinstance(no, Absent) and (no.kind, no.by) == ("rejected", "sam")
    left = s25_production.answer(world.tools, TURN, params, needs, GateAnswer("approve"))
    # it takes back their no, and opens nothing
    assert isinstance(left, Waiting) and "security (kim)" in left.for_
    with pytest.raises(AccessDenied, match="sam may not approve their own change"):
        s25_production.answer(world.tools, TURN, params, needs, GateAnswer("approve", "again"))


def test_after_each_approval_it_is_said_who_is_missing_still() -> None:
    world = DeployWorld()
    needs = world.needs()
    missing = []
    for person in ("dee", "pia", "sam"):
        world.host.acting = person
        left = s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("approve"))
        assert not isinstance(left, Absent)
        missing.append(left and (left.for_, left.by))
    assert missing == [
        ("approval by product_owner (pia), security (sam)", ("pia", "sam")),
        ("approval by security (sam)", ("sam",)),
        None,
    ]


def test_a_no_does_not_expire() -> None:
    world = DeployWorld()
    world.say("sam", "reject", days=-40)
    refused = s25_production.make(world.tools, TURN, expiring(1), world.needs())
    assert isinstance(refused, Absent) and refused.kind == "rejected"


def test_what_was_brought_stays_approved_however_old_the_words_become() -> None:
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    s25_production.make(world.tools, TURN, expiring(1), needs)
    for key, comment in world.host.said.items():
        created = comment.created - timedelta(days=40)
        world.host.said[key] = comment.model_copy(update={"created": created})
    seen = s25_production.look(world.see, TURN, expiring(1), needs)
    # after a crash between the switch and its record: nothing is asked of anybody again
    again = s25_production.make(world.tools, TURN, expiring(1), needs)
    for product in (seen, again):
        assert isinstance(product, Production) and len(product.approvals) == 3


# NOW is a Monday, 12:00 UTC
def windowed(**told: str) -> s25_production.Params:
    window = Window.model_validate({"zone": "Europe/Berlin", **told})
    return PARAMS.model_copy(update={"window": window})


def test_outside_its_window_it_waits_and_says_when_that_opens() -> None:
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    evening = windowed(**{"from": "18:00", "to": "20:00"})
    waiting = s25_production.make(world.tools, TURN, evening, needs)
    assert isinstance(waiting, Waiting)
    opens = "which opens Mon 2026-01-05 18:00 CET"
    assert waiting.for_ == f"the window mon-fri 18:00-20:00 Europe/Berlin, {opens}"
    assert waiting.until is not None and waiting.until - NOW == timedelta(hours=5)
    assert waiting.type_next == ("devflow ship",) and "merge" not in world.host.writes
    noon = windowed(**{"from": "12:00", "to": "14:00"})
    assert isinstance(s25_production.make(world.tools, TURN, noon, needs), Production)
    # a crash before the record, and the window has closed: what was brought is not held up
    assert isinstance(s25_production.make(world.tools, TURN, evening, needs), Production)


def test_approvals_are_asked_for_before_the_window_opens() -> None:
    world = DeployWorld()
    world.say("dee")
    evening = windowed(**{"from": "18:00", "to": "20:00"})
    waiting = s25_production.make(world.tools, TURN, evening, world.needs())
    assert isinstance(waiting, Waiting) and waiting.until is not None
    assert waiting.for_.startswith(
        "approval by product_owner (pia), security (sam); then the window mon-fri"
    )
    assert "devflow approve production" in waiting.type_next


def overriding(**told: str) -> s25_production.Params:
    return windowed(**{"from": "18:00", "to": "20:00", "override": "devops", **told})


def test_one_more_approval_by_the_role_that_the_window_names_does_without_it() -> None:
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    waiting = s25_production.make(world.tools, TURN, overriding(), needs)
    assert isinstance(waiting, Waiting)
    assert waiting.for_.endswith("18:00 CET, or approval by devops (dee) to go now")
    assert waiting.type_next == ("devflow ship", "devflow approve production --now")
    assert "comment" not in world.host.writes
    # the ask, once for this version and commit
    for _ in range(2):
        s25_production.make(world.tools, replace(TURN, now=True), overriding(), needs)
    asked = [one.body for one in world.host.said.values() if one.body.startswith("May ")]
    line = f"devflow: approve production:now {world.version} at {world.push.sha}"
    assert len(asked) == 1 and line in asked[0] and word_of(asked[0]) is None


def test_who_lacks_the_role_cannot_say_that_it_need_not_wait() -> None:
    world = DeployWorld()
    world.host.acting = "pia"
    now = GateAnswer("approve", now=True)
    with pytest.raises(AccessDenied, match="pia has no role at production:now"):
        s25_production.answer(world.tools, TURN, overriding(), world.needs(), now)


def test_what_was_said_to_go_now_is_in_the_evidence() -> None:
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    world.host.acting = "dee"
    s25_production.answer(world.tools, TURN, overriding(), needs, GateAnswer("approve", now=True))
    made = s25_production.make(world.tools, TURN, overriding(), needs)
    assert isinstance(made, Production)
    lines = {one.id: one for one in s25_production.judge(overriding(), made)}
    assert lines["early"].measured == "allowed by dee (devops) 2026-01-05 09:00"
    assert judged(s25_production.judge(overriding(), made)) is Status.PASSED
    assert s25_production.look(world.see, TURN, overriding(), needs) == made


def test_that_it_need_not_wait_approves_nothing_else() -> None:
    world = DeployWorld()
    world.say("pia")
    world.say("sam")
    world.say("dee", gate="production:now")
    waiting = s25_production.make(world.tools, TURN, overriding(), world.needs())
    assert isinstance(waiting, Waiting) and waiting.for_ == "approval by devops (dee)"


def test_a_no_to_going_now_waits_for_the_window() -> None:
    world = DeployWorld()
    world.approve()
    world.say("dee", "reject", gate="production:now")
    waiting = s25_production.make(world.tools, TURN, overriding(), world.needs())
    assert isinstance(waiting, Waiting) and "; not now: dee rejected" in waiting.for_


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (PARAMS, "production has no window"),
        (windowed(**{"from": "18:00"}), "nobody may bring production outside its window mon-fri"),
    ],
)
def test_going_now_is_refused_where_nobody_can_allow_it(
    params: s25_production.Params, words: str
) -> None:
    entry = plan_entry(params)
    with pytest.raises(UsageError, match=words):
        refuse_to_wait(entry)
    world = DeployWorld()
    world.host.acting = "dee"
    with pytest.raises(UsageError, match=words):
        s25_production.answer(
            world.tools, TURN, params, world.needs(), GateAnswer("approve", now=True)
        )


def test_a_role_that_nobody_has_can_override_nothing() -> None:
    with pytest.raises(PipelineInvalid, match="1 approval by pilots is asked for"):
        s25_production.refuse(overriding(override="pilots"))


def plan_entry(params: s25_production.Params) -> Entry:
    return Entry(
        name="production",
        step=s25_production.STEP,
        params=params,
        phase="deploy",
        group=0,
        required=True,
        deferred=True,
        needs=(),
    )


def test_a_window_is_foreseen() -> None:
    night = windowed(**{"from": "22:00", "to": "04:00"})
    foreseen = s25_production.foresee(night, DeployWorld().needs())
    merge = next(write for write in foreseen.writes if write.verb == "merge")
    assert merge.target.endswith("approved, in the window mon-fri 22:00-04:00 Europe/Berlin")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            "{from: 16:00}",
            '960 is not allowed here, but a time of day, as "09:00", in quotes',
        ),
        ('{from: "9"}', 'from: "9" is not allowed here'),
        ("{zone: Europe/Bonn}", "a time zone that this machine knows"),
        ("{days: [monday]}", "a weekday or several, as sat or mon-thu"),
        ("{days: []}", "days: "),
        ("{hours: 3}", 'unknown key "hours"'),
        ('{from: "09:00", to: "09:00"}', "never open"),
    ],
)
def test_a_window_that_is_none_is_refused_at_its_place(told: str, words: str) -> None:
    text = f"with: {{approvals: {{}}, window: {told}}}"
    source = Source("pipeline.yaml", text)
    with pytest.raises(PipelineInvalid) as raised:
        params = validated(source, s25_production.Params, source.data["with"], ("with",))
        refuse(source, ("with",), s25_production.STEP, (params, Project()))
    assert words in raised.value.message and raised.value.where.startswith("pipeline.yaml:1:")
    assert raised.value.where.rpartition("window")[0]
