"""The production gate on the command line: one that nobody can open is refused before anything is
written, and nobody opens it for their own change.

The story is played once, in the file's order.
"""

import re
import time
from contextlib import contextmanager
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.messages import error_of
from tests.e2e.records import documents, events, remote_refs
from tests.e2e.spoil_outside import Outside
from tests.e2e.story import approves, approves_production, first_change

ROLES = r"roles: \{devops: \[devops\]\}"
CONVERSATION = "/issues/1/comments"


def with_roles(checkout: Checkout, roles: str) -> None:
    checkout.edit("pipeline.yaml", ROLES, f"roles: {roles}")
    checkout.git("commit", "--quiet", "--all", "--message", "who approves")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout whose developer is the only one who could approve; nothing was begun."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("alone") / "tiny")
    try:
        with_roles(checkout, "{devops: [jose]}")
        yield checkout
    finally:
        checkout.close()


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The story up to the production gate, where the developer has the role too."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("gated") / "tiny")
    try:
        with_roles(checkout, "{devops: [jose, devops]}")
        checkout.ends(0, "start", KEY)
        first_change(checkout)
        checkout.ends(8, "ship", KEY)
        approves(checkout)
        checkout.ends(8, "ship", KEY)
        yield checkout
    finally:
        checkout.close()


COMMANDS = [("plan", KEY), ("start", KEY), ("ship", KEY), ("ship", KEY, "--dry-run")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_gate_that_only_the_author_could_open_is_refused_before_anything_is_written(
    alone: Checkout, command: tuple[str, ...]
) -> None:
    refs = remote_refs(alone) if (alone.state / "sandbox").is_dir() else None
    message = error_of(alone.devflow(*command), 3)
    assert "1 approval by devops is asked for, and 1 account has that role, with jose" in message
    assert roles_at(alone) in message and "nobody approves their own" in message
    assert "self_approval: true" in message
    assert not ((alone.state / "journal.db").exists() and events(alone))
    if (alone.state / "sandbox").is_dir():
        assert not documents(alone, "pull", "issue_comment")
        assert refs in (None, remote_refs(alone))
    assert alone.git("branch", "--show-current") == "main"


def test_a_role_that_too_few_accounts_have_is_refused_where_the_file_is_read(
    alone: Checkout,
) -> None:
    alone.edit("pipeline.yaml", r"approvals: \{devops: 1\}", "approvals: {devops: 3}")
    try:
        message = error_of(alone.devflow("plan", KEY), 3)
    finally:
        alone.git("checkout", "--quiet", "pipeline.yaml")
    assert "3 approvals by devops are asked for, and 1 account has that role" in message
    assert roles_at(alone) in message


def test_who_wrote_the_change_is_told_so_and_writes_nothing(gated: Checkout) -> None:
    before = documents(gated, "issue_comment")
    message = error_of(gated.devflow("approve", "production", KEY), 4)
    assert "jose may not approve their own change at production" in message
    assert "who may: devops: devops" in message
    assert documents(gated, "issue_comment") == before


def test_a_closed_window_is_foreseen_and_waited_for(gated: Checkout) -> None:
    with windowed(gated) as (window, file):
        said = " ".join(gated.ends(8, "--pipeline", file, "ship", KEY).split())
        planned = " ".join(gated.ends(0, "--pipeline", file, "plan", KEY).split())
    assert f"approval by devops (devops); then the window {window}, which opens" in said
    assert re.search(r"opens [A-Z][a-z]{2} [0-9-]{10} [0-9:]{5} .+by this machine's clock", said)
    assert f"then the window {window}, which opens" in planned


def test_going_now_is_refused_where_nobody_may_allow_it(gated: Checkout) -> None:
    message = error_of(gated.devflow("ship", KEY, "--now"), 2)
    assert "production has no window" in message
    with windowed(gated) as (window, file):
        message = error_of(gated.devflow("--pipeline", file, "ship", KEY, "--now"), 2)
        assert f"nobody may bring production outside its window {window}" in message
        assert "window: {override: devops}" in message
    message = error_of(gated.devflow("approve", "code_review", KEY, "--now"), 2)
    assert "code_review waits for no window" in message


@contextmanager
def windowed(checkout: Checkout, override: str = "") -> Iterator[tuple[str, str]]:
    """A pipeline beside the repository whose window opens in three days: what it says, its path."""
    day = time.strftime("%a", time.gmtime(time.time() + 3 * 86400)).lower()
    told = f'{{days: [{day}], from: "09:00", to: "16:00", zone: Europe/Berlin{override}}}'
    pipeline = (checkout.folder / "pipeline.yaml").read_text()
    asked = "approvals: {devops: 1}"
    assert asked in pipeline
    file = checkout.folder.parent / "windowed.yaml"
    file.write_text(pipeline.replace(asked, f"{asked}\n          window: {told}"))
    yield f"{day} 09:00-16:00 Europe/Berlin", str(file)
    file.unlink()


def test_a_yes_of_the_author_on_the_code_host_opens_nothing(gated: Checkout) -> None:
    says(gated, "jose", line_of(gated))
    assert "approval by devops (devops)" in gated.ends(8, "ship", KEY)
    assert gated.statuses()["production"] == "deferred"


def test_a_no_of_the_author_counts_and_can_be_taken_back_by_nobody_else(gated: Checkout) -> None:
    gated.ends(0, "reject", "production", KEY)
    gated.ends(6, "ship", KEY)
    says(gated, "jose", line_of(gated))
    gated.ends(8, "ship", KEY)


@pytest.mark.parametrize("person", ["jose", "devops"])
def test_a_no_is_taken_back_by_the_command_that_is_named(gated: Checkout, person: str) -> None:
    said = gated.ends(0, "--as", person, "reject", "production", KEY)
    back = ("--as", person, "approve", "production")
    for told in (said, gated.ends(6, "ship", KEY), gated.ends(0, "status", KEY)):
        assert re.search(f"take back +devflow {' '.join(back)}", told), told
        assert re.search("go on +devflow ship   once it is taken back", told), told
    gated.ends(0, *back)
    # the author's yes opened nothing
    if person == "jose":
        gated.ends(8, "ship", KEY)


def test_another_account_with_the_role_opens_it_and_one_more_word_does_without_the_window(
    gated: Checkout,
) -> None:
    approves_production(gated)
    with windowed(gated, ", override: devops") as (_, file):
        asks = ("--pipeline", file, "ship", KEY, "--now")
        for _ in range(2):
            said = " ".join(gated.ends(8, *asks).split())
            assert "or approval by devops (devops) to go now" in said
            assert "devflow --as devops approve production --now" in said
        bodies = [one.body["body"] for one in documents(gated, "issue_comment")]
        assert len([body for body in bodies if "be brought now, outside the window" in body]) == 1
        says = ("approve", "production", KEY, "--now")
        message = error_of(gated.devflow("--pipeline", file, *says), 4)
        assert "jose may not approve their own change at production:now" in message
        gated.ends(0, "--as", "devops", "--pipeline", file, *says)
        # what was said is not asked for again: any later command goes on
        gated.ends(0, "--pipeline", file, "ship", KEY)


def test_who_allowed_it_and_what_is_known_of_security_is_in_the_evidence(gated: Checkout) -> None:
    entry = next(one for one in gated.status()["entries"] if one["name"] == "production")
    assert entry["status"] == "passed"
    lines = {one["id"]: one["measured"] for one in entry["checks"]}
    assert re.fullmatch(r"allowed by devops \(devops\) [0-9-]{10} [0-9:]{5}", lines["early"])
    told = {one["id"]: one["ok"] for one in entry["checks"] if "security" in one["id"]}
    assert told["security_commit"] is True and told["security_review"] is True
    # no hadolint and no image here: not measured is no tick
    assert told["security_dockerfiles"] is None and told["security_packages"] is None
    assert told["security_image"] is None


def roles_at(checkout: Checkout) -> str:
    """File, line and column of the role that too few have."""
    for number, line in enumerate((checkout.folder / "pipeline.yaml").read_text().splitlines(), 1):
        if "roles: {devops" in line:
            return f"pipeline.yaml:{number}:{line.index('devops') + 1}  "
    raise AssertionError("no roles in pipeline.yaml")


def line_of(checkout: Checkout) -> str:
    """The line that approves production, as the gate asks for it."""
    asked = [one["waiting"]["keep"] for one in events(checkout, "waited")][-1]
    return f"devflow: approve {asked['gate']} {asked['version']} at {asked['sha']}"


def says(checkout: Checkout, person: str, text: str) -> Any:
    return Outside(checkout).github(person, "POST", CONVERSATION, {"body": text})
