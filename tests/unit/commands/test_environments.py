"""What runs where, as the command looks: one environment or all, and again and again only what is
another than before."""

import io
import json
from dataclasses import dataclass, field
from typing import Callable

import pytest

from devflow.commands.deploys.environments import declared_in, watched
from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.environments import Environment
from devflow.steps import REGISTRY
from devflow.ui.pages.environments import environments_plain
from devflow.ui.pages.environments_watch import (
    EnvironmentLines,
    EnvironmentObjects,
    EnvironmentsScreen,
)
from devflow.wiring.deployed import environment_lines, running_now
from tests.standins.environments import TableDeploys
from tests.ui.environments import EVERY, NOW, at_rest, down, taken_back, with_canary
from tests.unit.sources import ROOT


class Enough(Exception):
    """The person has seen enough."""


@dataclass
class Steps:
    """A clock by which one thing happens after each look."""

    happens: list[Callable[[], None]]
    slept_s: list[float] = field(default_factory=list)

    def now(self) -> object:
        return NOW

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        if not self.happens:
            raise Enough
        self.happens.pop(0)()


def seen(
    deploys: TableDeploys, screen: EnvironmentsScreen, *then: Callable[[], None]
) -> list[float]:
    time = Steps(list(then))
    with pytest.raises(Enough), screen:
        watched(time, lambda: running_now(deploys), screen)  # type: ignore[arg-type]
    return time.slept_s


def put(deploys: TableDeploys, environment: Environment) -> Callable[[], None]:
    return lambda: deploys.table.update({environment.name: environment})


def test_one_environment_or_all_are_asked_now() -> None:
    deploys = TableDeploys(*EVERY)
    assert [one.name for one in running_now(deploys)] == ["development", "production", "staging"]
    assert running_now(deploys, "production") == (with_canary(),)


def test_what_the_pipeline_declares_and_nobody_remembers_is_down() -> None:
    deploys = TableDeploys(with_canary())
    declared = ("development", "production")
    development, production = running_now(deploys, declared=declared)
    assert (development.name, development.is_down) == ("development", True)
    assert production == with_canary()
    assert running_now(deploys, "development", declared) == (development,)
    assert list(environments_plain((development,))) == [
        "development is down: devflow ship brings a version"
    ]
    assert running_now(deploys, "nowhere", declared) == ()


def test_a_status_names_all_or_none_of_the_pipelines_environments() -> None:
    declared = ("development", "production")
    deploys = TableDeploys(down().model_copy(update={"name": "production"}))
    lines = environment_lines(deploys, declared)
    assert [(one.name, one.text) for one in lines] == [
        ("development", "down"),
        ("production", "down"),
    ]
    assert environment_lines(TableDeploys(), declared) == ()


def test_the_pipeline_declares_where_its_entries_bring_a_version_to() -> None:
    own = build(parse("pipeline.yaml", (ROOT / "pipeline.yaml").read_text("utf-8")), REGISTRY)
    assert declared_in(own) == ("development", "production")
    without = "devflow: 1\nconnect: sandbox\nphases: {planning: [ticket]}\n"
    assert declared_in(build(parse("pipeline.yaml", without), REGISTRY)) == ()


def test_a_watch_says_again_only_what_is_new_or_gone() -> None:
    deploys = TableDeploys(with_canary())
    stream = io.StringIO()
    quicker = with_canary().services[0].model_copy(update={"latency_ms": 9.9})
    busy = with_canary().model_copy(update={"services": (quicker, with_canary().services[1])})
    seen(
        deploys,
        EnvironmentLines(stream, lambda: NOW),
        put(deploys, busy),
        put(deploys, taken_back()),
    )
    lines = stream.getvalue().splitlines()
    first = [line for line in lines if "is gone" not in line][:2]
    assert first == [
        "11:15:00 production backend answers 200: http://127.0.0.1:5100",
        "11:15:00 production frontend answers 200: http://127.0.0.1:3100",
    ]
    after = lines[lines.index(next(line for line in lines if "is gone" in line)) :]
    assert "11:15:00 production 8c1d22aa0e4f backend replica 1 is gone" in after
    assert "11:15:00 production decide is gone" in after
    news = [line for line in after if "is gone" not in line]
    assert news[0] == (
        "11:15:00 production frontend no answer: connection refused: http://127.0.0.1:3100"
    )
    # what stayed as it was is not said again
    assert not [line for line in news if "backend answers 200" in line]


def test_a_watched_object_is_written_where_more_than_a_latency_changed() -> None:
    deploys = TableDeploys(at_rest())
    stream = io.StringIO()
    slower = at_rest().services[0].model_copy(update={"latency_ms": 9.9})
    slow = at_rest().model_copy(update={"services": (slower, at_rest().services[1])})
    ended = down().model_copy(update={"name": "development"})
    slept_s = seen(deploys, EnvironmentObjects(stream), put(deploys, slow), put(deploys, ended))
    objects = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["environments"][0]["down"] for one in objects] == [False, True]
    assert slept_s == [1.0, 1.0, 1.0]
