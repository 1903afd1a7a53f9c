"""No entry's status hides another's."""

import pytest

from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.errors import PipelineInvalid
from devflow.steps import REGISTRY

PIPELINE = """\
devflow: 1
project:
  suites: {{unit: {{run: ctest}}, flag: {{run: ctest}}}}
phases:
  planning: [ticket]
  development: [branch, coding, commit, push]
  review: [pull_request]
  ci:
    - trigger
    - parallel:
        - first: {{uses: suite, with: {{suite: unit{first}}}}}
        - second: {{uses: {second}}}
"""


def planned(first: str, second: str) -> None:
    build(parse("pipeline.yaml", PIPELINE.format(first=first, second=second)), REGISTRY)


def test_each_entry_that_measures_has_a_status_of_its_own() -> None:
    planned("", "suite, with: {suite: flag}")
    planned("", 'shell, with: {run: "true"}')


@pytest.mark.parametrize(
    ("first", "second", "status"),
    (
        (", status: ci", "suite, with: {suite: flag, status: ci}", "ci"),
        (", status: ci/second", 'shell, with: {run: "true", status: "ci/{entry}"}', "ci/second"),
        (", status: devflow/quality", "quality", "devflow/quality"),
    ),
)
def test_an_entry_with_the_status_of_another_is_refused(
    first: str, second: str, status: str
) -> None:
    with pytest.raises(PipelineInvalid) as refused:
        planned(first, second)
    assert refused.value.message == f'the status "{status}" of second is that of first already'
    assert "parallel[1] → second" in refused.value.where
    assert refused.value.hint == "second: {with: {status: devflow/second}}"


def test_a_shell_entry_that_tells_nothing_hides_nothing() -> None:
    planned(", status: ci", 'shell, with: {run: "true", status: ""}')
