"""What a run's journal teaches, by the entries of its own pipeline."""

from datetime import datetime, timedelta, timezone

from devflow.craft.observe.lessons import OTHER, learn
from devflow.model.checks import Status
from devflow.model.events import Recorded

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


def test_a_run_without_phases_has_its_time_all_the_same() -> None:
    learned = learn((recorded("unit", "suite", 2.0),), BEGIN, {})
    assert learned.phase_s == {OTHER: 2.0}
