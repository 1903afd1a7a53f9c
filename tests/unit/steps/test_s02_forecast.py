"""What step 2 says of a sprint of which too little is known."""

import pytest

from devflow.model.checks import Check
from devflow.model.planning import SprintPlan
from devflow.steps import s02_sprint_planning as step


def checks(history: tuple[float, ...] = (), unestimated: int = 0) -> dict[str, Check]:
    plan = SprintPlan(
        sprint="Sprint 14",
        sprint_id=14,
        points=8,
        estimate_h=16,
        complexity="Medium",
        risk="Low",
        blocked_by=(),
        stories=2,
        unestimated=unestimated,
        committed_points=8,
        done_points=0,
        committed_h=16,
        history=history,
        forecast_points=sum(history) / len(history) if history else None,
    )
    return {one.id: one for one in step.judge(step.Params(), plan)}


@pytest.mark.parametrize(
    ("history", "ok", "measured"),
    [
        ((), None, "not enough data (0 samples)"),
        ((8.0, 13.0), None, "not enough data (2 samples): 3 are needed"),
        ((8.0, 13.0, 9.0), True, "10 points (3 samples)"),
    ],
)
def test_a_forecast_needs_three_closed_sprints(
    history: tuple[float, ...], ok: bool | None, measured: str
) -> None:
    forecast = checks(history)["forecast"]
    assert (forecast.ok, forecast.measured) == (ok, measured)


def test_capacity_with_issues_that_nobody_estimated_is_no_tick() -> None:
    assert checks()["capacity"].ok is True
    assert checks(unestimated=2)["capacity"].ok is None
