"""How a command's result reaches standard output: lines, one JSON value, or a drawn page."""

import json
import sys
from typing import Iterable, Sequence

from devflow.model.errors import DevflowError
from devflow.model.events import SCHEMA, Damaged
from devflow.model.wording import plural
from devflow.ui.damage import damage_wording
from devflow.ui.errors import error_object
from devflow.ui.words import clean, encodable, harmless_json


def write_lines(lines: Iterable[str]) -> None:
    """Writes each line as far as the stream's encoding can."""
    for line in lines:
        sys.stdout.write(encodable(line, sys.stdout.encoding or "utf-8") + "\n")


def tell_damage(damage: Sequence[Damaged]) -> None:
    """Says on standard error what of the journal is not as it was written."""
    wording = damage_wording(damage)
    if wording:
        tell(wording)


def tell_ended(count: int) -> None:
    """Says on standard error how many processes of an earlier command, or of one of its own that
    had slipped away, were ended."""
    tell(f"ended {plural(count, 'process', 'processes')} that a command of this run left running")


def tell(text: str) -> None:
    """Says one line on standard error."""
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(encodable(f"devflow: {clean(text)}", encoding) + "\n")
    sys.stderr.flush()


def write_json(value: object) -> None:
    """Writes one value on one line, in ASCII, so that a stream of any encoding takes it."""
    sys.stdout.write(harmless_json(json.dumps(value)) + "\n")


def write_error(error: DevflowError) -> None:
    """Writes an error as one value, with what the command's own object has to say beside it."""
    write_json({"schema": SCHEMA, **error.answer, "error": error_object(error)})
