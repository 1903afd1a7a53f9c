"""A dry run that knows nothing but the project still lists what would be written."""

import pytest

from devflow.model.outcomes import Foreseen
from devflow.testing import not_yet
from tests.unit.steps.change_story import PROJECT, STEPS

VERBS = {
    "branch": ["create_branch", "write_file", "write_file", "push"],
    "coding": [],
    "pre_commit": [],
    "commit": ["commit"],
    "push": ["push"],
    "pull_request": ["open_pull", "label", "ask_review"],
    "code_review": ["comment"],
    "trigger": ["set_status"],
}


@pytest.mark.parametrize("module", STEPS, ids=lambda module: module.STEP.name)
def test_foresee_decides_by_nothing_that_does_not_exist_yet(module):
    foreseen = module.STEP.foresee(module.STEP.params(), not_yet(module.STEP, PROJECT))
    assert (
        isinstance(foreseen, Foreseen)
        and [write.verb for write in foreseen.writes] == VERBS[module.STEP.name]
    )
    assert set(foreseen.known) <= set(module.STEP.makes.model_fields)
