"""Which ticket a command is about: the one that is typed, the branch's, else the only run there is;
a branch that names another ticket is never overruled."""

from types import SimpleNamespace
from typing import Any

import pytest

from devflow.model.errors import UsageError
from devflow.wiring.workspace import ticket_key, to_be_named


def workspace(branch: str, runs: tuple[str, ...], project: str = "SCRUM") -> Any:
    tracker = SimpleNamespace(project=project)
    return SimpleNamespace(
        repository=SimpleNamespace(current_branch=lambda: branch),
        plan=SimpleNamespace(project=SimpleNamespace(tracker=tracker)),
        journal=SimpleNamespace(runs=lambda: runs),
    )


@pytest.mark.parametrize(
    ("branch", "key"),
    (
        ("feature/SCRUM-97-x", "SCRUM-97"),
        ("scrum-97", "SCRUM-97"),
        ("main", "SCRUM-95"),
        ("release-2", "SCRUM-95"),
    ),
)
def test_the_branch_comes_before_the_only_run(branch: str, key: str) -> None:
    assert ticket_key(workspace(branch, ("SCRUM-95",)), "") == key


def test_what_is_typed_comes_first_and_has_to_be_a_key() -> None:
    assert ticket_key(workspace("feature/SCRUM-97-x", ("SCRUM-95",)), "SCRUM-1") == "SCRUM-1"
    with pytest.raises(UsageError, match="is not a ticket key"):
        ticket_key(workspace("main", ()), "tabs")


@pytest.mark.parametrize(
    ("branch", "runs", "named"),
    (
        ("OTHER-5-x", ("SCRUM-95",), "OTHER-5"),
        ("SCRUM-97-with-SCRUM-98", ("SCRUM-95",), "SCRUM-97, SCRUM-98"),
        ("main", ("SCRUM-95", "SCRUM-96"), "SCRUM-95, SCRUM-96"),
        ("main", (), "SCRUM-95"),
    ),
)
def test_where_none_can_be_told_the_candidates_are_named(
    branch: str, runs: tuple[str, ...], named: str
) -> None:
    with pytest.raises(UsageError, match="which ticket") as raised:
        ticket_key(workspace(branch, runs), "")
    assert raised.value.hint == f"name one: {named}"


@pytest.mark.parametrize(
    ("branch", "runs", "named"),
    (
        ("SCRUM-95-tabs", ("SCRUM-95",), ""),
        ("SCRUM-97-x", ("SCRUM-95",), "SCRUM-95"),
        ("main", ("SCRUM-95",), ""),
        # its first event is not written yet
        ("main", (), ""),
        ("main", ("SCRUM-95", "SCRUM-96"), "SCRUM-95"),
        ("main", ("SCRUM-96",), "SCRUM-95"),
    ),
)
def test_a_ticket_is_named_where_the_next_command_would_not_come_to_it(
    branch: str, runs: tuple[str, ...], named: str
) -> None:
    assert to_be_named(workspace(branch, runs), "SCRUM-95") == named


def test_a_ticket_is_named_where_no_branch_is_checked_out() -> None:
    def detached() -> str:
        raise UsageError("no branch is checked out (HEAD is detached)")

    place = workspace("", ("SCRUM-95",))
    place.repository.current_branch = detached
    assert to_be_named(place, "SCRUM-95") == "SCRUM-95"
