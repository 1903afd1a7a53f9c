"""Entries that would put one status on a commit, told before anything runs."""

from itertools import chain
from typing import Iterator, Mapping

from devflow.config.pipeline import Pipeline
from devflow.config.yaml_source import Path
from devflow.model.bounds.statuses import statuses
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value


def shared_statuses(pipeline: Pipeline, entries: Mapping[Path, Value]) -> Iterator[PipelineInvalid]:
    """Each entry whose status is that of one before it: only the last would be seen, and a failure
    be gone behind it. ``entries`` are their parameters, by where they stand."""
    first: dict[str, str] = {}
    for spec in chain(*pipeline.groups):
        for parameter, status in statuses(entries[spec.path], spec.name):
            other = first.setdefault(status, spec.name)
            if other == spec.name:
                continue
            problem = f'the status "{status}" of {spec.name} is that of {other} already'
            path = (*spec.path, "with", parameter)
            hint = f"{spec.name}: {{with: {{{parameter}: devflow/{spec.name}}}}}"
            yield pipeline.source.error(problem, path, hint=hint)
