"""F9: pipeline.yaml as people and accidents write it: each is read, or refused with its line, at
once, and in words."""

import random
import time
from functools import cache, partial
from pathlib import Path
from typing import Final, Iterator

from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.errors import PipelineInvalid
from devflow.steps import REGISTRY
from tests.faults.trial import Enumerated, Outcome, Trial

TRIALS: Final = 20_000
# s; the matrix' goal, and twice as long on a machine that others work on
AT_ONCE_S: Final = 0.5
MESSAGE_CHARS: Final = 3000
BUNDLED: Final = (Path(__file__).parents[2] / "pipeline.yaml").read_text(encoding="utf-8")
PIECES: Final = (
    "{}[]:&*!|>-'\"\n\t #,", ".nan", "-.inf", "-1", "1e999", "true", "null", "../..", "/etc",
    "*x", "&x [*x]", "!!python/object:os.system {}", "---\n", "? ", "<<: *a", "'", "\x00", "é",
    "\x1b[2J", "##[error]x", "9" * 5000, "[" * 40, "{a: " * 40, "x" * 9000, "\r", "\u2028", "- ",
    "approvals: -1", "port: 0", "port: 65536", "with: []", "with: 7", "phases: 3", "\ufeff",
)  # fmt: skip
HOSTILE: Final = {
    "nothing": "",
    "a list": "- a\n",
    "a number": "7\n",
    "a tag": "devflow: 1\nx: !!python/name:os.system\n",
    "an alias bomb": "a: &a [1, 1]\n"
    + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij")
    ),
    "itself": "x: &a [*a]\n",
    "an alias chain": "a0: &a0 [1]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 900)),
    "deep": "x: " + "[" * 5000,
    "deep tables": "{a: " * 5000,
    "many documents": "---\na: 1\n" * 5000,
    "a million entries": "devflow: 1\nphases:\n  a:\n" + "    - b\n" * 300_000,
    "a wide list": "devflow: 1\nphases: {a: [" + "b, " * 200_000 + "]}\n",
    "a long line": "devflow: 1\nx: " + "y" * 3_000_000,
    "a long number": "devflow: 1\nx: " + "9" * 100_000,
    "NUL": "devflow: 1\n\x00",
    "escapes": "devflow: 1\nx: '\x1b]0;owned\x07'\n",
    "surrogates": 'devflow: 1\nx: "\\ud800"\nphases: {a: [b]}\n',
    "a merge key": "devflow: 1\nbase: &b {x: 1}\nproject: {<<: *b}\nphases: {a: [b]}\n",
    "binary": 'devflow: 1\nproject: {name: "\\x00\\x01"}\nphases: {a: [ticket]}\n',
    "a date": "devflow: 1\nproject: {name: 2026-01-01}\nphases: {a: [ticket]}\n",
    "an octal port": "devflow: 1\nproject: {services: {a: {path: a, port: 0o777777}}}\n"
    "phases: {a: [ticket]}\n",
    "a sexagesimal port": "devflow: 1\nproject: {services: {a: {path: a, port: 190:20:30}}}\n"
    "phases: {a: [ticket]}\n",
    "not a number": "devflow: 1\nphases: {a: [{sprint_planning: {with: {capacity_h: .nan}}}]}\n",
    "infinity": "devflow: 1\nphases: {a: [{sprint_planning: {with: {capacity_h: .inf}}}]}\n",
    "a huge float": "devflow: 1\n"
    "phases: {a: [{sprint_planning: {with: {capacity_h: 1.0e+999}}}]}\n",
    "a negative count": "devflow: 1\nphases: {a: [{retrospective: {with: {focus: -1}}}]}\n",
    "a path out": "devflow: 1\nproject: {version_path: ../..}\nphases: {a: [ticket]}\n",
    "an option as a path": "devflow: 1\nproject: {suites: {a: {path: --help}}}\n"
    "phases: {a: [ticket]}\n",
    "an option as a remote": "devflow: 1\nproject: {remote: --upload-pack=x}\n"
    "phases: {a: [ticket]}\n",
    "a shell": "devflow: 1\nphases: {a: [{x: {uses: shell, with: {run: 'a; b'}}}]}\n",
    "a secret in an address": "devflow: 1\nproject: {tracker: {url: 'https://a:b@c'}}\n"
    "phases: {a: [ticket]}\n",
}


def read(text: str) -> Outcome:
    """How a text is read: as a plan, or refused as it should be."""
    _load_steps()
    # of the processor: others work on this machine too
    begun_s = time.process_time()
    wrong = ""
    try:
        build(parse("pipeline.yaml", text), REGISTRY)
    except PipelineInvalid as error:
        told = f"{error.message}{error.hint}{error.where}{error.excerpt}"
        if not error.where.startswith("pipeline.yaml"):
            wrong = f"refused without its place: {error.where!r}"
        elif len(told) > MESSAGE_CHARS:
            wrong = f"a message of {len(told)} characters"
    took_s = time.process_time() - begun_s
    if took_s > 2 * AT_ONCE_S:
        wrong = wrong or f"took {took_s:.2f} s"
    return Outcome(wrong)


@cache
def _load_steps() -> None:
    """Steps are loaded when they are first asked for, which is no part of reading a file."""
    build(parse("pipeline.yaml", BUNDLED), REGISTRY)


def mutated(number: int) -> Outcome:
    """The bundled pipeline with up to four places changed, by this seed."""
    chance = random.Random(number)
    text = BUNDLED
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        cut = chance.choice((0, 0, 1, 7, 40, 400))
        piece = chance.choice(PIECES)
        put = piece if len(piece) < 20 or chance.random() < 0.5 else chance.choice(piece)
        text = text[:at] + put + text[at + cut :]
    return read(text)


class Pipelines(Enumerated):
    id = "F9"
    fault = "mutated and hostile pipeline.yaml"

    def trials(self) -> Iterator[Trial]:
        for name, text in HOSTILE.items():
            yield Trial(name, partial(read, text))
        for number in range(TRIALS):
            yield Trial(f"mutated {number}", partial(mutated, number))
