"""The screens of ``environments --watch``: a picture that is drawn anew, a line for each fact that
is new or gone, or an object for each change."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Callable, Protocol, Self, Sequence, TextIO

from rich.text import Text

from devflow.model.environments import Environment
from devflow.ui.live import ChangedObjects, LivePicture
from devflow.ui.pages.environments import (
    environment_facts,
    environments_lines,
    environments_object,
)
from devflow.ui.pen import Pen, console_for
from devflow.ui.plain import write_lines
from devflow.ui.screens import OutputMode, Surroundings, draws
from devflow.ui.words import clean

Environments = tuple[Environment, ...]
CUT = "a taller terminal shows the rest"


class EnvironmentsScreen(Protocol):
    """What is told what runs, again and again; the same twice is shown once."""

    def __call__(self, environments: Environments) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...


def environments_watch(mode: OutputMode, around: Surroundings) -> EnvironmentsScreen:
    """The screen for ``--output``, chosen as for a run."""
    if mode == "json":
        return EnvironmentObjects(around.stream)
    if draws(mode, around):
        return EnvironmentsPicture(Pen(console_for(around.stream, around.environ)), around.now)
    return EnvironmentLines(around.stream, around.now)


class EnvironmentsPicture:
    """Draws the newest look; one that is taller than the terminal ends with a line that says so."""

    def __init__(self, pen: Pen, now: Callable[[], datetime]) -> None:
        self._pen = pen
        self._now = now
        self._picture = LivePicture[Environments](pen, self._fitted, self._whole)

    def __call__(self, environments: Environments) -> None:
        self._picture.show(environments)

    def __enter__(self) -> Self:
        self._picture.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._picture.__exit__(*raised)

    def _fitted(self, environments: Environments) -> Sequence[Text]:
        pen = replace(self._pen, in_place=True)
        return fitted(pen, self._drawn(pen, environments), pen.picture_lines)

    def _whole(self, environments: Environments) -> list[Text]:
        return self._drawn(self._pen, environments)

    def _drawn(self, pen: Pen, environments: Environments) -> list[Text]:
        return list(environments_lines(pen, environments, self._now()))


def fitted(pen: Pen, lines: list[Text], height: int) -> list[Text]:
    """The first lines, the last of them saying that there are more."""
    if len(lines) <= height:
        return lines
    return [*lines[: max(height - 1, 0)], pen.line(pen.text(CUT, style="dim"))]


class EnvironmentLines:
    """Appends a line for each fact that is new, and for each thing of which nothing is known any
    more."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime]) -> None:
        self._stream = stream
        self._now = now
        self._facts: dict[str, str] = {}

    def __call__(self, environments: Environments) -> None:
        facts = dict(environment_facts(environments))
        gone = [f"{about} is gone" for about in self._facts if about not in facts]
        news = []
        for about, text in facts.items():
            if self._facts.get(about) != text:
                news.append(f"{about} {text}")
        at = f"{self._now():%H:%M:%S}"
        write_lines(self._stream, [f"{at} {clean(line)}" for line in (*gone, *news)])
        self._facts = facts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed."""


class EnvironmentObjects:
    """One object of ``environments --output json`` a line, whenever more than a latency is another
    than before."""

    def __init__(self, stream: TextIO) -> None:
        self._objects = ChangedObjects(stream)

    def __call__(self, environments: Environments) -> None:
        shown = environments_object(environments)
        self._objects.show(shown, _without_latencies(shown))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed."""


def _without_latencies(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if name != "latency_ms"}
        return {name: _without_latencies(one) for name, one in kept.items()}
    if isinstance(value, list):
        return [_without_latencies(one) for one in value]
    return value
