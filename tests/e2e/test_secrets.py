"""Secrets that tests and commands print in every form, however they are split, are found nowhere
that devflow writes: not in its state, not in what it prints, not on the ticket, not on the pull
request."""

import json
import re
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.records import documents, events
from tests.e2e.story import first_change
from tests.unit.adapters.machine.planted import FORMS, SPLITS, bare, in_longer_base64, split

TOKENS = {
    "GITHUB_TOKEN": "ghp_9sVx27Kq0LmZt4RbWc8YdUfHj3Ns5PoGa1Ei",
    "JIRA_API_TOKEN": "ATATT3x+Ff/Gh0=Tw7Qp\"2&Zk'Lm 9",
    # known by pass_env: alone
    "DEPLOY_TOKEN": "dpl-Xy7/qR2$tU8vW4%zA6bC",
}
PRINTED = "printed.txt"
# what a test is called, whom it fails with, and what it prints
TESTS = """\
import json
from pathlib import Path

import pytest

TOLD = json.loads(Path({told!r}).read_text())


@pytest.mark.parametrize("token", TOLD["tokens"])
def test_called_by(token):
    print(TOLD["printed"])


def test_that_fails_once():
    raise AssertionError(TOLD["tokens"][0] + " is wrong: " + TOLD["printed"][:2000])
"""
LEAK = """\
import os, pathlib, sys
token = os.environ["DEPLOY_TOKEN"]
sys.stdout.write(pathlib.Path({printed!r}).read_text())
sys.stdout.write("x" * 65530 + token + "\\n" + "x" * (1 << 21) + token + "\\n")
for char in token:
    sys.stdout.write(char)
    sys.stdout.flush()
print("\\nused", token)
"""


def printed() -> Iterator[str]:
    for secret in TOKENS.values():
        for form in FORMS.values():
            text = form(secret)
            yield f"<{text}>"
            for separator in SPLITS.values():
                yield f"<{split(text, separator, 5)}>"
        yield from in_longer_base64(secret)


def traces() -> set[str]:
    """A part of each form that ordinary text does not hold."""
    parts = set()
    for secret in TOKENS.values():
        for form in FORMS.values():
            text = plain(form(secret))
            middle = len(text) // 2
            parts.add(text[middle - 6 : middle + 6])
    return parts


def plain(text: str) -> str:
    """A text without whatever may split a secret, and without its backslashes."""
    return re.sub(r"\\+[nr]|[\s\\]", "", bare(text))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Checkout, list[str]]]:
    """The tiny story up to a failed command, and everything that was printed on the way."""
    folder = tmp_path_factory.mktemp("secrets")
    text = "\n".join(printed())
    (folder / PRINTED).write_text(text)
    told = folder / "told.json"
    told.write_text(json.dumps({"tokens": list(TOKENS.values())[:2], "printed": text}))
    checkout = tiny_checkout(folder / "tiny")
    try:
        checkout.edit("pipeline.yaml", r"(?s)phases:.*", PHASES)
        outputs = [checkout.ends(0, "start", KEY, **TOKENS)]
        first_change(checkout)
        checkout.write("leak.py", LEAK.format(printed=str(folder / PRINTED)))
        checkout.write("tests/unit/test_leak.py", TESTS.format(told=str(told)))
        for arguments in (
            ("ship", KEY, "--output", "json"),
            ("logs", "leak", KEY),
            ("logs", "local_tests", KEY),
            ("status", KEY, "--output", "json"),
            ("explain", "local_tests"),
        ):
            ran = checkout.devflow(*arguments, **TOKENS)
            outputs += [ran.stdout, ran.stderr]
        yield checkout, outputs
    finally:
        checkout.close()


PHASES = """phases:
  planning: [ticket, sprint_planning, assignment, requirements, architecture]
  development:
    - branch
    - coding
    - leak: {uses: shell, required: false, with: {run: python leak.py, pass_env: [DEPLOY_TOKEN]}}
    - local_tests
"""


def test_no_form_of_a_secret_is_kept_or_shown(shipped: tuple[Checkout, list[str]]) -> None:
    checkout, outputs = shipped
    texts = {f"output {number}": output for number, output in enumerate(outputs)}
    for path in checkout.state.rglob("*"):
        if path.is_file() and "remote.git" not in path.parts:
            texts[str(path)] = path.read_bytes().decode("utf-8", "replace")
    for event in events(checkout):
        texts[f"event {event['type']} {event['at']}"] = "\n".join(strings(event))
    for document in documents(checkout):
        texts[f"{document.kind} {document.key}"] = "\n".join(strings(document.body))
    found = []
    for name, text in texts.items():
        shown = plain(text)
        found += [f"{part} in {name}" for part in traces() if part in shown]
    assert not found, found
    log = texts[str(checkout.state / "logs" / KEY / "leak.log")]
    assert log.count("***") > 900 and log.endswith("used ***\n")


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from strings(one)
        case dict():
            for name, one in value.items():
                yield name
                yield from strings(one)


def test_tests_whose_names_hold_secrets_are_still_two(shipped: tuple[Checkout, list[str]]) -> None:
    """They were read before they were masked."""
    checkout, _ = shipped
    entries = {entry["name"]: entry for entry in checkout.status()["entries"]}
    assert entries["leak"]["status"] == "passed"
    measured = [check["measured"] for check in entries["local_tests"]["checks"]]
    assert any("3 passed, 1 failed" in text for text in measured), measured
