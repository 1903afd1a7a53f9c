"""What a run's journal teaches, by the entries of its own pipeline."""

from datetime import datetime, timedelta, timezone
from typing import Any

from devflow.craft.observe.lessons import OTHER, learn, to_improve, went_well
from devflow.model.checks import Status
from devflow.model.events import Broke, Closed, Event, Opened, Recorded, SentBack, Started, Waited
from devflow.model.outcomes import SendBack, Waiting

BEGIN = datetime(2024, 1, 15, 9, 0, tzinfo=timezone.utc)


def recorded(entry: str, step: str, duration_s: float) -> Recorded:
    return Recorded(
        at=BEGIN,
        run="SCRUM-95",
        entry=entry,
        step=step,
        fingerprint="f",
        round=1,
        by="make",
        duration_s=duration_s,
        status=Status.PASSED,
    )


def test_time_is_grouped_by_the_phase_of_the_entry_whatever_its_step_is_called() -> None:
    events = (
        recorded("unit", "suite", 2.0),
        recorded("integration", "suite", 30.0),
        recorded("lint", "shell", 4.0),
        recorded("gone", "shell", 1.0),
    )
    phases = {"unit": "develop", "lint": "develop", "integration": "verify"}
    learned = learn(events, BEGIN + timedelta(hours=1), phases)
    assert learned.phase_s == {"develop": 6.0, "verify": 30.0, OTHER: 1.0}


def test_an_attempt_that_waited_failed_or_sent_back_is_booked_to_the_phase_of_its_entry() -> None:
    def at(second: float) -> datetime:
        return BEGIN + timedelta(seconds=second)

    def began(entry: str, second: float) -> Started:
        of = {"entry": entry, "fingerprint": "f", "round": 1, "attempt": 1}
        return Started(at=at(second), run="SCRUM-95", **of)

    def waited(entry: str, second: float) -> Waited:
        of = {"entry": entry, "fingerprint": "f", "round": 1, "waiting": Waiting(for_="a review")}
        return Waited(at=at(second), run="SCRUM-95", **of)

    cause = {"status": Status.FAILED, "exit_code": 1, "message": "no"}
    back = {"send_back": SendBack(to="unit", why="no", todo=()), "entries": ("unit",), "round": 2}
    events = (
        Opened(at=at(0), run="SCRUM-95", command="ship"),
        began("unit", 0),
        Broke(at=at(3), run="SCRUM-95", entry="unit", fingerprint="f", **cause),
        began("review", 10),
        waited("review", 12),
        # asked of the code host and not made: no time of its own
        waited("review", 50),
        began("review", 60),
        SentBack(at=at(64), run="SCRUM-95", entry="review", **back),
        began("killed", 70),
        Opened(at=at(9000), run="SCRUM-95", command="ship"),
        Broke(at=at(9001), run="SCRUM-95", entry="killed", fingerprint="f", **cause),
        recorded("unit", "suite", 2.0),
    )
    phases = {"unit": "develop", "review": "verify", "killed": "verify"}
    assert learn(events, at(9002), phases).phase_s == {"develop": 5.0, "verify": 6.0}


def test_a_command_that_ended_for_want_of_something_did_not_go_well() -> None:
    why = "quality: no python3.9 on this machine"
    events: list[Event] = [recorded("unit", "suite", 2.0)]
    for code in (5, 5, 5, 8, 130, 0):
        events.append(Opened(at=BEGIN, run="SCRUM-95", command="ship"))
        events.append(Closed(at=BEGIN, run="SCRUM-95", exit_code=code, why=why if code else ""))
    learned = learn(events, BEGIN, {})
    assert went_well(learned) == ("nothing was sent back: done in one round",)
    assert to_improve(learned) == (f"a command ended with exit 5 3 x: {why}",)


def test_a_failure_that_ended_a_command_is_told_once() -> None:
    failed: dict[str, Any] = {"status": Status.FAILED, "exit_code": 1, "message": "no"}
    events = (
        Opened(at=BEGIN, run="SCRUM-95", command="ship"),
        Broke(at=BEGIN, run="SCRUM-95", entry="unit", fingerprint="f", **failed),
        Closed(at=BEGIN, run="SCRUM-95", exit_code=1, why="unit: no"),
    )
    assert to_improve(learn(events, BEGIN, {})) == ("unit failed 1 x: no",)


def test_an_entry_that_was_sent_back_waits_no_more() -> None:
    of: dict[str, Any] = {"entry": "review", "fingerprint": "f", "round": 1}
    back: dict[str, Any] = {
        "send_back": SendBack(to="unit", why="no", todo=()),
        "entries": ("unit", "review"),
        "round": 2,
    }
    waiting = Waiting(for_="a review")
    events = (
        Waited(at=BEGIN, run="SCRUM-95", waiting=waiting, **of),
        SentBack(at=BEGIN + timedelta(seconds=9), run="SCRUM-95", entry="lint", **back),
        Recorded(
            at=BEGIN + timedelta(days=1),
            run="SCRUM-95",
            step="review",
            by="make",
            status=Status.PASSED,
            **of,
        ),
    )
    [wait] = learn(events, BEGIN + timedelta(days=2), {}).waits
    assert wait.seconds == 9.0


def test_a_run_without_phases_has_its_time_all_the_same() -> None:
    learned = learn((recorded("unit", "suite", 2.0),), BEGIN, {})
    assert learned.phase_s == {OTHER: 2.0}
