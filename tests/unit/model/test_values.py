"""What is identity and what is not; one exit code an error class."""

import pytest

from devflow.model import errors
from devflow.model.checks import Status, judged, why
from devflow.model.values import Fact, Limit, Value, identity
from tests.standins.words import worded


class Thing(Value):
    key: str
    status: Fact[str] = ""
    limit: Limit[int] = 10
    extra: str = "default"


def test_identity_leaves_out_facts_limits_and_defaults() -> None:
    assert identity(Thing(key="a", status="x", limit=3)) == {"key": "a"}
    assert identity(Thing(key="a", extra="other")) == {"key": "a", "extra": "other"}


def test_a_buried_marker_is_refused_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="outside"):

        class Wrong(Value):
            status: Fact[str] | None = None


def test_what_has_no_json_form_is_no_identity() -> None:
    with pytest.raises(TypeError):
        identity(object())


def test_unknown_keys_are_refused_and_values_are_frozen() -> None:
    with pytest.raises(ValueError):
        Thing(key="a", other=1)
    with pytest.raises(ValueError):
        Thing(key="a").key = "b"


@pytest.mark.parametrize(
    "oks,status",
    [
        ((), "unavailable"),
        ((True,), "passed"),
        ((True, None), "unavailable"),
        ((None, False), "failed"),
        ((True, False), "failed"),
    ],
)
def test_the_status_follows_from_the_checks_alone(
    oks: tuple[bool | None, ...], status: str
) -> None:
    assert judged(worded(label="a", ok=ok) for ok in oks) is Status(status)


def test_a_line_that_is_not_needed_may_be_unmeasured_but_not_wrong() -> None:
    assert (
        judged([worded(label="a", ok=True), worded(label="b", ok=None, needed=False)])
        is Status.PASSED
    )
    assert (
        judged([worded(label="a", ok=True), worded(label="b", ok=False, needed=False)])
        is Status.FAILED
    )
    assert (
        judged([worded(label="a", ok=None, needed=False)]) is Status.UNAVAILABLE
    ), "nothing was measured"
    assert why([worded(label="b", ok=False, measured="12", limit="10")]) == "b: 12 (limit 10)"


def test_each_error_class_owns_its_exit_code() -> None:
    classes = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.DevflowError)
    ]
    own = [one for one in classes if "exit_code" in vars(one)]
    codes = [one.exit_code for one in own if one is not errors.DevflowError]
    assert sorted(codes) == list(range(1, 12))
