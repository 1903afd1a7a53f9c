"""What an entry is made from: the parts of the project that it names, collected needs by name and
verdict, and what an earlier release called the same thing."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from devflow.config.pipeline import parse
from devflow.engine.fingerprint import EPOCH
from devflow.engine.fold import Memory, RunState
from devflow.engine.plan import Plan, build
from devflow.engine.proxies import Occasion, WriteCall, recording
from devflow.engine.standing import Situation, Sources, is_frozen, situation
from devflow.model.checks import Status
from devflow.model.declared.project import Project
from devflow.model.events import Closed, Event, Intent, Opened, Recorded, Started, Wrote
from devflow.model.outcomes import Absent
from devflow.model.values import Value
from tests.standins.toy_world import RUN, NoNeeds, World, tools_of
from tests.unit.engine.tree_toys import toy

NOW = datetime(2026, 11, 28, tzinfo=timezone.utc)


class Report(Value):
    """What a toy suite makes."""

    text: str = ""


class Release(Value):
    """What is made from every report."""


@dataclass(frozen=True)
class NeedsReports:
    reports: Mapping[str, Report | Absent]
    project: Project


@dataclass(frozen=True)
class NeedsProject:
    project: Project


def nothing(*_: Any) -> Any:
    raise AssertionError("no step runs here")


def step(name: str, makes: type[Value], needs: type[Any] = NoNeeds, **more: Any) -> Any:
    return toy(name, makes, nothing, needs, **more)


STEPS = {
    "suite": step("suite", Report),
    "release": step("release", Release, NeedsReports, project_parts=("base",)),
    "anything": step("anything", Release, NeedsProject),
}


def plan_of(entries: str, project: str = "{}") -> Plan:
    text = f"devflow: 1\nproject: {project}\nphases:\n  all: {entries}\n"
    return build(parse("pipeline.yaml", text), STEPS)


def at(plan: Plan, products: Mapping[str, Any], memory: Memory = Memory()) -> Situation:
    def memory_of(name: str) -> Memory:
        return memory

    # no entry is bound to a tree, so nothing is asked for the working tree
    sources = Sources(plan, memory_of, products.get, cast(Any, None))
    return situation(plan.by_name["release"], sources)


def record_of(made: Situation) -> Recorded:
    return Recorded(
        at=NOW,
        run=RUN,
        entry="release",
        step="release",
        fingerprint=made.fingerprint,
        round=1,
        by="make",
        product={},
        checks=(),
        status=Status.PASSED,
        members=made.members,
    )


def test_only_the_named_parts_of_the_project_enter_the_fingerprint() -> None:
    entries = "[suite, release]"
    plain = at(plan_of(entries), {"suite": Report()})
    other_key = at(plan_of(entries, "{name: x, registry: y}"), {"suite": Report()})
    other_base = at(plan_of(entries, "{base: trunk}"), {"suite": Report()})
    assert plain.fingerprint == other_key.fingerprint != other_base.fingerprint


def test_a_part_that_a_step_does_not_name_cannot_be_read() -> None:
    project = plan_of("[suite, release]").by_name["release"].project
    assert project is not None and project.base == "main"
    with pytest.raises(AttributeError):
        project.suites


def test_a_step_that_names_no_parts_has_the_whole_project() -> None:
    entry = plan_of("[anything]", "{name: x}").by_name["anything"]
    assert entry.project is not None and entry.project.name == "x"


def test_a_need_that_collects_has_every_earlier_product_of_its_type_by_name() -> None:
    plan = plan_of("[suite, slow: {uses: suite}, {parallel: [release, late: {uses: suite}]}]")
    assert plan.by_name["release"].needs[0].members == ("suite", "slow")
    gone = Absent(kind="unavailable", why="no browser")
    found = at(plan, {"suite": Report(text="a"), "slow": gone})
    assert found.needs.reports == {"suite": Report(text="a"), "slow": gone}
    assert at(plan, {"suite": Report()}).gathered is None, "one has not been made"


def test_a_pipeline_without_such_entries_collects_nothing() -> None:
    assert at(plan_of("[release]"), {}).needs.reports == {}


def test_members_count_by_name_and_verdict() -> None:
    plan = plan_of("[suite, release]")
    passed = at(plan, {"suite": Report(text="a")})
    another_measure = at(plan, {"suite": Report(text="b")})
    missing = at(plan, {"suite": Absent(kind="unavailable", why="no pytest")})
    renamed = at(plan_of("[unit: {uses: suite}, release]"), {"unit": Report(text="a")})
    assert passed.fingerprint == another_measure.fingerprint
    assert len({passed.fingerprint, missing.fingerprint, renamed.fingerprint}) == 3


def test_a_member_that_comes_later_makes_nothing_again_and_one_that_turns_red_does() -> None:
    made = at(plan_of("[suite, release]"), {"suite": Report()})
    memory = Memory(record=record_of(made))
    longer = plan_of("[suite, slow: {uses: suite}, release]")
    gone = Absent(kind="unavailable", why="no browser")
    assert at(longer, {"suite": Report(), "slow": Report()}, memory).stands
    assert at(longer, {"suite": Report(), "slow": gone}, memory).stands
    assert not at(longer, {"suite": gone, "slow": Report()}, memory).stands


def opened(epoch: int, command: str = "ship") -> Opened:
    return Opened(at=NOW, run=RUN, command=command, epoch=epoch)


@pytest.mark.parametrize(
    ("events", "frozen"),
    (
        ((opened(1), Closed(at=NOW, run=RUN, exit_code=0)), True),
        ((opened(1), Closed(at=NOW, run=RUN, exit_code=8)), False),
        ((opened(1),), False),
        ((opened(1, "start"), Closed(at=NOW, run=RUN, exit_code=0)), False),
        ((opened(EPOCH), Closed(at=NOW, run=RUN, exit_code=0)), False),
        ((), False),
    ),
)
def test_only_what_an_earlier_epoch_finished_is_frozen(
    events: tuple[Event, ...], frozen: bool
) -> None:
    assert is_frozen(events) is frozen


class NoLog:
    def write(self, call: WriteCall) -> AbstractContextManager[None]:
        return nullcontext()

    def doubtful(self, call: WriteCall) -> None:
        raise AssertionError("nothing is in doubt")


def acted(world: World, fingerprint: str, memory: Memory) -> None:
    occasion = Occasion(RUN, "act", fingerprint, round=1, attempt=memory.attempt + 1)
    tools: Any = recording(tools_of(world), occasion, memory, NoLog())
    tools.shell.act("notify", "the very same")


def test_what_an_earlier_release_did_once_is_not_done_again_under_a_new_fingerprint(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "world.json")
    events: list[Event] = [opened(1)]
    events.append(Started(at=NOW, run=RUN, entry="act", fingerprint="old", round=1, attempt=1))
    key = _key_of("old")
    intent = Intent(
        at=NOW,
        run=RUN,
        entry="act",
        fingerprint="old",
        attempt=1,
        port="shell",
        verb="act",
        target="notify",
        key=key,
        repeatable=False,
    )
    events += [intent, Wrote(at=NOW, run=RUN, entry="act", key=key)]
    acted(world, "new", RunState([*events, opened(EPOCH)]).of("act"))
    assert "acted" not in world.state()
    acted(world, "new", RunState([opened(EPOCH)]).of("act"))
    assert world.state()["acted"] == ["notify"]


def _key_of(fingerprint: str) -> str:
    """The key that a write gets, read off the log that it is told to."""
    keys: list[str] = []

    class Log(NoLog):
        def write(self, call: WriteCall) -> AbstractContextManager[None]:
            keys.append(call.key)
            return nullcontext()

    class Silent:
        def act(self, name: str, command: object) -> None:
            """Does nothing: only the key is asked for."""

    missing: Any = None
    silent: Any = Silent()
    world: Any = tools_of(missing)
    occasion = Occasion(RUN, "act", fingerprint, round=1, attempt=1)
    tools: Any = recording(
        type(world)(**{**vars(world), "shell": silent}), occasion, Memory(), Log()
    )
    tools.shell.act("notify", "the very same")
    return keys[0]
