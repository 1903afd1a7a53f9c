"""The plan: pipeline.yaml's entries joined with the steps they use, every wire checked before
anything runs.

The file's order is the order; a need may only name an earlier entry, never one of its own
``parallel:`` group.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Final, Iterable, Literal, Mapping, get_type_hints

from devflow.config.mistakes import Mistakes
from devflow.config.pipeline import EntrySpec, Pipeline
from devflow.config.validation import nearest, validated
from devflow.config.yaml_source import Path, Source
from devflow.engine.needed import Asked, asked_by
from devflow.engine.refusals import refuse, wrong_together
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.model.tree import FixesCommit, FixesTree
from devflow.model.values import Value
from devflow.step import AnyStep

PROJECT: Final = "project"

Settled = Literal["", "tree", "commit"]
"""Whether a need is what an entry settled rather than its product, and as what."""


@dataclass(frozen=True)
class Need:
    """One field of a step's ``Needs``: the entry that it comes from (empty where the pipeline has
    none), and whether it may be absent.

    One that ``collects`` comes from every entry among ``members`` instead. One that is ``settled``
    is the tree that the entry settled: without an entry the working tree at this moment, or, where
    only a commit counts, nothing.
    """

    field: str
    entry: str
    takes_absent: bool
    collects: bool = False
    members: tuple[str, ...] = ()
    settled: Settled = ""


@dataclass(frozen=True)
class Entry:
    """One entry of the plan.

    ``group`` counts the groups from 0; ``sends_back_to`` is an entry's name, not a step's;
    ``project`` is what the step may read of the project, ``None`` where it does not ask for it;
    entries that name the same ``checkout`` share one, which those ``before`` have worked in;
    ``as_written`` is what pipeline.yaml says of an entry that runs ``as_pushed``; ``again``: a
    person wants it begun anew; ``now``: not to wait for a window; ``hold``: to decide on its
    canary; ``path`` is where it stands in the file.
    """

    name: str
    step: AnyStep
    params: Value
    phase: str
    group: int
    required: bool
    deferred: bool
    needs: tuple[Need, ...]
    sends_back_to: str = ""
    project: Project | None = None
    checkout: str = ""
    before: tuple["Entry", ...] = ()
    as_written: "Entry | None" = None
    again: bool = False
    now: bool = False
    hold: bool = False
    path: Path = ()

    @property
    def tree(self) -> Need | None:
        """The need that binds the entry to a tree."""
        return next((need for need in self.needs if need.settled), None)

    @property
    def as_pushed(self) -> "Entry":
        """The entry as ``ship --as-pushed`` runs it, which leaves the working tree alone."""
        if self.step.as_pushed is None:
            return self
        return replace(self, params=self.step.as_pushed(self.params), as_written=self)

    @property
    def ways(self) -> tuple["Entry", "Entry"]:
        """The entry as it runs here, and as it runs with ``--as-pushed`` or without."""
        return (self, self.as_written or self.as_pushed)


@dataclass(frozen=True)
class Plan:
    """Every entry in the file's order, and the project that each may ask for; ``source`` is the
    file, where there is one."""

    groups: tuple[tuple[Entry, ...], ...]
    phases: tuple[str, ...]
    project: Project
    source: Source | None = None

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in order."""
        return tuple(entry for group in self.groups for entry in group)

    @cached_property
    def by_name(self) -> Mapping[str, Entry]:
        """Every entry by its name."""
        return {entry.name: entry for entry in self.entries}

    @cached_property
    def phase_of(self) -> Mapping[str, str]:
        """The phase of every entry, by the entry's name."""
        return {entry.name: entry.phase for entry in self.entries}

    def sharing_after(self, entry: Entry) -> tuple[Entry, ...]:
        """The next entry that works in the checkout of this one, which stands for all after it."""
        if not entry.checkout:
            return ()
        later = [
            one
            for one in self.entries
            if one.checkout == entry.checkout and one.group > entry.group
        ]
        return tuple(later[:1])

    def between(self, first: str, last: str) -> tuple[Entry, ...]:
        """The entries of all groups from the first one's to the last one's: what a send-back begins
        anew."""
        begin = self.by_name[first].group
        end = self.by_name[last].group
        return tuple(entry for entry in self.entries if begin <= entry.group <= end)


@dataclass(frozen=True)
class _Earlier:
    """An entry that stands before the one that is being wired."""

    step: AnyStep
    group: int


def build(
    pipeline: Pipeline, steps: Mapping[str, AnyStep], mistakes: Mistakes | None = None
) -> Plan:
    """Joins the file with the steps that exist. Raises ``PipelineInvalid`` with every mistake, each
    with file, line, column, path and the nearest valid name; ``mistakes`` are those that were found
    in the file before."""
    found = Mistakes() if mistakes is None else mistakes
    wiring = _Wiring(pipeline, steps)
    for spec in chain(*pipeline.groups):
        with found.noted():
            wiring.read(spec)
    # an entry that is wrong by itself would be missing to all that need it
    found.refuse()
    found.add(wrong_together(pipeline, wiring.params))
    groups = []
    for index, specs in enumerate(pipeline.groups):
        group = []
        for spec in specs:
            with found.noted():
                group.append(wiring.entry(spec, index))
        groups.append(tuple(group))
    found.refuse()
    return Plan(tuple(groups), pipeline.phases, pipeline.project, pipeline.source)


class _Wiring:
    """Checks one entry after the other against those before it."""

    def __init__(self, pipeline: Pipeline, steps: Mapping[str, AnyStep]) -> None:
        self._source = pipeline.source
        self._project = pipeline.project
        self._is_project_read = pipeline.is_project_read
        self.params: dict[Path, Value] = {}
        self._steps = steps
        self._earlier: dict[str, _Earlier] = {}
        self._sharing: dict[str, list[Entry]] = {}
        self._all = {spec.name for group in pipeline.groups for spec in group}

    def read(self, spec: EntrySpec) -> None:
        """The step and the parameters of an entry, by itself."""
        self.params[spec.path] = self._params(spec, self._step(spec))

    def entry(self, spec: EntrySpec, group: int) -> Entry:
        """The entry joined with those before it; what is wrong with it keeps none after it from
        finding it there."""
        try:
            return self._wired(spec, group)
        finally:
            self._earlier[spec.name] = _Earlier(self._steps[spec.step], group)

    def _wired(self, spec: EntrySpec, group: int) -> Entry:
        step = self._steps[spec.step]
        params = self.params[spec.path]
        hints = get_type_hints(step.needs)
        asks_project = hints.pop(PROJECT, None) is not None
        asked = [asked_by(field, kind) for field, kind in hints.items()]
        self._refuse_unknown_names(spec, step, asked)
        checkout = step.shares(params) if step.shares else ""
        entry = Entry(
            name=spec.name,
            step=step,
            params=params,
            phase=spec.phase,
            group=group,
            required=spec.options.required,
            deferred=spec.options.deferred,
            needs=tuple(self._needs(spec, asked, _settled_by(step, params), group)),
            sends_back_to=self._target(spec, step, group),
            project=self._project.only(step.project_parts) if asks_project else None,
            checkout=checkout,
            before=tuple(self._sharing.get(checkout, ())) if checkout else (),
            path=spec.path,
        )
        self._check_sharing(spec, entry)
        return entry

    def _params(self, spec: EntrySpec, step: AnyStep) -> Value:
        path = (*spec.path, "with")
        params: Value = validated(self._source, step.params, spec.options.with_, path)
        if self._is_project_read:
            refuse(self._source, path, step, (params, self._project))
        return params

    def _check_sharing(self, spec: EntrySpec, entry: Entry) -> None:
        """What shares a checkout runs one after the other, on one tree."""
        if not entry.checkout:
            return
        self._sharing.setdefault(entry.checkout, []).append(entry)
        for other in entry.before:
            if other.tree == entry.tree and other.group != entry.group:
                continue
            how = "at the same time" if other.tree == entry.tree else "on another tree"
            message = (
                f'"{spec.name}" works in the checkout "{entry.checkout}", '
                f'and "{other.name}" does {how}'
            )
            hint = f"{spec.name}: {{with: {{in: <another name>}}}}"
            raise self._source.error(message, (*spec.path, "with"), hint=hint)

    def _step(self, spec: EntrySpec) -> AnyStep:
        step = self._steps.get(spec.step)
        if step is not None:
            return step
        path = (*spec.path, "uses") if spec.options.uses else spec.path
        message = f'unknown step "{spec.step}"{nearest(spec.step, self._steps)}'
        raise self._source.error(message, path, hint=f"steps that exist: {command_line('explain')}")

    def _needs(
        self, spec: EntrySpec, asked: Iterable[Asked], settled: Settled, group: int
    ) -> Iterable[Need]:
        for one in asked:
            if one.collects:
                yield self._collected(one, group)
            elif one.is_tree:
                yield self._tree(spec, one, settled, group)
            else:
                yield self._need(spec, one, group)

    def _tree(self, spec: EntrySpec, asked: Asked, settled: Settled, group: int) -> Need:
        """The nearest earlier entry that settles a tree, or the one that ``needs:`` names."""
        settles = asked.settling(FixesCommit if settled == "commit" else FixesTree)
        if asked.field in spec.options.needs:
            return replace(self._need(spec, settles, group), settled=settled)
        nearest_entry = ""
        for name, earlier in self._earlier.items():
            if earlier.group < group and settles.fits(earlier.step):
                nearest_entry = name
        return Need(asked.field, nearest_entry, asked.takes_absent, settled=settled)

    def _refuse_unknown_names(self, spec: EntrySpec, step: AnyStep, asked: Iterable[Asked]) -> None:
        """An entry's ``needs:`` may rename needs of one entry, and the target of a send-back."""
        allowed = {one.field for one in asked if not one.collects}
        if step.sends_back_to:
            allowed.add(step.sends_back_to)
        for renamed in spec.options.needs:
            if renamed not in allowed:
                raise self._source.error(
                    f'"{spec.name}" has no need "{renamed}"{nearest(renamed, allowed)}',
                    (*spec.path, "needs", renamed),
                    hint=f"its needs: {', '.join(sorted(allowed)) or 'none'}",
                )

    def _collected(self, asked: Asked, group: int) -> Need:
        """Every entry before this one's group that makes such a product."""
        members = []
        for name, earlier in self._earlier.items():
            if earlier.group < group and asked.fits(earlier.step):
                members.append(name)
        return Need(asked.field, "", asked.takes_absent, collects=True, members=tuple(members))

    def _need(self, spec: EntrySpec, asked: Asked, group: int) -> Need:
        source = spec.options.needs.get(asked.field, asked.field)
        path = (*spec.path, "needs", asked.field)
        earlier = self._earlier.get(source)
        if earlier is None or earlier.group == group:
            is_optional = asked.takes_absent and asked.field not in spec.options.needs
            if is_optional and source not in self._all:
                return Need(asked.field, "", asked.takes_absent)
            raise self._unmet(spec, asked, source, path)
        if not asked.fits(earlier.step):
            made = earlier.step.makes.__name__
            raise self._source.error(
                f'"{spec.name}" needs {asked.wording} as "{asked.field}", '
                f'and "{source}" makes {made}',
                path,
                hint=self._offer(spec, asked),
            )
        return Need(asked.field, source, asked.takes_absent)

    def _unmet(self, spec: EntrySpec, asked: Asked, source: str, path: Path) -> PipelineInvalid:
        if source in self._all:
            message = f'"{spec.name}" needs "{source}", which does not stand before it'
            return self._source.error(message, path, hint=f'move "{source}" above "{spec.name}"')
        message = f'"{spec.name}" needs an entry "{source}"{nearest(source, self._earlier)}'
        return self._source.error(message, path, hint=self._offer(spec, asked))

    def _offer(self, spec: EntrySpec, asked: Asked) -> str:
        fitting = [name for name, earlier in self._earlier.items() if asked.fits(earlier.step)]
        if fitting:
            return f"{spec.name}: {{needs: {{{asked.field}: {fitting[-1]}}}}}"
        return f"add an entry that makes {asked.wording} before it"

    def _target(self, spec: EntrySpec, step: AnyStep, group: int) -> str:
        if not step.sends_back_to:
            return ""
        target = spec.options.needs.get(step.sends_back_to, step.sends_back_to)
        earlier = self._earlier.get(target)
        if earlier is not None and earlier.group < group:
            return target
        raise self._source.error(
            f'"{spec.name}" sends back to "{target}", which does not stand before it',
            spec.path,
            hint=f"{spec.name}: {{needs: {{{step.sends_back_to}: <entry>}}}}",
        )


def _settled_by(step: AnyStep, params: Value) -> Settled:
    """What changes the world is bound to what was pushed: with the tree of coding it would be said
    again at every edit."""
    return "commit" if step.changes_world and step.changes_world(params) else "tree"
