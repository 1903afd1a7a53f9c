"""Step 29: what the journal, the board and the ticket teach, each sentence with its figure."""

from datetime import timedelta
from typing import Any

from devflow.model.change import LocalTests, SuiteResult
from devflow.model.checks import Check, Status
from devflow.model.ci import SuiteReport
from devflow.model.events import Broke, Closed, Event, Opened, Recorded, SentBack, Started, Waited
from devflow.model.outcomes import SendBack, Waiting
from devflow.model.planning import SprintPlan
from devflow.model.review import Thread
from devflow.steps import s27_closure, s29_retrospective
from devflow.testing import story
from devflow.testing.tracker import AT
from tests.unit.steps.closed_ticket import closure_needs, in_review
from tests.unit.steps.ticket_world import (
    KEY,
    SKIPPED,
    TICKET,
    TicketWorld,
    pull_of,
    status,
)


def at(minutes: float) -> dict[str, Any]:
    return {"at": AT + timedelta(minutes=minutes), "run": KEY}


def recorded(
    minutes: float, entry: str, verdict: Status = Status.PASSED, checks: tuple[Check, ...] = ()
) -> Recorded:
    given: dict[str, Any] = {
        "entry": entry,
        "step": entry,
        "fingerprint": "f",
        "round": 1,
        "by": "make",
        "duration_s": 30.0,
    }
    return Recorded(**at(minutes), **given, status=verdict, checks=checks)


RED = (Check(label="backend", ok=False, measured="1 of 58 failed"),)
REVIEW = Waiting(for_="tech-lead")
BACK = SendBack(to="coding", why="tech-lead asks for changes", todo=("add loading states",))
EVENTS: tuple[Event, ...] = (
    Opened(**at(0), command="ship"),
    recorded(1, "local_tests", Status.FAILED, RED),
    recorded(2, "local_tests", Status.FAILED, RED),
    recorded(3, "local_tests"),
    Waited(**at(4), entry="code_review", fingerprint="f", round=1, waiting=REVIEW),
    Waited(**at(30), entry="code_review", fingerprint="f", round=1, waiting=REVIEW),
    SentBack(**at(94), entry="code_review", send_back=BACK, entries=("coding",), round=2),
    Started(**at(95), entry="coding", fingerprint="f", round=2, attempt=2),
    Broke(
        **at(96),
        entry="push",
        fingerprint="f",
        status=Status.FAILED,
        exit_code=10,
        message="the remote was silent",
    ),
    recorded(97, "push"),
    Closed(**at(98), exit_code=0),
)


def retrospective_needs(closure: Any = SKIPPED, **fields: Any) -> s29_retrospective.Needs:
    plan = SprintPlan(
        sprint="Sprint 12",
        sprint_id=12,
        points=8.0,
        estimate_h=16.0,
        complexity="Medium",
        risk="Low",
        blocked_by=(),
        stories=2,
        issues=3,
        unestimated=1,
        committed_points=13.0,
        done_points=0.0,
        committed_h=26.0,
        history=(),
        forecast_points=None,
    )
    given = {
        "ticket": TICKET,
        "sprint_planning": plan,
        "closure": closure,
        "pull_request": SKIPPED,
        **fields,
    }
    return s29_retrospective.Needs(**given)


def found(product: Any, about: str = "", **params: Any) -> dict[str, Check]:
    """The checks that are about this, by id."""
    checks = s29_retrospective.judge(s29_retrospective.Params(**params), product)
    return {check.id: check for check in checks if check.about == about}


def finished(events: tuple[Event, ...] = EVENTS) -> TicketWorld:
    world = in_review()
    world.tracker.issues["SCRUM-96"] = story(
        "SCRUM-96", points=30.0, status="Done", status_category="done"
    )
    world.tracker.issues["SCRUM-97"] = story(
        "SCRUM-97", type="Bug", summary="Price is\nnegative", points=None
    )
    world.history.kept[KEY] = list(events)
    world.phases = {"local_tests": "development", "push": "development"}
    return world


def test_the_journal_teaches_rework_failures_waits_and_time() -> None:
    made = finished().came_to(s29_retrospective.STEP, retrospective_needs())
    assert made.rounds == 2 and made.well == ()
    assert made.improve == (
        "code_review sent the work back to coding: tech-lead asks for changes",
        "local_tests failed 2 x: backend: 1 of 58 failed",
        "push failed 1 x: the remote was silent",
        "code_review waited 1 h 30 min for tech-lead, all steps ran 2 min 00 s",
        "1 of 3 issues of Sprint 12 have no estimate",
    )
    assert found(made, "development")["phase_time"].measured == "2 min 00 s"
    assert found(made)["sent_back"].measured == "1 time"
    assert status(s29_retrospective.STEP, made) is Status.PASSED


def test_flaky_tests_are_named_with_their_first_failure_and_counted_once_a_test() -> None:
    cases = [
        {
            "name": "test_tabs",
            "outcome": "flaky",
            "duration_s": 1.0,
            "message": "the server was slow",
        },
        {"name": "test_page", "outcome": "passed", "duration_s": 1.0},
    ]
    result = SuiteResult.model_validate(
        {
            "suite": "frontend",
            "tree": "t",
            "interpreter": "3.11",
            "passed": 1,
            "failed": 0,
            "skipped": 0,
            "cases": cases,
        }
    )
    products = (LocalTests(tree="t", suites=(result,)), SuiteReport(sha="s", result=result))
    events = [
        recorded(at_, "tests").model_copy(update={"product": one.model_dump()})
        for at_, one in enumerate(products)
    ]
    made = finished(tuple(events)).came_to(s29_retrospective.STEP, retrospective_needs())
    assert "test_tabs of frontend was flaky 2 x: the server was slow" in made.improve
    assert found(made)["flaky_tests"].measured == "1 of 2"


def test_each_wait_of_an_entry_is_told_from_the_others_the_longest_first() -> None:
    events = []
    for begin, end in ((1, 3), (10, 20)):
        waited = Waited(**at(begin), entry="coding", fingerprint="f", round=1, waiting=REVIEW)
        events += [waited, recorded(end, "coding")]
    made = finished(tuple(events)).came_to(s29_retrospective.STEP, retrospective_needs())
    assert found(made, "coding")["wait_time"].measured == "10 min 00 s"
    assert found(made, "coding 2")["wait_time"].measured == "2 min 00 s"


def test_a_smooth_run_says_what_went_well_with_its_figures() -> None:
    world = finished((Opened(**at(0), command="ship"), recorded(1, "push")))
    closure = world.came_to(s27_closure.STEP, closure_needs(world))
    made = world.came_to(s29_retrospective.STEP, retrospective_needs(closure))
    assert made.well == (
        "nothing was sent back: done in one round",
        "no check failed on the way, in 1 results",
        "within the estimate: 16 h 00 min estimated, 14 h 30 min logged",
    )
    assert found(made)["efficiency"].measured == "110 %"


def test_velocity_stories_and_bugs_come_from_the_board() -> None:
    made = finished().came_to(s29_retrospective.STEP, retrospective_needs())
    of_board = found(made)
    velocity = of_board["velocity"]
    assert (velocity.measured, velocity.limit, velocity.ok) == (
        "30 points",
        "at least 35 points",
        None,
    )
    assert of_board["stories_completed"].measured == "1 of 2"
    assert of_board["bugs_found"].measured == "1 of 3"
    assert found(made, velocity_target=30)["velocity"].ok is True
    assert made.focus == ("SCRUM-97 Bug: Price is negative",)


def test_review_threads_are_counted_on_the_pull_request() -> None:
    world = finished()
    world.host.hanging = [
        Thread(id=str(n), author="x", path="a", line=1, body="b", resolved=n > 0) for n in range(3)
    ]
    made = world.came_to(s29_retrospective.STEP, retrospective_needs(pull_request=pull_of(world)))
    line = found(made)["threads_resolved"]
    assert (line.measured, line.source) == ("2 of 3", "pull request #142")


def test_a_later_retrospective_edits_its_comment_and_keeps_its_identity() -> None:
    world = finished()
    first = world.came_to(s29_retrospective.STEP, retrospective_needs())
    world.history.kept[KEY].append(recorded(120, "monitoring", Status.FAILED, RED))
    second = world.came_to(s29_retrospective.STEP, retrospective_needs())
    assert first.key == second.key and s29_retrospective.STEP.look is None
    assert (
        len(world.tracker.said[KEY]) == 1
        and "monitoring failed 1 x" in world.tracker.said[KEY][0].body
    )


def test_without_sprint_closure_and_pull_request_the_journal_alone_is_told() -> None:
    made = finished().came_to(s29_retrospective.STEP, retrospective_needs(sprint_planning=SKIPPED))
    assert {one.source.partition(",")[0] for one in made.measures} == {
        "journal"
    } and made.focus == ()
    assert (
        status(s29_retrospective.STEP, made.model_copy(update={"commented": False}))
        is Status.FAILED
    )


def test_the_retrospective_writes_what_was_foreseen() -> None:
    world = finished()
    needs = retrospective_needs()
    world.came_to(s29_retrospective.STEP, needs)
    foreseen = s29_retrospective.STEP.foresee(s29_retrospective.Params(), needs).writes
    assert [(write.port, write.verb) for write in foreseen] == world.meant
