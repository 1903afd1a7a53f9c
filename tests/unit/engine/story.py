"""Runs the toy story in this process: one `ship` as the runner sees it."""

from pathlib import Path

from devflow.engine.ledger import Ledger
from devflow.engine.runner import Ending, Runner
from devflow.model.events import Event
from tests.standins.toy_world import PIPELINE, RUN, FileJournal, World, plan_of, tools_of


class Story:
    """A folder with a world and a journal; each `ship` is a new runner, as after a crash."""

    def __init__(self, folder: Path, pipeline: str = PIPELINE) -> None:
        self.world = World(folder / "world.json")
        self.journal = FileJournal(folder / "journal.jsonl")
        self.pipeline = pipeline

    def ship(self, *, start: bool = False) -> Ending:
        """One command from the journal's state."""
        plan = plan_of(self.pipeline)
        ledger = Ledger(plan, RUN, self.journal, self.world)
        return Runner(plan, tools_of(self.world), ledger).run(until_hand_over=start)

    def people(self, **said: str) -> None:
        """People act in the world: `draft="text"`, `points="text=5"`, `gate="text=yes"`."""
        for name, value in said.items():
            text, _, verdict = value.partition("=")
            with self.world.change("people") as state:
                if name == "draft":
                    state["draft.text"] = text
                else:
                    state[f"{name}.{text}"] = verdict

    def events(self, kind: str) -> list[Event]:
        """The journal's events of one type."""
        return [event for event in self.journal.events(RUN) if event.type == kind]

    def to_the_end(self) -> Ending:
        """Everything that people do in the story, with one round of rework; the gate is settled
        last."""
        self.ship(start=True)
        self.people(draft="one")
        self.ship()
        self.people(points="one=1")
        self.ship()
        self.people(draft="two", points="two=5")
        self.ship()
        self.people(gate="two=yes")
        return self.ship()
