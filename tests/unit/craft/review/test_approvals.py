"""The line that says yes or no at a gate."""

import pytest

from devflow.craft.review.approvals import approval_line, parse


def test_what_is_composed_is_parsed_back() -> None:
    said = parse(
        "Looks good.\r\n"
        + approval_line("production", "reject", "3a" * 20, "b1" * 20)
        + "\r\nRegards"
    )
    assert [(one.verdict, one.gate, one.version, one.sha) for one in said] == [
        ("reject", "production", "3a" * 20, "b1" * 20)
    ]


@pytest.mark.parametrize(
    "before",
    ["> ", "    ", "I will not say ", "`"],
    ids=["quoted", "indented", "in a sentence", "as code"],
)
def test_a_line_that_is_not_by_itself_says_nothing(before: str) -> None:
    assert parse(before + approval_line("production", "approve", "v", "s")) == ()


@pytest.mark.parametrize(
    "line",
    [
        "devflow: approve production v",
        "devflow: approves production v at s",
        "approve production v at s",
    ],
)
def test_a_line_in_another_form_says_nothing(line: str) -> None:
    assert parse(line) == ()
