"""What an entry was made from, as one hash: step, parameters, identity of its needs, round.

Limits and facts are not in it: a new limit is judged on the old product, never made again.
"""

import hashlib
import json
from typing import Any, Final, Mapping

from devflow.engine.plan import PROJECT, Entry
from devflow.model.declared.project import Project
from devflow.model.outcomes import Absent
from devflow.model.values import Value, identity

EPOCH: Final = 3
"""Raised whenever the same run gives other fingerprints than the release before. What an earlier
epoch finished is shown and never made again; 1 is devflow 0.1.0, which recorded no epoch, 2 is
0.2.0, in which no step was bound to a tree."""


def fingerprint(
    entry: Entry, needs: Mapping[str, object], round_: int, members: Mapping[str, frozenset[str]]
) -> str:
    """The hash of what the entry would be made from now.

    ``members`` are, for each need that collects, the entries that count: one that came into the
    pipeline after the entry was made makes nothing again.
    """
    sources = {}
    for name, need in sorted(needs.items()):
        if name == PROJECT:
            sources[name] = _project_identity(entry, need)
        elif isinstance(need, tuple):
            sources[name] = list(need)
        elif name in members:
            sources[name] = _verdicts(need, members[name])
        else:
            sources[name] = _need_identity(need)
    made_from: list[Any] = [entry.step.name, identity(entry.params), sources, round_]
    # what was done before in its checkout is part of what it is made from
    made_from += [[one.step.name, identity(one.params)] for one in entry.before]
    text = json.dumps(made_from, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def same(one: Value, other: Value) -> bool:
    """Whether two products are the same thing, whatever their facts say."""
    return _need_identity(one) == _need_identity(other)


def _need_identity(need: object) -> object:
    if isinstance(need, Absent):
        return {"absent": need.kind}
    return [type(need).__name__, identity(need)]


def _project_identity(entry: Entry, project: object) -> object:
    """Only the parts that the step names: any other key of the table undoes nothing."""
    parts = entry.step.project_parts
    if parts is None:
        return _need_identity(project)
    named = {}
    for part in parts:
        value = getattr(project, part)
        if value != Project.model_fields[part].get_default(call_default_factory=True):
            named[part] = identity(value)
    return named


def _verdicts(need: Any, members: frozenset[str]) -> dict[str, str]:
    """What each collected entry came to; what it measured is not part of what is made from it."""
    verdicts: dict[str, str] = {}
    for name, product in need.items():
        if name in members:
            verdicts[name] = product.kind if isinstance(product, Absent) else "passed"
    return verdicts
