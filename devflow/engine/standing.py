"""The one rule that says what is done, and the products that follow from it.

An entry stands while its fingerprint is the one that it was made from and ``judge`` passes it now.
Resume, a changed pipeline.yaml, drift, send-back and a deferred gate settled later are all this
rule.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Callable, Final, Iterable, Mapping, Protocol

from pydantic import ValidationError

from devflow.engine.fingerprint import EPOCH, fingerprint, same
from devflow.engine.fold import Memory, RunState
from devflow.engine.plan import PROJECT, Entry, Need, Plan
from devflow.model.checks import Check, Status, judged, why
from devflow.model.events import Closed, Event, Opened, Recorded
from devflow.model.outcomes import Absent
from devflow.model.products import read_product
from devflow.model.tree import WORKING_TREE, Tree
from devflow.model.values import Value
from devflow.step import Turn

_BEFORE: Final = "before"
ASKED_AGAIN = ("unavailable", "deferred", "unobserved", "rejected")

ProductOf = Callable[[str], Any]
"""What an entry hands on, by its name; ``None`` where nothing has been made."""

MemoryOf = Callable[[str], Memory]
"""What a run remembers of an entry, by its name."""


class WorkTree(Protocol):
    """Where the id of the working tree comes from: a repository, or what was recorded of it."""

    def work_tree(self) -> str:
        """The git tree id of the working tree."""
        ...


@dataclass(frozen=True)
class Sources:
    """Where the needs of entries come from; the ``repository`` is asked for the working tree only
    where no earlier entry settles one."""

    plan: Plan
    memory_of: MemoryOf
    product_of: ProductOf
    repository: WorkTree


@dataclass(frozen=True)
class Judgement:
    """What the step's ``judge`` says of a product."""

    status: Status
    checks: tuple[Check, ...]

    @property
    def passes(self) -> bool:
        """Whether everything needed was measured and is in order."""
        return self.status is Status.PASSED


@dataclass(frozen=True)
class Situation:
    """One entry as a turn finds it: what the run remembers of it, and what it would be made from.

    ``gathered`` are its needs by field, an ``Absent`` that is handed on in the entry's place, or
    ``None`` where a need has not been made. ``sharing`` are the later entries that need what this
    one leaves in their checkout, which is gone when the process ends; ``before`` is what those that
    worked there earlier came to.
    """

    entry: Entry
    memory: Memory
    gathered: Mapping[str, Any] | Absent | None = None
    sharing: tuple["Situation", ...] = ()
    before: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether every need is there."""
        return isinstance(self.gathered, dict)

    @cached_property
    def fingerprint(self) -> str:
        """What the entry would be made from now; empty where a need has not been made."""
        return self._fingerprint({})

    @cached_property
    def needs(self) -> Any:
        """The step's own ``Needs`` value. Only for a situation that is ready."""
        return self.entry.step.needs(**self.gathered)  # type: ignore[arg-type]

    def turn(self, run: str, phases: Mapping[str, str], say: Callable[..., None]) -> Turn:
        """What the step is told of its turn in this run."""
        return Turn(
            run=run,
            entry=self.entry.name,
            round=self.memory.round,
            sent_back=self.memory.sent_back,
            kept=self.memory.kept,
            say=say,
            phases=phases,
            now=self.entry.now,
            hold=self.entry.hold,
        )

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """The entries that each collecting need holds now."""
        return {need.field: need.members for need in self.entry.needs if need.collects}

    @cached_property
    def product(self) -> Value | Absent | None:
        """The recorded product, as this version of the step reads it."""
        return recorded_product(self.entry, self.memory)

    @cached_property
    def is_of_now(self) -> bool:
        """Whether what was last heard of the entry came of what it would be made from now."""
        newest = self.memory.trouble or self.memory.record
        if newest is None:
            return False
        # an entry that came into the pipeline later, and is collected now, makes nothing again
        members = newest.members if isinstance(newest, Recorded) else {}
        return newest.fingerprint in (self.fingerprint, self._fingerprint(members))

    @cached_property
    def stands(self) -> bool:
        """The one rule; an entry whose checkout is shared stands with those that share it."""
        return self._stands and all(later.stands for later in self.sharing)

    @cached_property
    def _stands(self) -> bool:
        if self.memory.record is None or self.memory.trouble is not None or not self.is_ready:
            return False
        if not self.is_of_now:
            return False
        if isinstance(self.product, Absent):
            return self.product.kind not in ASKED_AGAIN
        return self.passes

    @property
    def passes(self) -> bool:
        """Whether the recorded product passes now."""
        if self.product is None or isinstance(self.product, Absent):
            return False
        return self.judge(self.product).passes

    def judge(self, product: Value) -> Judgement:
        """The step's verdict on a product."""
        checks = tuple(self.entry.step.judge(self.entry.params, product))
        return Judgement(judged(checks), checks)

    def is_confirmed_by(self, seen: Value) -> bool:
        """Whether what ``look`` sees is what the record says, and passes.

        An absence is only replaced by the thing that was absent.
        """
        passes = self.judge(seen).passes
        if isinstance(self.product, Absent):
            return not passes
        return self.product is not None and same(self.product, seen) and passes

    def _fingerprint(self, earlier: Mapping[str, tuple[str, ...]]) -> str:
        """``earlier`` are the members that count, by field; elsewhere all of now count."""
        if self.gathered is None:
            return ""
        if isinstance(self.gathered, Absent):
            return self._hash({"absent": self.gathered}, {})
        members = {field: frozenset(names) for field, names in {**self.members, **earlier}.items()}
        return self._hash(self.gathered, members)

    def _hash(self, needs: Mapping[str, Any], members: Mapping[str, frozenset[str]]) -> str:
        tree = self.entry.tree
        # a world is changed once for each commit, whatever round it is
        is_once = tree is not None and tree.settled == "commit"
        round_ = 0 if is_once else self.memory.round
        whole = {**needs, _BEFORE: self.before} if self.before else needs
        return fingerprint(self.entry, whole, round_, members)


def situation(entry: Entry, sources: Sources) -> Situation:
    """The entry with its needs gathered from what earlier entries hand on."""
    sharing = tuple(situation(later, sources) for later in sources.plan.sharing_after(entry))
    before = tuple(_fate(sources.product_of(one.name)) for one in entry.before)
    memory = sources.memory_of(entry.name)
    return Situation(entry, memory, _gather(entry, sources), sharing, before)


def _fate(product: Any) -> str:
    return product.kind if isinstance(product, Absent) else "made"


def _gather(entry: Entry, sources: Sources) -> dict[str, Any] | Absent | None:
    gathered: dict[str, Any] = {} if entry.project is None else {PROJECT: entry.project}
    for need in entry.needs:
        value = _value(need, sources)
        if value is None:
            return None
        if isinstance(value, Absent) and not need.takes_absent:
            return Absent(kind=value.kind, why=f"{need.entry}: {value.why}")
        gathered[need.field] = value
    return gathered


def _value(need: Need, sources: Sources) -> Any:
    if need.collects:
        return _members(need, sources.product_of)
    return _tree(need, sources) if need.settled else _single(need, sources.product_of)


def _tree(need: Need, sources: Sources) -> Any:
    """What the entry settled; without one the working tree, which is no commit."""
    if need.entry:
        product = sources.product_of(need.entry)
        if product is None or isinstance(product, Absent):
            return product
        settled = product.settled
        if need.settled == "commit" and isinstance(settled, Tree):
            # two commits may have one tree
            return settled.model_copy(update={"id": settled.commit or settled.id})
        return settled
    if need.settled == "tree":
        return Tree(id=sources.repository.work_tree(), read_from=WORKING_TREE)
    return Absent(kind="skipped", why="no earlier entry settles a commit")


def _single(need: Need, product_of: ProductOf) -> Any:
    if not need.entry:
        return Absent(kind="skipped", why=f"the pipeline has no entry {need.field}")
    return product_of(need.entry)


def _members(need: Need, product_of: ProductOf) -> dict[str, Any] | Absent | None:
    """What every collected entry hands on, by its name; ``None`` where one has not been made."""
    members: dict[str, Any] = {}
    for name in need.members:
        product = product_of(name)
        if product is None:
            return None
        if isinstance(product, Absent) and not need.takes_absent:
            return Absent(kind=product.kind, why=f"{name}: {product.why}")
        members[name] = product
    return members


def recorded_product(entry: Entry, memory: Memory) -> Value | Absent | None:
    """The recorded product as this version of the step reads it; ``None`` where there is none or it
    no longer parses. Raises ``MadeByNewer``."""
    record = memory.record
    if record is None or record.step != entry.step.name:
        return None
    if record.absent is not None:
        return record.absent
    try:
        product: Value = read_product(entry.step.makes, record.product, record.product_schema)
    except ValidationError:
        return None
    return product


def handed_on(entry: Entry, memory: Memory) -> Value | Absent | None:
    """What later entries get from this one: its product while it passes, an ``Absent`` in its
    place, ``None`` where nothing is there."""
    product = recorded_product(entry, memory)
    if product is None or isinstance(product, Absent):
        return product
    checks = entry.step.judge(entry.params, product)
    match judged(checks):
        case Status.PASSED:
            return product
        case Status.UNAVAILABLE:
            return Absent(kind="unavailable", why=why(checks))
        case _:
            return None


class RunProducts:
    """What the entries of a run hand on, by name.

    With ``last_round`` what was made before the send-back counts where the new round has nothing
    yet.
    """

    def __init__(
        self, entries: Mapping[str, Entry], state: RunState, *, last_round: bool = False
    ) -> None:
        self._entries = entries
        self._state = state
        self._last_round = last_round

    def __call__(self, name: str) -> Value | Absent | None:
        entry = self._entries[name]
        memory = self._state.of(name)
        product = handed_on(entry, memory)
        if product is None and self._last_round and memory.last_round is not None:
            return handed_on(entry, Memory(record=memory.last_round))
        return product


def is_frozen(events: Iterable[Event]) -> bool:
    """Whether an earlier epoch finished the run: it is shown, and never made again."""
    opened: Opened | None = None
    closed: Closed | None = None
    for event in events:
        if isinstance(event, Opened):
            opened = event
            closed = None
        elif isinstance(event, Closed):
            closed = event
    if opened is None or closed is None or opened.epoch == EPOCH:
        return False
    return opened.command == "ship" and closed.exit_code == 0
