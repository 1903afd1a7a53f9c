"""A ticket's key is told from a text by one rule."""

import pytest

from devflow.model.ids import is_ticket_key, names_ticket, tickets_in, tickets_of_project


@pytest.mark.parametrize(
    ("text", "keys"),
    (
        ("SCRUM-97-tabs", ("SCRUM-97",)),
        ("feature/SCRUM-97-x", ("SCRUM-97",)),
        ("fix-UTF-8-of-SCRUM-97", ("UTF-8", "SCRUM-97")),
        ("scrum-97", ()),
        ("main", ()),
        ("SCRUM-0", ()),
    ),
)
def test_keys_as_jira_writes_them(text: str, keys: tuple[str, ...]) -> None:
    assert tickets_in(text) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    (
        ("feature/scrum-97-x", ("SCRUM-97",)),
        ("fix-UTF-8-of-SCRUM-97", ("SCRUM-97",)),
        ("release-2", ()),
        ("OLDSCRUM-97", ()),
        ("SCRUM-97-and-SCRUM-98", ("SCRUM-97", "SCRUM-98")),
    ),
)
def test_keys_of_one_project_in_any_case(text: str, keys: tuple[str, ...]) -> None:
    assert tickets_of_project(text, "SCRUM") == keys


def test_another_ticket_is_not_this_one() -> None:
    assert names_ticket("feature/SCRUM-97-x", "SCRUM-97")
    assert not names_ticket("SCRUM-970", "SCRUM-97") and not names_ticket("main", "SCRUM-97")
    assert is_ticket_key("SCRUM-97") and not is_ticket_key("SCRUM-97-x")
