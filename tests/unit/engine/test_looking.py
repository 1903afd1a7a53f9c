"""What stands is looked at before anything is said of it, also behind what a command has replaced:
two toy services, the second brought only where the first is."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from devflow.config.pipeline import parse
from devflow.engine.ledger import Ledger
from devflow.engine.plan import Plan, build
from devflow.engine.runner import Ending, Runner
from devflow.model.checks import Check, fact, measure
from devflow.model.errors import Rejected, RemoteSilent
from devflow.model.figures import text
from devflow.model.outcomes import Foreseen, Moved
from devflow.model.values import Fact
from devflow.step import See, Step, Tools, Turn
from tests.standins.toy_world import RUN, FileJournal, NoNeeds, NoParams, World, tools_of


class Service(Moved):
    """Something that runs, or does not."""

    name: str
    runs: Fact[bool] = True
    hand: Fact[str] = ""

    @property
    def standing(self) -> str:
        return self.hand


@dataclass(frozen=True)
class Behind:
    """The service before this one."""

    front: Service


def _read(see: See | Tools, turn: Turn, *_: Any) -> Service | None:
    toys: Any = see.tracker
    said = toys.property(RUN, turn.entry)
    if said == "silent":
        raise RemoteSilent("nobody answers")
    hand = toys.property(RUN, f"hand {turn.entry}") or ""
    return Service(name=turn.entry, runs=said == "up", hand=hand) if said else None


def _bring(tools: Tools, turn: Turn, *_: Any) -> None:
    toys: Any = tools.tracker
    if toys.property(RUN, f"no {turn.entry}") and not turn.again:
        raise Rejected("somebody said no", hint="say it again")
    with toys.change("bring") as state:
        state[f"{RUN}.{turn.entry}"] = "up"
        state[f"{RUN}.brought"] = [*state.get(f"{RUN}.brought", []), turn.entry]


def _judge(params: NoParams, service: Service) -> tuple[Check, ...]:
    runs = measure("runs", "runs", text("yes" if service.runs else "no"), "toy")
    return (fact(runs, service.runs),)


def _foresee(*_: Any) -> Foreseen:
    return Foreseen()


def _step(name: str, needs: type[Any]) -> Step[Any, Any, Any]:
    return Step(
        name=name,
        title=name,
        params=NoParams,
        needs=needs,
        makes=Service,
        make=_bring,
        judge=_judge,
        foresee=_foresee,
        look=_read,
        begins_anew=True,
        project_parts=(),
        evidence={"runs": "whether it runs"},
    )


STEPS = {"front": _step("front", NoNeeds), "back": _step("back", Behind)}


class Services:
    """A folder with both services and a journal."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder / "world.json")
        self.journal = FileJournal(folder / "journal.jsonl")

    def ship(self, again: str = "") -> Ending:
        plan = self._plan(again)
        ledger = Ledger(plan, RUN, self.journal, self.world)
        return Runner(plan, tools_of(self.world), ledger).run()

    @staticmethod
    def _plan(again: str) -> Plan:
        plan = build(parse("pipeline.yaml", "devflow: 1\nphases: {one: [front, back]}\n"), STEPS)
        groups = []
        for group in plan.groups:
            groups.append(tuple(replace(one, again=one.name == again) for one in group))
        return replace(plan, groups=tuple(groups))

    def say(self, **properties: str) -> None:
        with self.world.change("people") as state:
            for name, value in properties.items():
                state[f"{RUN}.{name.replace('_', ' ')}"] = value

    @property
    def brought(self) -> list[str]:
        return list(self.world.state()[f"{RUN}.brought"])

    def looked_at(self) -> list[str]:
        """The entries that the newest command found to be as they were recorded."""
        looks = [event for event in self.journal.events(RUN) if event.type == "looked"]
        return [name for event in looks for name in event.entries]


def brought_twice(folder: Path) -> Services:
    """Both services run."""
    services = Services(folder)
    assert services.ship().exit_code == 0
    assert services.brought == ["front", "back"]
    return services


def test_what_stands_behind_a_revived_service_is_revived_too(tmp_path: Path) -> None:
    services = brought_twice(tmp_path)
    services.say(front="down", back="down")
    assert services.ship().exit_code == 0
    assert services.brought == ["front", "back", "front", "back"]


def test_what_others_have_moved_on_is_recorded_once_and_nothing_is_made_again(
    tmp_path: Path,
) -> None:
    services = brought_twice(tmp_path)
    services.say(hand_front="somebody")
    for _ in range(2):
        assert services.ship().exit_code == 0
    assert services.brought == ["front", "back"]
    records = [one for one in services.journal.events(RUN) if one.type == "recorded"]
    assert [one.entry for one in records] == ["front", "back", "front"]
    assert records[-1].product is not None and records[-1].product["hand"] == "somebody"


def test_what_runs_behind_a_revived_service_is_looked_at_and_left_alone(tmp_path: Path) -> None:
    services = brought_twice(tmp_path)
    services.say(front="down")
    assert services.ship().exit_code == 0
    assert services.brought == ["front", "back", "front"]
    assert services.looked_at() == ["back"]


def test_what_is_as_it_was_recorded_is_said_to_have_been_looked_at(tmp_path: Path) -> None:
    services = brought_twice(tmp_path)
    services.say(back="")
    assert services.ship().exit_code == 0
    assert services.looked_at() == ["front"], "of the other nothing can be told"


def test_what_cannot_be_looked_at_ends_the_command_as_its_error_says(tmp_path: Path) -> None:
    services = brought_twice(tmp_path)
    services.say(back="silent")
    ending = services.ship()
    assert (ending.exit_code, ending.entry, ending.why) == (10, "back", "nobody answers")
    services.say(back="up")
    assert services.ship().exit_code == 0
    assert services.brought == ["front", "back"], "found again, and not brought again"


def test_a_no_is_asked_about_again_and_overruled_only_on_purpose(tmp_path: Path) -> None:
    services = Services(tmp_path)
    services.say(no_back="yes")
    for _ in range(2):
        ending = services.ship()
        assert (ending.exit_code, ending.entry, ending.why) == (6, "back", "somebody said no")
    assert services.brought == ["front"]
    assert services.ship(again="back").exit_code == 0
    assert services.brought == ["front", "back"]


def test_what_was_begun_anew_is_not_begun_anew_once_more(tmp_path: Path) -> None:
    services = brought_twice(tmp_path)
    services.say(no_back="yes", back="down")
    assert services.ship(again="back").exit_code == 0
    services.say(back="down")
    assert services.ship().exit_code == 6
