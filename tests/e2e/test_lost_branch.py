"""A ticket's branch that is not checked out, or not here any more: `start` brings it back by the
name that the run has recorded, and what `ship` tells to type does so."""

from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, plain_checkout
from tests.e2e.messages import output_of

# by hand, so that no command can guess it from the ticket's title
BRANCH = "feature/SCRUM-95-by-hand"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = plain_checkout(tmp_path_factory.mktemp("lost") / "plain")
    try:
        checkout.git("switch", "--quiet", "--create", BRANCH)
        checkout.ends(0, "start", KEY)
        yield checkout
    finally:
        checkout.close()


def brought_back(checkout: Checkout) -> str:
    """What `start` says that has brought the branch back."""
    ran = checkout.devflow("start", KEY, "--output", "plain")
    assert ran.returncode == 0 and f"{BRANCH} is checked out again" in ran.stderr
    assert checkout.git("branch", "--show-current") == BRANCH
    assert "next         devflow ship" in ran.stdout
    return ran.stdout


def test_a_branch_that_the_remote_alone_has_is_brought_back_by_what_ship_tells(
    begun: Checkout,
) -> None:
    begun.git("switch", "--quiet", "main")
    begun.git("branch", "--quiet", "-D", BRANCH)
    assert f"devflow start {KEY}" in output_of(begun.devflow("ship", KEY, "--output", "plain"), 2)
    said = brought_back(begun)
    assert "your turn" in said and "1 failed" not in said
    coding = next(one for one in begun.status()["entries"] if one["name"] == "coding")
    assert coding["status"] == "waiting"


def test_a_branch_that_is_here_is_switched_to_and_what_is_checked_out_stays(
    begun: Checkout,
) -> None:
    begun.git("switch", "--quiet", "main")
    brought_back(begun)
    again = begun.devflow("start", KEY)
    assert again.returncode == 0 and "checked out again" not in again.stderr


def test_a_branch_that_was_renamed_stays_checked_out(begun: Checkout) -> None:
    renamed = "feature/SCRUM-95-renamed"
    begun.git("branch", "-m", renamed)
    begun.ends(0, "start", KEY)
    assert begun.git("branch", "--show-current") == renamed
    begun.git("switch", "--quiet", "main")
    begun.ends(0, "start", KEY)
    assert begun.git("branch", "--show-current") == renamed
    assert BRANCH not in begun.git("branch", "--list", "--format=%(refname:short)")


def test_a_branch_that_git_does_not_leave_main_for_is_refused_before_anything_runs(
    begun: Checkout, tmp_path: Path
) -> None:
    begun.git("add", "--all")
    begun.write("README.md", "ours\n")
    begun.git("add", "--all")
    begun.git("commit", "--quiet", "--no-verify", "--message", "docs: ours")
    begun.git("switch", "--quiet", "main")
    begun.write("README.md", "mine\n")
    told = output_of(begun.devflow("start", KEY, "--output", "plain"), 1)
    assert "README.md" in told and "your turn" not in told
    assert begun.git("branch", "--show-current") == "main"
    assert (begun.folder / "README.md").read_text() == "mine\n"
