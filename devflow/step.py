"""The step contract: what a plugin is made of, and what it may use.

A step is one module with one ``STEP`` value; ``judge`` is the only source of its status, and only
``make`` may write.
"""

from dataclasses import dataclass, field
from typing import Any, Callable, Final, Generic, Iterable, Literal, Mapping, TypeVar

from devflow.model.canary import Canary
from devflow.model.checks import Check
from devflow.model.marks import Mark
from devflow.model.outcomes import Absent, Foreseen, Needed, SendBack, Waiting
from devflow.model.values import Value
from devflow.ports.advisories import Advisories
from devflow.ports.around import Around
from devflow.ports.clock import Clock
from devflow.ports.code_host import CodeHost, CodeHostReads
from devflow.ports.containers import Containers
from devflow.ports.deploys import Deploys, DeploysReads
from devflow.ports.images import Images
from devflow.ports.journal import History
from devflow.ports.registry import Registry, RegistryReads
from devflow.ports.repository import Repository, RepositoryReads
from devflow.ports.shell import Shell, ShellReads
from devflow.ports.signing import Signing
from devflow.ports.tracker import Tracker, TrackerReads
from devflow.ports.web import Web

CONTRACT: Final = 3  # raised where a step that was written for the version before has to be changed

# parameters, needs, and what it makes
P = TypeVar("P", bound=Value)
N = TypeVar("N")
M = TypeVar("M", bound=Value)


def silent(
    text: str,
    done: int | None = None,
    total: int | None = None,
    *,
    canary: Canary | None = None,
) -> None:
    """The ``say`` of a turn that nobody watches."""


@dataclass(frozen=True)
class See:
    """The reading half of the world, for ``look`` and dry runs."""

    tracker: TrackerReads
    host: CodeHostReads
    repository: RepositoryReads
    shell: ShellReads
    deploys: DeploysReads
    web: Web
    images: Images
    registry: RegistryReads
    containers: Containers
    advisories: Advisories
    signing: Signing
    history: History
    clock: Clock


@dataclass(frozen=True)
class Tools:
    """The whole world, for ``make``: the engine records every write verb."""

    tracker: Tracker
    host: CodeHost
    repository: Repository
    shell: Shell
    deploys: Deploys
    web: Web
    images: Images
    registry: Registry
    containers: Containers
    advisories: Advisories
    signing: Signing
    history: History
    clock: Clock


@dataclass(frozen=True)
class Turn:
    """Which run, entry and round this is; the send-back that began the round; what a waiting entry
    kept; ``phases``, the phase of each entry of the plan; ``say`` shows the newest fact, how far it
    is, and the canary that is watched; ``hold``: a person wants to decide on it; ``again``: to
    begin anew, whatever was said against it before; ``now``: not to wait for a window, where those
    who may agree."""

    run: str
    entry: str
    round: int = 1
    sent_back: SendBack | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    say: Callable[..., None] = silent
    phases: Mapping[str, str] = field(default_factory=dict)
    again: bool = False
    now: bool = False
    hold: bool = False

    def mark(self, verb: str, slot: str = "") -> Mark:
        """The mark that a write of this entry leaves, for reading it back."""
        return Mark(run=self.run, entry=self.entry, verb=verb, slot=slot, round=self.round)


@dataclass(frozen=True)
class GateAnswer:
    """A person's word at a gate; ``at`` is a path and line that it is about; ``now``: that it need
    not wait for its window."""

    verdict: Literal["approve", "reject"]
    text: str = ""
    at: tuple[str, int] | None = None
    now: bool = False


@dataclass(frozen=True)
class Headline:
    """What the head of a screen shows of the run, where a step's product says it."""

    summary: str = ""
    branch: str = ""


@dataclass(frozen=True, kw_only=True)
class Step(Generic[P, N, M]):
    """A plugin.

    ``needs`` is a frozen dataclass: each field an earlier entry, each annotation that entry's
    product. A field of type ``Mapping[str, X]`` collects what every earlier entry that makes an
    ``X`` has made, by the entry's name; with ``Mapping[str, X | Absent]`` also what is absent.
    ``project: Project`` and ``tree: Tree`` are always there: a step that runs a command on files,
    or judges them, is bound to a tree, and may measure nothing else.

    ``number`` is the step's place among the 29, ``None`` for other people's steps.
    """

    name: str
    title: str
    params: type[P]
    needs: type[N]
    makes: type[M]
    make: Callable[[Tools, Turn, P, N], M | Absent | Waiting | SendBack | None]
    judge: Callable[[P, M], tuple[Check, ...]]
    foresee: Callable[[P, N], Foreseen]
    # where the world as it is and the round say more of the writes: asked in place of ``foresee``
    foresee_here: Callable[[See, Turn, P, N], Foreseen] | None = None
    look: Callable[[See, Turn, P, N], M | None] | None = None
    # what is known of its work before the run has written anything, by the ticket's key: sentences
    # for a person; raises where it is known to fail
    ahead: Callable[[See, str, P], tuple[str, ...]] | None = None
    # what its work needs of this machine and this repository, and whether it is here: asked by
    # `devflow doctor`, and by `start` before the first write
    examine: Callable[[Around, P], Iterable[Needed]] | None = None
    # raises ``PipelineInvalid`` for parameters, each well in itself, that can never work together,
    # with the way to the one that is wrong: asked when the plan is made
    refuse: Callable[[P], None] | None = None
    # writes a person's word at this gate where ``make`` reads it back; answers whom the gate still
    # waits for, where it can tell, or the no that keeps it closed
    answer: Callable[[Tools, Turn, P, N, GateAnswer], Waiting | Absent | None] | None = None
    # an entry that ``make`` may send back to
    sends_back_to: str = ""
    # whether a send-back ends the command too: what it changed is a person's to look at first
    ends_when_sent_back: bool = False
    # whether ``ship --again`` makes it anew: a person's no to what it made ends with that, a result
    # that was taken from elsewhere, and the verdict on a version that was taken back
    begins_anew: bool = False
    # for one that may have to wait for a time of day: raises ``UsageError`` where these parameters
    # let nobody say that it need not (``ship --now``)
    hasten: Callable[[P], None] | None = None
    # whether these parameters give a version a part of the requests first, which ``ship --hold``
    # leaves for a person to decide
    holds: Callable[[P], bool] | None = None
    # the work before it is the machine's, it is a person's
    hands_over: bool = False
    number: int | None = None
    # the parts of ``project:`` that the product is made from, which alone enter its fingerprint and
    # can be read; None, for other people's steps, is all of it
    project_parts: tuple[str, ...] | None = None
    # what the head of every screen shows of the product
    headline: Callable[[M], Headline] | None = None
    # the parameters that take what was pushed, and leave the working tree alone
    as_pushed: Callable[[P], P] | None = None
    # whether it runs every suite of the project; one that runs a single suite names it as a
    # ``SuiteName`` among its parameters
    runs_every_suite: bool = False
    # whether these parameters change the world: such an entry is bound to the nearest pushed commit
    changes_world: Callable[[P], bool] | None = None
    # the name of the checkout that these parameters share with others, empty for one of its own
    shares: Callable[[P], str] | None = None
    # the ids of its checks, each with what it says: what a program may select a check by
    evidence: Mapping[str, str] = field(default_factory=dict, hash=False)
    # the version of this contract that the step was written for: the loader compares it, and
    # refuses a step of another package that states none
    contract: int | None = None


AnyStep = Step[Any, Any, Any]
