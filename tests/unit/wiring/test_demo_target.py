"""On what the demo's environments run, and why."""

import pytest

from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.errors import Unavailable, UsageError
from devflow.sandbox.scenario import bundle_root
from devflow.steps import REGISTRY
from devflow.wiring.demo.target import chosen, in_containers

BUNDLED = (bundle_root() / "pipeline.yaml").read_text()
NOWHERE = "unix:///nowhere/docker.sock"


def test_without_an_engine_processes_run_and_it_is_said_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOWHERE)
    choice = chosen("auto")
    assert not choice.in_containers
    assert choice.sentence == (
        f"development and production run as processes: no container engine answers at {NOWHERE}"
    )


def test_containers_that_are_wanted_and_cannot_be_had_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOWHERE)
    with pytest.raises(Unavailable, match="no container engine answers") as raised:
        chosen("docker")
    assert "--target processes" in raised.value.hint


def test_no_engine_is_asked_where_processes_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    # an address that could not be asked
    monkeypatch.setenv("DOCKER_HOST", "nonsense")
    assert not chosen("processes").in_containers


def test_the_bundled_pipeline_is_the_same_but_for_its_targets() -> None:
    before = build(parse("pipeline.yaml", BUNDLED), REGISTRY).project
    after = build(parse("pipeline.yaml", in_containers(BUNDLED)), REGISTRY).project
    assert {name: one.target for name, one in after.environments.items()} == {
        "development": "docker",
        "production": "docker",
    }
    assert after.environments["development"].replicas == before.environments["development"].replicas
    assert after.services == before.services


def test_environments_that_somebody_has_changed_are_left_alone() -> None:
    with pytest.raises(UsageError, match="no longer those of the demo"):
        in_containers(BUNDLED.replace("development: {replicas: 2}", "development: {replicas: 3}"))
