"""`make faults` in short: a few trials of each family that needs no server, and that its table goes
on where a run was stopped."""

from itertools import islice
from pathlib import Path

import pytest

from tests.faults import __main__ as runner
from tests.faults.families import FAMILIES
from tests.faults.journals import Journals
from tests.faults.pipelines import HOSTILE, Pipelines, mutated, read
from tests.faults.table import Table
from tests.faults.texts import Texts
from tests.faults.trial import Family, Outcome, Trial, judged

QUICK: tuple[tuple[Family, int], ...] = ((Texts(), 25), (Journals(), 60))


@pytest.mark.parametrize("family,count", QUICK, ids=lambda one: getattr(one, "id", ""))
def test_the_first_trials_of_a_family_are_right(family: Family, count: int) -> None:
    try:
        outcomes = {one.name: judged(one) for one in islice(family.trials(), count)}
    finally:
        family.close()
    assert outcomes == dict.fromkeys(outcomes, Outcome())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_pipeline_is_read_or_refused_at_once_with_its_place(text: str) -> None:
    assert read(text) == Outcome()


def test_mutated_pipelines_are_read_or_refused_at_once_with_their_place() -> None:
    outcomes = {number: mutated(number) for number in range(80)}
    assert outcomes == dict.fromkeys(outcomes, Outcome())


def test_every_family_of_the_matrix_is_there_once_and_names_its_trials_once() -> None:
    built = {f"F{number}" for number in range(1, 22)} - {"F16", "F20"}
    assert {family.id for family in FAMILIES} == built
    names = [trial.name for trial in Pipelines().trials()]
    assert len(names) == len(set(names)) > 20_000


class Three:
    """A family of three trials, of which one is wrong and one cannot be played."""

    id = "F9"
    fault = "three"

    def __init__(self) -> None:
        self.played: list[str] = []

    def trials(self) -> "list[Trial]":  # type: ignore[override]
        return [Trial(name, lambda name=name: self._play(name)) for name in ("a", "b", "c")]

    def more(self) -> "list[Trial]":  # type: ignore[override]
        return []

    def close(self) -> None:
        """Nothing was started."""

    def _play(self, name: str) -> Outcome:
        self.played.append(name)
        if name == "c":
            raise ValueError("no such thing")
        return Outcome("twice", 1) if name == "b" else Outcome(counted={"requests": 900})


def test_a_run_goes_on_where_it_was_stopped_and_any_row_is_played_alone(tmp_path: Path) -> None:
    file = tmp_path / "trials.ndjson"
    family = Three()
    run = runner.Run(Table(file, "v1"), until_s=float("inf"))
    run.play(family, iter(family.trials()[:2]))
    # what a kill cuts off is no row
    with file.open("a") as rows:
        rows.write('{"version": "v1", "tri')
    table = Table(file, "v1")
    assert set(table.rows) == {"F9/a", "F9/b"}
    runner.Run(table, until_s=float("inf")).play(family, iter(family.trials()))
    assert family.played == ["a", "b", "c"]
    runner.Run(table, until_s=float("inf")).play(family, iter(family.trials()[:1]), again=True)
    assert family.played[-1] == "a"
    lines = table.matrix([("F9", "three", 3)])
    assert "| F9 | three, 900 requests | 3 | 2 | 1 |" in lines
    assert "| F16 | webhooks: signature, replay, size | not built | | |" in lines
    assert not Table(file, "v2").rows, "of another version"


def test_a_run_ends_when_its_time_is_over(tmp_path: Path) -> None:
    family = Three()
    runner.Run(Table(tmp_path / "rows", "v1"), until_s=0.0).play(family, iter(family.trials()))
    assert family.played == []


def test_it_is_said_how_far_a_family_is_once_in_a_while() -> None:
    progress = runner.Progress("F9", 10)
    assert progress.line(2.0) == ""
    assert progress.line(4.0, every_s=0.0) == "F9: 2 played, 3.0 s each; 8 left, about 24.0 s"
    by_chance = runner.Progress("F2", None)
    assert by_chance.line(90.0, every_s=0.0) == "F2: 1 played, 1 min 30 s each"


def test_what_can_be_counted_is_asked_for_once_and_played_after_that(tmp_path: Path) -> None:
    family = Three()
    run = runner.Run(Table(tmp_path / "rows", "v1"), until_s=float("inf"))
    assert run.names(family) == ("a", "b", "c") and family.played == []
    run.play_all(family)
    assert family.played == ["a", "b", "c"]
