"""What an entry was made from, as one hash: step, parameters, identity of its needs, round.

Limits and facts are not in it: a new limit is judged on the old product, never made again.
"""

import hashlib
import json
from typing import Mapping

from devflow.engine.plan import Entry
from devflow.model.outcomes import Absent
from devflow.model.values import Value, identity


def fingerprint(entry: Entry, needs: Mapping[str, object], round_: int) -> str:
    """The hash of what the entry would be made from now."""
    made_from = [
        entry.step.name,
        identity(entry.params),
        {name: _named(need) for name, need in sorted(needs.items())},
        round_,
    ]
    return hashlib.sha256(
        json.dumps(made_from, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def same(one: Value, other: Value) -> bool:
    """Whether two products are the same thing, whatever their facts say."""
    return _named(one) == _named(other)


def _named(value: object) -> object:
    if isinstance(value, Absent):
        return {"absent": value.kind}
    return [type(value).__name__, identity(value)]
