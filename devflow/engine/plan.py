"""The plan: pipeline.yaml's entries joined with the steps they use, every wire checked before
anything runs.

The file's order is the order; a need may only name an earlier entry, never one of its own
``parallel:`` group.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterable, Mapping, get_args, get_type_hints

from devflow.config.pipeline import EntrySpec, Pipeline, nearest, validated
from devflow.model.errors import PipelineInvalid
from devflow.model.outcomes import Absent
from devflow.model.project import Project
from devflow.model.values import Value
from devflow.step import AnyStep

PROJECT: Final = "project"


@dataclass(frozen=True)
class Need:
    """One field of a step's ``Needs``: the entry that it comes from (empty where the pipeline has
    none), and whether it may be absent."""

    field: str
    entry: str
    takes_absent: bool


@dataclass(frozen=True)
class Entry:
    """One entry of the plan. ``group`` counts the groups from 0; ``sends_back_to`` is an entry's
    name, not a step's."""

    name: str
    step: AnyStep
    params: Value
    phase: str
    group: int
    required: bool
    deferred: bool
    needs: tuple[Need, ...]
    sends_back_to: str = ""


@dataclass(frozen=True)
class Plan:
    """Every entry in the file's order, and the project that each may ask for."""

    groups: tuple[tuple[Entry, ...], ...]
    phases: tuple[str, ...]
    project: Project

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in order."""
        return tuple(entry for group in self.groups for entry in group)

    def between(self, first: str, last: str) -> tuple[Entry, ...]:
        """The entries of all groups from the first one's to the last one's: what a send-back begins
        anew."""
        group_of = {entry.name: entry.group for entry in self.entries}
        return tuple(
            entry for entry in self.entries if group_of[first] <= entry.group <= group_of[last]
        )


def build(pipeline: Pipeline, steps: Mapping[str, AnyStep]) -> Plan:
    """Joins the file with the steps that exist. Raises ``PipelineInvalid`` with file, line, column,
    path and the nearest valid name."""
    wiring = _Wiring(pipeline, steps)
    groups = tuple(
        tuple(wiring.entry(spec, index) for spec in group)
        for index, group in enumerate(pipeline.groups)
    )
    return Plan(groups, pipeline.phases, pipeline.project)


class _Wiring:
    """Checks one entry after the other against those before it."""

    def __init__(self, pipeline: Pipeline, steps: Mapping[str, AnyStep]) -> None:
        self._source = pipeline.source
        self._steps = steps
        self._earlier: dict[str, tuple[AnyStep, int]] = {}
        self._all = {spec.name for group in pipeline.groups for spec in group}

    def entry(self, spec: EntrySpec, group: int) -> Entry:
        step = self._steps.get(spec.step)
        if step is None:
            path = (*spec.path, "uses") if spec.options.uses else spec.path
            near = nearest(spec.step, self._steps)
            raise self._source.error(
                f'unknown step "{spec.step}"{near}', path, hint="steps that exist: devflow explain"
            )
        params = validated(self._source, step.params, spec.options.with_, (*spec.path, "with"))
        made = Entry(
            name=spec.name,
            step=step,
            params=params,
            phase=spec.phase,
            group=group,
            required=spec.options.required,
            deferred=spec.options.deferred,
            needs=tuple(self._needs(spec, step, group)),
            sends_back_to=self._target(spec, step, group),
        )
        self._earlier[spec.name] = (step, group)
        return made

    def _needs(self, spec: EntrySpec, step: AnyStep, group: int) -> Iterable[Need]:
        wanted = {
            name: kind for name, kind in get_type_hints(step.needs).items() if name != PROJECT
        }
        allowed = {*wanted, step.sends_back_to} - {""}
        for renamed in spec.options.needs:
            if renamed not in allowed:
                raise self._source.error(
                    f'"{spec.name}" has no need "{renamed}"{nearest(renamed, allowed)}',
                    (*spec.path, "needs", renamed),
                    hint=f"its needs: {', '.join(sorted(allowed)) or 'none'}",
                )
        for name, kind in wanted.items():
            yield self._need(spec, name, kind, group)

    def _need(self, spec: EntrySpec, field: str, kind: Any, group: int) -> Need:
        kinds = get_args(kind) or (kind,)
        takes_absent = Absent in kinds
        products = tuple(one for one in kinds if one is not Absent)
        source = spec.options.needs.get(field, field)
        path = (*spec.path, "needs", field)
        known = self._earlier.get(source)
        if known is None or known[1] == group:
            if takes_absent and source not in self._all and field not in spec.options.needs:
                return Need(field, "", takes_absent)
            raise self._unmet(spec, field, source, products, path)
        made = known[0].makes
        if not any(issubclass(made, product) for product in products):
            wants = " or ".join(product.__name__ for product in products)
            raise self._source.error(
                f'"{spec.name}" needs {wants} as "{field}", and "{source}" makes {made.__name__}',
                path,
                hint=self._offer(spec, field, products),
            )
        return Need(field, source, takes_absent)

    def _unmet(
        self, spec: EntrySpec, field: str, source: str, products: tuple[Any, ...], path: Any
    ) -> PipelineInvalid:
        if source in self._all:
            message = f'"{spec.name}" needs "{source}", which does not stand before it'
            return self._source.error(message, path, hint=f'move "{source}" above "{spec.name}"')
        near = nearest(source, self._earlier)
        return self._source.error(
            f'"{spec.name}" needs an entry "{source}"{near}',
            path,
            hint=self._offer(spec, field, products),
        )

    def _offer(self, spec: EntrySpec, field: str, products: tuple[Any, ...]) -> str:
        fitting = [
            name
            for name, (step, _) in self._earlier.items()
            if any(issubclass(step.makes, one) for one in products)
        ]
        if fitting:
            return f"{spec.name}: {{needs: {{{field}: {fitting[-1]}}}}}"
        return f"add an entry that makes {' or '.join(one.__name__ for one in products)} before it"

    def _target(self, spec: EntrySpec, step: AnyStep, group: int) -> str:
        if not step.sends_back_to:
            return ""
        target = spec.options.needs.get(step.sends_back_to, step.sends_back_to)
        known = self._earlier.get(target)
        if known is None or known[1] >= group:
            raise self._source.error(
                f'"{spec.name}" sends back to "{target}", which does not stand before it',
                spec.path,
                hint=f"{spec.name}: {{needs: {{{step.sends_back_to}: <entry>}}}}",
            )
        return target
