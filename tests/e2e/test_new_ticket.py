"""`start --new` creates the ticket once, however often it is said, and goes on with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout, tiny_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = tiny_checkout(tmp_path / "tiny")
    yield checkout
    checkout.close()


def test_a_new_ticket_is_created_once(checkout: Checkout) -> None:
    first = checkout.devflow("start", "--new", "Greet people by their name", "--output", "plain")
    again = checkout.devflow("start", "--new", "Greet people by their name", "--output", "plain")
    # a ticket of one line has no acceptance criteria yet, which step 1 says
    assert first.returncode == again.returncode == 1
    keys = {
        line.split()[1]
        for run in (first, again)
        for line in run.stdout.splitlines()
        if " start · " in line
    }
    assert len(keys) == 1 and keys != {"SCRUM-95"}
    assert "acceptance criteria" in first.stdout.lower()


def test_a_ticket_and_a_new_one_at_once_is_a_usage_error(checkout: Checkout) -> None:
    ran = checkout.devflow("start", "SCRUM-95", "--new", "x")
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (
        2,
        "error: name a ticket, or create one",
    )
