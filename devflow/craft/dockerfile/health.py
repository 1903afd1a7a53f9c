"""HEALTHCHECK: its command, and Go's durations in nanoseconds."""

import re
from typing import Final, Mapping

from devflow.craft.dockerfile.parsing import json_words
from devflow.craft.oci.formats import Healthcheck

_NS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)")


def healthcheck_of(flags: Mapping[str, str], text: str) -> Healthcheck | None:
    """The configuration of a HEALTHCHECK; ``None`` for a line that is none."""
    kind, _, command = text.partition(" ")
    if kind.upper() == "NONE":
        return Healthcheck(test=("NONE",))
    if kind.upper() != "CMD":
        return None
    words = json_words(command.strip())
    test = ("CMD", *words) if words else ("CMD-SHELL", command.strip())
    return Healthcheck(
        test=test,
        interval=nanoseconds(flags.get("interval", "")),
        timeout=nanoseconds(flags.get("timeout", "")),
        start_period=nanoseconds(flags.get("start-period", "")),
        retries=int(flags.get("retries", "0") or 0),
    )


def nanoseconds(duration: str) -> int:
    """Go's durations: ``30s``, ``1m30s``; 0 for nothing."""
    return sum(int(float(amount) * _NS[unit]) for amount, unit in _PART.findall(duration))
