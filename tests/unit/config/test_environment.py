"""What the environment says, and what it is told where it says something that is no value."""

import pytest

from devflow.config.environment import Settings
from devflow.model.errors import UsageError


@pytest.mark.parametrize(
    ("value", "is_sandbox"), (("1", True), ("true", True), ("0", False), ("no", False), ("", False))
)
def test_yes_and_no_are_said_as_people_say_them(value: str, is_sandbox: bool) -> None:
    assert Settings.of({"DEVFLOW_SANDBOX": value}).devflow_sandbox is is_sandbox


@pytest.mark.parametrize("name", ("DEVFLOW_SANDBOX", "devflow_sandbox"))
def test_a_value_that_is_none_is_told_with_the_variables_name_and_what_to_type(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        Settings.of({name: "maybe", "GITHUB_TOKEN": "secret"})
    assert refused.value.message == "DEVFLOW_SANDBOX says neither yes nor no"
    assert "export DEVFLOW_SANDBOX=1" in refused.value.hint
    words = f"{refused.value.message} {refused.value.hint} {refused.value.__cause__}"
    assert "validation" not in words and "secret" not in words
