"""How a command's result reaches standard output: lines, one JSON value, or a drawn page."""

import json
import sys
from typing import Iterable, Sequence

from devflow.model.events import Damaged
from devflow.ui.damage import damage_wording
from devflow.ui.words import clean, encodable, harmless_json


def write_lines(lines: Iterable[str]) -> None:
    """Writes each line as far as the stream's encoding can."""
    for line in lines:
        sys.stdout.write(encodable(line, sys.stdout.encoding or "utf-8") + "\n")


def tell_damage(damage: Sequence[Damaged]) -> None:
    """Says on standard error what of the journal is not as it was written."""
    wording = damage_wording(damage)
    if wording:
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(encodable(f"devflow: {clean(wording)}", encoding) + "\n")


def write_json(value: object) -> None:
    """Writes one value on one line, in ASCII, so that a stream of any encoding takes it."""
    sys.stdout.write(harmless_json(json.dumps(value)) + "\n")
