"""What devflow tells a person to type can be typed: each distinct command of a run in review, in
its events, on its screens and in its status, is typed once, and the command line takes it."""

import json
import re
import shlex
from typing import Iterator

import pytest

from devflow.model.command_line import USAGES
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.records import events
from tests.e2e.story import first_change

TYPED = re.compile(
    rf"devflow (?:--as [\w-]+ )?(?:{'|'.join(USAGES)})(?: (?:--?[a-z-]+|[\w.-]+|'[^']+'))*"
)
# what a shell is told about words that the command line does not have
MISTYPED = ("No such command", "No such option", "Missing argument", "unexpected extra argument")
# shown with a word that a person has to put in
PLACEHOLDERS = {"KEY", "ENTRY", "NAME"}


@pytest.fixture(scope="module")
def in_review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Checkout, str]]:
    checkout = tiny_checkout(tmp_path_factory.mktemp("hints") / "tiny")
    try:
        shown = checkout.ends(0, "start", KEY, "--output", "plain")
        first_change(checkout)
        shown += checkout.ends(8, "ship", KEY, "--output", "plain")
        shown += checkout.ends(0, "status", KEY) + checkout.ends(0, "plan", KEY)
        yield checkout, shown
    finally:
        checkout.close()


def commands(checkout: Checkout, shown: str) -> list[list[str]]:
    """Every distinct command that was told, as words."""
    texts = [shown, *(json.dumps(event) for event in events(checkout, "waited", "broke"))]
    lines = {match for text in texts for match in TYPED.findall(text)}
    words = [shlex.split(line)[1:] for line in sorted(lines)]
    return [one for one in words if not PLACEHOLDERS & set(one)]


def test_each_command_that_a_person_is_told_to_type_is_taken(
    in_review: tuple[Checkout, str],
) -> None:
    checkout, shown = in_review
    told = commands(checkout, shown)
    # the sandbox's developer may not approve their own work, and is told who may
    assert ["ship"] in told and ["--as", "tech-lead", "approve", "code_review"] in told
    for words in told:
        if words == ["ship", "--wait"]:
            # stays until the gate opens; its words are those of `ship`
            continue
        ran = checkout.devflow(*words)
        said = ran.stdout + ran.stderr
        assert not any(text in said for text in MISTYPED), f"{words}: {said}"
        assert "Traceback" not in said
