"""F10: titles, branches and bodies that somebody wrote to be obeyed: nothing is executed, no screen
gets a raw escape, and every branch that is made of them is one that git takes."""

import io
import json
import random
import subprocess
from datetime import timezone
from functools import partial
from typing import Any, Final, Iterator

from devflow.craft.ticket.naming import branch_name
from devflow.ui.actions import ActionsScreen
from devflow.ui.board import board_of
from devflow.ui.ndjson import NdjsonScreen
from devflow.ui.plain import PlainScreen
from devflow.ui.words import clean
from tests.faults.trial import Enumerated, Outcome, Trial
from tests.ui.story import outline
from tests.ui.test_words import ATTACKS, hostile_events, is_harmless

TRIALS: Final = 1_000
MORE: Final = (
    "$(touch /tmp/owned)", "`id`", "; rm -rf ~", "--upload-pack=x", "-o", "../../etc/passwd",
    "@{-1}",
    "refs/heads/x", "a..b", "a.lock", "~^:?*[", "\\", "HEAD", "%s%n", "{}", "{0.__class__}",
    "' or 1=1",
    "<script>alert(1)</script>", "[x](javascript:1)", "@everyone", "\u0000", "💥" * 40, "ß" * 300,
    "::stop-commands::t0ken", "\x1b[6n", "\x9d0;x\x9c", "​", "a\tb", "\u2028", "🏳️‍🌈", "İ",
)  # fmt: skip
OURS: Final = ("::group::", "::endgroup::", "::error ", "::stop-commands::t0ken", "::t0ken::")


def text_of(number: int) -> str:
    """The text of this seed."""
    chance = random.Random(number)
    pieces: list[str] = []
    for _ in range(chance.randint(1, 5)):
        pool = chance.choice((ATTACKS, MORE))
        pieces.append(chance.choice(pool))
        pieces.append("".join(chr(chance.randrange(0x3000)) for _ in range(chance.randint(0, 4))))
    return "".join(pieces)


def shown(number: int) -> Outcome:
    """Everywhere that the text is shown or becomes a name."""
    text = text_of(number)
    return Outcome(_branch(text) or _screens(text) or _json(text))


def _branch(text: str) -> str:
    name = branch_name("SCRUM-95", text)
    ran = subprocess.run(
        ["git", "check-ref-format", "--branch", name], check=False, capture_output=True
    )
    return "" if ran.returncode == 0 and name.isascii() else f"git takes no branch {name!r}"


def _screens(text: str) -> str:
    if not is_harmless(clean(text)):
        return f"cleaned, it is not harmless: {clean(text)!r}"
    for kind, more in ((PlainScreen, ()), (ActionsScreen, ("t0ken",))):
        stream = io.StringIO()
        screen: Any = kind(stream, outline(), *more, timezone.utc)
        for event in hostile_events(text):
            screen(event)
        for line in stream.getvalue().split("\n"):
            is_ours = more and line.startswith(OURS) and line.isprintable()
            if not is_harmless(line) and not is_ours:
                return f"{kind.__name__} shows {line!r}"
    return ""


def _json(text: str) -> str:
    stream = io.StringIO()
    events = hostile_events(text)
    with NdjsonScreen(stream) as screen:
        for event in events:
            screen(event)
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    if "#" in stream.getvalue() or said[0]["text"] != text or not board_of(events).entries:
        return f"its JSON says {said[0]['text']!r}"
    return ""


class Texts(Enumerated):
    id = "F10"
    fault = "hostile titles, branches, bodies"

    def trials(self) -> Iterator[Trial]:
        for number in range(TRIALS):
            yield Trial(f"text {number}", partial(shown, number))
