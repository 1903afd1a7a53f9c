"""What a strategy reads of an environment: how many of a version there are, and who gets what."""

from collections import Counter
from typing import Iterable

from devflow.model.environments import Environment, Held, Replica


def held_of(environment: Environment | None, version: str) -> Held | None:
    """A version that is kept there; ``None`` where it is not."""
    for one in environment.held if environment else ():
        if one.version == version:
            return one
    return None


def size(held: Held | None) -> int:
    """How many there are of each service, whether they answer or not."""
    return _fewest(held.replicas, held.replicas) if held else 0


def ready(held: Held | None) -> int:
    """How many there are of each service that answer as they should."""
    if held is None:
        return 0
    return _fewest(held.replicas, (one for one in held.replicas if one.is_well))


def _fewest(every: Iterable[Replica], counted: Iterable[Replica]) -> int:
    of_service = Counter(one.service for one in counted)
    return min((of_service[name] for name in {one.service for one in every}), default=0)


def shares(environment: Environment | None) -> dict[str, int]:
    """The versions that get new requests, and how many per cent of them."""
    every = environment.held if environment else ()
    return {one.version: one.share_pct for one in every if one.share_pct}
