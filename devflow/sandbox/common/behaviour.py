"""How a server is set up to behave: what is asked of it over its own address, kept in the store.

``PUT /_sandbox/behaviour`` takes an object, which replaces what was there; ``{}`` is the usual
behaviour again. Every server knows:

- ``page_size``: the most items that a page of any list holds;
- ``answers``: answers given in place of the usual ones. Each has ``path`` (a pattern, searched in
  the documented path), ``status`` and, where wanted, ``method``, ``headers``, ``body`` and
  ``times`` (how often it is given; without, for ever).

What else there is belongs to the one server that reads it.
"""

import re
from typing import Any, Final

from devflow.sandbox.common.store import Json, Records

PATH: Final = "/_sandbox/behaviour"
KIND: Final = "behaviour"


def behaviour_of(records: Records, service: str) -> Json:
    """How a server behaves; empty where nobody has set it up."""
    return records.get(KIND, service) or {}


def set_up(records: Records, service: str, wanted: Any) -> Json:
    """Keeps what was asked for. Raises ValueError for what is no behaviour."""
    if not isinstance(wanted, dict):
        raise ValueError("a behaviour is an object")
    limit = wanted.get("page_size")
    if limit is not None and not (isinstance(limit, int) and limit > 0):
        raise ValueError("page_size is a whole number above 0")
    for answer in wanted.get("answers", []):
        re.compile(answer["path"])
        dict(answer.get("headers", {}))
        if not isinstance(answer["status"], int) or not isinstance(answer.get("times"), int | None):
            raise ValueError("status and times are whole numbers")
    return records.put(KIND, service, wanted)


def scripted(records: Records, service: str, method: str, path: str) -> Json | None:
    """The answer that is given in place of the usual one, counted down; None where there is
    none."""
    if path == PATH:
        return None
    behaviour = behaviour_of(records, service)
    for answer in behaviour.get("answers", []):
        if answer.get("method", method) != method or not re.search(answer["path"], path):
            continue
        times = answer.get("times")
        if times == 0:
            continue
        if times is not None:
            answer["times"] = times - 1
            records.put(KIND, service, behaviour)
        return dict(answer)
    return None
