"""JIRA's pretty durations: `2d 4h` to seconds and back.

A day is eight working hours and a week five days, so sixteen hours read `2d`.
"""

import re
from typing import Final

UNITS_S: Final = {
    "w": 5 * 8 * 3600,
    "d": 8 * 3600,
    "h": 3600,
    "m": 60,
}  # s; JIRA's default working time


def seconds(pretty: str) -> int | None:
    """The seconds of `1w 2d 3h 4m`, any part of it, fractions allowed; None for anything else."""
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([wdhm])", pretty)
    if not parts or re.sub(r"\d+(?:\.\d+)?\s*[wdhm]|\s", "", pretty):
        return None
    return round(sum(float(amount) * UNITS_S[unit] for amount, unit in parts))


def pretty(total_s: int) -> str:
    """Seconds as JIRA shows them; what is less than a minute is dropped."""
    words = []
    for unit, size_s in UNITS_S.items():
        amount, total_s = divmod(total_s, size_s)
        if amount:
            words.append(f"{amount}{unit}")
    return " ".join(words) or "0m"
