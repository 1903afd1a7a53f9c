"""What the tests of the ticket's steps share: a world of stand-ins, and a turn that fills marks as the engine does.

Everything that is not asked of in these steps (shell, deploys, web, images) is left out, so that a step that asked for it would fail.
"""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Sequence

from devflow.engine.fold import Memory
from devflow.engine.proxies import Meant, Occasion, reading, recording
from devflow.model.checks import Check, Status, judged
from devflow.model.events import Event
from devflow.model.outcomes import Absent
from devflow.model.project import Project
from devflow.step import AnyStep, See, Tools, Turn
from tests.standins.host import MemoryHost
from tests.standins.repository import MemoryRepository
from tests.standins.tracker import AT, MemoryTracker

KEY = "SCRUM-95"
SKIPPED = Absent(kind="skipped", why="not in this pipeline")


class MemoryClock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class MemoryHistory:
    """The events of one run."""

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self.kept = list(events)

    def events(self, run: str) -> Sequence[Event]:
        return self.kept

    def runs(self) -> tuple[str, ...]:
        return (KEY,)


class WriteLog:
    """Keeps what was meant, as the journal would."""

    def __init__(self) -> None:
        self.meant: list[Meant] = []

    def intent(self, meant: Meant) -> None:
        self.meant.append(meant)

    def wrote(self, meant: Meant) -> None:
        """Nothing is resumed in these tests."""

    def doubtful(self, meant: Meant) -> None:
        raise AssertionError(f"{meant.verb} cannot be repeated")


class TicketWorld:
    """One ticket's world; ``play`` is one turn of a step as the engine takes it: make, then look where make answers nothing."""

    def __init__(self, *issues: Any, files: dict[str, str] | None = None, **options: Any) -> None:
        self.tracker = MemoryTracker(*issues, **options)
        self.repository = MemoryRepository(files or {})
        self.host = MemoryHost(self.repository)
        self.clock = MemoryClock()
        self.history = MemoryHistory()
        self.log = WriteLog()

    def tools(self) -> Tools:
        """The world without what these steps never ask for."""
        given = {field.name: getattr(self, field.name, None) for field in fields(Tools)}
        return Tools(**given)

    def see(self) -> See:
        """The reading half, kept by the engine's own proxy."""
        return reading(self.tools())

    def turn(self, step: AnyStep, round_: int = 1) -> Turn:
        """The first attempt of a round."""
        return Turn(run=KEY, entry=step.name, round=round_)

    def look(self, step: AnyStep, needs: Any, params: Any = None, round_: int = 1) -> Any:
        """What the step can tell of itself."""
        assert step.look is not None
        return step.look(self.see(), self.turn(step, round_), params or step.params(), needs)

    def play(self, step: AnyStep, needs: Any, params: Any = None, round_: int = 1) -> Any:
        """One turn with the engine's recording proxy, which fills the marks."""
        occasion = Occasion(run=KEY, entry=step.name, fingerprint="f", round=round_, attempt=1)
        tools = recording(self.tools(), occasion, Memory(), self.log)
        made = step.make(tools, self.turn(step, round_), params or step.params(), needs)
        return self.look(step, needs, params, round_) if made is None else made


def lines(step: AnyStep, product: Any, params: Any = None) -> dict[str, Check]:
    """The step's evidence by label; of several with one label the last."""
    return {check.label: check for check in step.judge(params or step.params(), product)}


def status(step: AnyStep, product: Any, params: Any = None) -> Status:
    """What the step's evidence adds up to."""
    return judged(step.judge(params or step.params(), product))


PROJECT = Project.model_validate({"tracker": {"project": "SCRUM"}})
