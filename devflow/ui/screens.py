"""Which screen an output mode, a stream and a CI system call for.

A tree needs a terminal that can move its cursor; everywhere else it becomes plain lines, also where
a tree was asked for.
"""

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Callable, Iterable, Literal, Mapping, Protocol, Self, TextIO

from devflow.model.events import Event
from devflow.ui.actions import ActionsScreen
from devflow.ui.ndjson import NdjsonScreen
from devflow.ui.outline import Outline
from devflow.ui.pen import console_for
from devflow.ui.plain import PlainScreen
from devflow.ui.tree import TreeScreen

OutputMode = Literal["auto", "tree", "plain", "json"]


class Screen(Protocol):
    """What every screen is: a context manager that gets the past, then each event by a call."""

    def replay(self, events: Iterable[Event]) -> None:
        """Takes in what happened before this command."""
        ...

    def without(self, outdated: frozenset[str]) -> None:
        """Shows exactly these entries as pending, whatever was heard of them."""
        ...

    def __call__(self, event: Event) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


@dataclass(frozen=True)
class Surroundings:
    """What the screens are told of the process: the stream, its environment, the time, and a token
    that nobody can guess."""

    stream: TextIO
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    token: str


def draws(mode: OutputMode, around: Surroundings) -> bool:
    """Whether a picture can be drawn anew in place: a terminal that can move its cursor, outside of
    CI unless asked for."""
    # the stream itself is asked: FORCE_COLOR makes a console of a pipe, but no cursor
    if not around.stream.isatty():
        return False
    if console_for(around.stream, around.environ).is_dumb_terminal:
        return False
    in_ci = around.environ.get("CI", "").lower() not in ("", "0", "false")
    return mode == "tree" or (mode == "auto" and not in_ci)


def screen_for(mode: OutputMode, outline: Outline, around: Surroundings) -> Screen:
    """The screen for ``--output``; ``auto``: a tree on a terminal outside CI, else plain lines."""
    if mode == "json":
        return NdjsonScreen(around.stream)
    if draws(mode, around):
        console = console_for(around.stream, around.environ)
        return TreeScreen(console, outline, around.now)
    if around.environ.get("GITHUB_ACTIONS") == "true":
        return ActionsScreen(around.stream, outline, around.token)
    return PlainScreen(around.stream, outline)
