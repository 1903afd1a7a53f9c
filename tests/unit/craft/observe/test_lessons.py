"""What a run's journal teaches, by the entries of its own pipeline."""

from datetime import datetime, timedelta, timezone

from devflow.craft.observe.lessons import OTHER, learn
from devflow.model.checks import Status
from devflow.model.events import Broke, Opened, Recorded, SentBack, Started, Waited
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


def test_a_run_without_phases_has_its_time_all_the_same() -> None:
    learned = learn((recorded("unit", "suite", 2.0),), BEGIN, {})
    assert learned.phase_s == {OTHER: 2.0}
