"""What screens are told before the first event: the plan's phases and entries, and the writes that
a dry run foresees.

These are plain values that the application fills; a screen never sees the engine's own plan.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable, Literal, Mapping, Sequence

if TYPE_CHECKING:
    from devflow.model.outcomes import TakenUp, Write


def _has_any() -> bool:
    return True


@dataclass(frozen=True)
class EntryLine:
    """One entry of the plan.

    ``number`` is the step's place among the 29, ``None`` for other people's steps; ``hands_over``:
    a person's turn. ``group`` names the parallel group, ``where`` its line (``pipeline.yaml:38``),
    ``past_s`` its earlier durations. ``in_sandbox``: anybody's word may be given there. ``named``
    is the ticket where a command has to name it. ``has_log`` answers whether the entry has printed
    anything in this run by now, which is asked when it is drawn.
    """

    number: int | None
    name: str
    title: str
    required: bool = True
    hands_over: bool = False
    group: str = ""
    where: str = ""
    past_s: tuple[float, ...] = ()
    in_sandbox: bool = False
    named: str = ""
    has_log: Callable[[], bool] = field(default=_has_any, compare=False, repr=False)


def numbers_of(lines: Sequence[EntryLine]) -> str:
    """``20–23`` for entries in a row, else ``20, 22, licences``."""
    rows: list[list[EntryLine]] = []
    for line in lines:
        number = line.number or 0
        if rows and number and rows[-1][-1].number == number - 1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return ", ".join(_in_a_row(row) for row in rows)


def _in_a_row(lines: list[EntryLine]) -> str:
    names = [str(line.number or line.name) for line in lines]
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"


@dataclass(frozen=True)
class PhaseLine:
    """A phase and its entries, in the file's order."""

    name: str
    entries: tuple[EntryLine, ...]


@dataclass(frozen=True)
class Outline:
    """The run as it is planned; ``connect_note`` says what it is connected to: ``sandbox: nothing
    leaves this machine``; ``named`` is the ticket where a command has to name it, since the
    checked-out branch names another one or none. ``base`` is what tickets are merged into, and
    ``remote`` where a run merges: a name, or the place of the sandbox's; ``base_is_here``: there is
    a local branch of that name."""

    ticket: str
    summary: str = ""
    connect_note: str = ""
    branch: str = ""
    phases: tuple[PhaseLine, ...] = ()
    named: str = ""
    base: str = ""
    remote: str = ""
    base_is_here: bool = True

    @property
    def in_sandbox(self) -> bool:
        """Whether nothing of the run leaves this machine."""
        return any(line.in_sandbox for line in self.entries)

    @cached_property
    def entries(self) -> tuple[EntryLine, ...]:
        """Every entry, in order."""
        return tuple(entry for phase in self.phases for entry in phase.entries)


@dataclass(frozen=True)
class PlannedEntry:
    """What a dry run says of one entry: ``known`` is what is known of its product before it exists,
    ``why`` why nothing is, ``hint`` what to type or change about that, ``takes`` the files that it
    would take up."""

    number: int | None
    name: str
    title: str
    phase: str
    state: Literal["stands", "to do", "unknown"]
    writes: "tuple[Write, ...]" = ()
    known: Mapping[str, Any] | None = None
    why: str = ""
    takes: "tuple[TakenUp, ...]" = ()
    hint: str = ""


@dataclass(frozen=True)
class ParamLine:
    """One parameter of a step. ``limit``: changing it judges again, and makes nothing again."""

    name: str
    type: str
    default: str
    limit: bool = False
    doc: str = ""


@dataclass(frozen=True)
class StepPage:
    """What ``explain`` shows of one step; ``needs`` are (entry, product).

    ``doc`` is the step module's own docstring, ``params_doc`` that of its parameters.
    """

    number: int | None
    name: str
    title: str
    phase: str = ""
    doc: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    makes: str = ""
    params: tuple[ParamLine, ...] = ()
    params_doc: str = ""
    looks: bool = False
    sends_back_to: str = ""
    hands_over: bool = False
    # the key of pipeline.yaml that the parameters stand under
    under: str = "with:"
    # the ids of its checks, and what each says
    evidence: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class EnvironmentLine:
    """An environment as ``status`` shows it: what it comes to in short, the addresses that answer
    by their service, and the whole of it for programs; ``refused`` are the versions that were taken
    back there, each with when and by whom."""

    name: str
    text: str
    urls: Mapping[str, str]
    known: Mapping[str, Any]
    refused: Mapping[str, str] = field(default_factory=dict)
