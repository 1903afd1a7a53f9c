"""Steps of other packages: the version of the contract is compared before anything runs."""

from importlib.metadata import EntryPoint

import pytest

import devflow
from devflow.model.errors import PipelineInvalid
from devflow.step import CONTRACT
from devflow.wiring.local import STEPS_GROUP, loaded_step


def point(name: str) -> EntryPoint:
    return EntryPoint(name, f"tests.unit.wiring.foreign:{name}", STEPS_GROUP)


def test_a_step_of_this_contract_is_taken() -> None:
    assert loaded_step(point("STEP")).name == "greeting"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    (
        ("SILENT", "states no version of the step contract", f"contract={CONTRACT}"),
        ("OLDER", "states version 1 of the step contract", "CHANGELOG"),
        ("NO_STEP", "is not a devflow step", ""),
        ("MISSING", "cannot be loaded", f"version {CONTRACT}"),
    ),
)
def test_any_other_is_refused_with_its_name(name: str, message: str, hint: str) -> None:
    with pytest.raises(PipelineInvalid) as raised:
        loaded_step(point(name))
    assert message in raised.value.message and hint in raised.value.hint


def test_every_public_name_is_there_and_no_other() -> None:
    assert all(getattr(devflow, name) is not None for name in devflow.EXPORTS)
    assert set(devflow.EXPORTS) < set(dir(devflow))
    with pytest.raises(AttributeError):
        devflow.Nothing
