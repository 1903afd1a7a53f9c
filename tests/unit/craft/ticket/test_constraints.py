"""The constraints that programs prove."""

import pytest

from devflow.craft.ticket.constraints import check_for, constraints_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("No breaking changes", "api_compatible"),
        ("Backward compatibility", "api_compatible"),
        ("Pure CSS tabs (no JavaScript dependency)", "no_javascript"),
        ("CSS-only implementation", "no_javascript"),
        ("Performance optimization", ""),
        ("JavaScript may be used", ""),
    ],
)
def test_a_constraint_names_a_check_only_where_one_proves_it(text: str, name: str) -> None:
    assert check_for(text) == name


def test_what_criteria_imply_is_added_once() -> None:
    constraints = constraints_of(
        ("No breaking changes",), ("Pure CSS", "no JavaScript", "backward compatible")
    )
    assert [(one.text, one.check) for one in constraints] == [
        ("No breaking changes", "api_compatible"),
        ("Pure CSS", "no_javascript"),
    ]
