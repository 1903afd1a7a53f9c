"""What a run's journal teaches, by the entries of its own pipeline."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from devflow.craft.observe.lessons import OTHER, learn, to_improve, went_well
from devflow.model.checks import Status
from devflow.model.events import Broke, Closed, Event, Opened, Recorded, SentBack, Started, Waited
from devflow.model.outcomes import SendBack, Waiting
from devflow.ui.board import Board, board_of
from devflow.ui.outline import EntryLine, PhaseLine
from devflow.ui.phases import PhaseState

BEGIN = datetime(2024, 1, 15, 9, 0, tzinfo=timezone.utc)


class _Run:
    """A run of these entries as a list of events, each so many seconds after the one before."""

    def __init__(self, *entries: str) -> None:
        self.entries = entries
        self.now = BEGIN
        self.events: list[Event] = []

    def opens(self, later_s: float = 0.0) -> None:
        self._add(Opened, later_s, command="ship", entries=self.entries)

    def closes(self, later_s: float = 0.0, code: int = 8) -> None:
        self._add(Closed, later_s, exit_code=code, why="")

    def starts(self, entry: str, later_s: float = 0.0) -> None:
        self._add(Started, later_s, **self._of(entry), attempt=1)

    def waits(self, entry: str, later_s: float = 0.0) -> None:
        self._add(Waited, later_s, **self._of(entry), waiting=Waiting(for_="a word"))

    def records(self, entry: str, took_s: float, status: Status = Status.PASSED) -> None:
        ended = {"step": "gate", "by": "make", "status": status, "duration_s": took_s}
        self._add(Recorded, took_s, **self._of(entry), **ended)

    def waits_s(self) -> dict[str, float]:
        waits = learn(self.events, self.now, {}).waits
        return {wait.entry: wait.seconds for wait in waits}

    def board(self) -> Board:
        return board_of(self.events)

    def _of(self, entry: str) -> dict[str, Any]:
        return {"entry": entry, "fingerprint": "f", "round": 1}

    def _add(self, kind: Any, later_s: float, **fields: Any) -> None:
        self.now += timedelta(seconds=later_s)
        self.events.append(kind(at=self.now, run="SCRUM-95", **fields))


def recorded(entry: str, step: str, duration_s: float, later_s: float = 0.0) -> Recorded:
    return Recorded(
        at=BEGIN + timedelta(seconds=later_s),
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
        recorded("lint", "shell", 4.0, later_s=10.0),
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


def test_entries_that_ran_side_by_side_take_the_time_that_the_screen_says_of_their_phase() -> None:
    names = ("unit", "integration", "lint")
    events = (
        recorded("unit", "suite", 20.0, later_s=20.0),
        recorded("integration", "suite", 22.0, later_s=22.5),
        recorded("lint", "shell", 3.0, later_s=40.0),
    )
    phase = PhaseLine("ci", tuple(EntryLine(number=1, name=one, title=one) for one in names))
    on_screen = PhaseState.of(phase, board_of(events)).span_s()
    assert learn(events, BEGIN, dict.fromkeys(names, "ci")).phase_s == {"ci": on_screen}
    assert on_screen == 25.5


def test_the_work_of_an_entry_that_was_waited_for_is_no_wait() -> None:
    run = _Run("unit", "production")
    run.opens()
    run.waits("production", 1.0)
    run.closes(0.1)
    run.opens(15.0)
    run.starts("production", 0.5)
    run.records("production", 32.0)
    assert run.waits_s() == {"production": 15.6}
    assert run.board().all_waits_s(run.now) == pytest.approx(15.6)


def test_an_entry_that_is_asked_again_waits_on_but_not_while_it_is_asked() -> None:
    run = _Run("unit", "production")
    for _ in range(3):
        run.opens(10.0)
        run.starts("production")
        run.waits("production", 2.0)
        run.closes()
    assert run.waits_s() == {"production": 20.0}
    assert run.board().all_waits_s(run.now) == pytest.approx(20.0)


def test_what_is_made_anew_before_an_entry_is_no_wait_for_who_has_to_approve_it() -> None:
    """An approval is waited for, the change goes on, its tests fail, somebody presses Ctrl-C."""
    run = _Run("unit", "review", "production")
    run.opens()
    run.waits("production", 1.0)
    run.closes()
    run.opens(60.0)
    run.starts("unit")
    run.records("unit", 20.0, Status.FAILED)
    run.closes(code=1)
    run.opens(30.0)
    run.starts("unit")
    run.closes(40.0, code=130)
    run.opens(5.0)
    run.starts("review")
    run.waits("review")
    run.closes()
    run.opens(100.0)
    run.records("review", 0.0)
    run.starts("production")
    assert run.waits_s() == {"production": 60.0, "review": 100.0}
    # between two commands it is a person's turn, whoever is waited for
    assert run.board().all_waits_s(run.now) == pytest.approx(60.0 + 30.0 + 5.0 + 100.0)


def test_an_entry_of_the_same_command_that_runs_beside_one_that_waits_ends_no_wait() -> None:
    run = _Run("unit", "checks")
    run.opens()
    run.waits("checks")
    run.starts("unit", 1.0)
    run.records("unit", 9.0)
    run.starts("checks")
    assert run.waits_s() == {"checks": 10.0}
