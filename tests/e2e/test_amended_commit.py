"""A new commit with the same tree, on the real command line: what a command's entry said of the one
before is no word about it."""

from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, first_commit
from tests.e2e.spoil_outside import Outside

PIPELINE = """
devflow: 1
connect: sandbox
project: {tracker: {project: SCRUM}}
phases:
  planning: [ticket]
  development:
    - branch
    - coding
    - before: {uses: shell, with: {run: "sh count.sh before"}}
    - commit
    - push
  ci:
    - audit: {uses: shell, with: {run: "sh count.sh audit"}}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path / "web-shop")
    made.folder.mkdir()
    made.write("pipeline.yaml", PIPELINE)
    made.write("count.sh", f"echo $1 >> {tmp_path}/runs; git log -1 --format=%s\n")
    first_commit(made)
    yield made
    made.close()


def statuses(checkout: Checkout) -> dict[str, str]:
    """What the code host has of the checked out commit."""
    sha = checkout.git("rev-parse", "HEAD")
    told = Outside(checkout).github("jose", "GET", f"/commits/{sha}/status")["statuses"]
    return {one["context"]: one["description"] for one in told}


def test_an_amended_message_is_another_commit_and_gets_its_own_status(checkout: Checkout) -> None:
    checkout.ends(0, "start", KEY)
    checkout.write("page.txt", "a page\n")
    checkout.ends(0, "ship", KEY)
    first = checkout.git("log", "-1", "--format=%s")
    assert statuses(checkout) == {"devflow/audit": f"ended with 0: {first}"}
    tree = checkout.git("rev-parse", "HEAD^{tree}")
    better = f"{first.rstrip('.')} in better words"
    checkout.git("commit", "--quiet", "--amend", "--message", f"{better}\n\nRefs: {KEY}")
    assert checkout.git("rev-parse", "HEAD^{tree}") == tree
    checkout.ends(0, "ship", KEY)
    assert checkout.git("log", "-1", "--format=%s") == better
    assert statuses(checkout) == {"devflow/audit": f"ended with 0: {better}"}
    # what ran before the push is about the tree alone
    runs = (checkout.folder.parent / "runs").read_text().split()
    assert runs == ["before", "audit", "audit"]
