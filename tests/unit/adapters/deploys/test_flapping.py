"""A container that an engine starts again and again is told as such, also while it answers."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from devflow.adapters.deploys import launch, supervise
from devflow.adapters.deploys.docker_told import told_of
from devflow.adapters.deploys.health import Health
from devflow.adapters.deploys.state import Deployment, Slot
from devflow.adapters.deploys.target import Target, Told
from devflow.model.declared.project import Service

SLOT = Slot(service="api", index=1, port=1)
LONG_S = supervise.WINDOW_S + 60


def inspected(restarts: int, lived_s: float, **state: Any) -> dict[str, Any]:
    """What an engine says of a container, with the nine digits that Docker has."""
    started = datetime.now(timezone.utc) - timedelta(seconds=lived_s)
    moment = f"{started:%Y-%m-%dT%H:%M:%S.%f}000Z"
    known = {"Running": True, "StartedAt": moment, "ExitCode": 0, **state}
    return {"Id": "0123456789abcdef", "RestartCount": restarts, "State": known}


@pytest.mark.parametrize(
    ("restarts", "lived_s", "flaps"),
    (
        (0, 1.0, False),
        (supervise.RESTARTS - 1, 1.0, False),
        (supervise.RESTARTS, 1.0, True),
        (300, 60.0, True),
        (300, LONG_S, False),
    ),
)
def test_one_that_ended_often_flaps_until_it_has_lived_for_a_while(
    restarts: int, lived_s: float, flaps: bool
) -> None:
    told = told_of(inspected(restarts, lived_s))
    assert (told.is_alive, told.restarts, told.flaps) == (True, restarts, flaps)


def test_one_that_waits_to_be_started_again_does_not_run() -> None:
    told = told_of(inspected(7, 1.0, Restarting=True, ExitCode=1))
    assert not told.is_alive and not told.flaps and not told.given_up
    assert told.problem == "ended with 1, the engine starts it again"


class ToldTarget:
    """A target that tells the same of every replica."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def told(self, deployment: Deployment, slot: Slot) -> Told:
        return self._told


@pytest.mark.parametrize(("restarts", "problem"), ((1, ""), (9, "keeps ending by itself")))
def test_one_that_flaps_is_not_well_though_it_answers(restarts: int, problem: str) -> None:
    service = Service(path=".", port=1, run=("x",))
    deployment = Deployment(version="v1", commit="c", services={"api": service})
    answer = Health(version="v1", status=200, latency_ms=1.0)
    target: Any = ToldTarget(told_of(inspected(restarts, 1.0)))
    known: Target = target
    assert launch.problem_of(known, deployment, SLOT, answer) == problem
