"""What became of giving a new version a part of the requests first: a value of its own, since
screens show it while it is watched and when it is decided."""

from typing import Any, Final, Literal, Mapping

from pydantic import ValidationError

from devflow.model.environments import Traffic
from devflow.model.values import Value

CanaryVerdict = Literal["passed", "failed", "undecided", "held", "promoted"]
"""``undecided``: too few requests so far; ``held``: a person wants to decide, whatever is found
but that it is worse; ``promoted``: a person gave it all of them then."""
KEPT: Final = "canary"
"""Under which name a product, and what a waiting entry keeps, holds one."""


class Found(Value):
    """In what the new version of a service is worse: it ``fails`` more, is ``slower`` at the
    ``quantile`` of its answers, leaves requests ``unanswered``, or ``crashes``."""

    service: str
    what: Literal["fails", "slower", "unanswered", "crashes"]
    quantile: float | None = None


class Canary(Value):
    """What a new version did with ``pct`` per cent of the new requests beside the stable one: what
    was counted of both at the same time, what was found, and which services had ``enough`` requests
    to be judged by, and were watched for long enough to be ``timed``. ``synthetic`` of all requests
    were asked by no user: devflow's own, and those that say so (``X-Synthetic: 1``)."""

    verdict: CanaryVerdict
    pct: int
    stable: str
    version: str
    enough: int
    traffic: tuple[Traffic, ...] = ()
    found: tuple[Found, ...] = ()
    judged: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()
    synthetic: int = 0
    duration_s: float = 0.0

    def of(self, service: str, version: str) -> Traffic:
        """What was counted of one version of a service."""
        for one in self.traffic:
            if (one.service, one.version) == (service, version):
                return one
        return Traffic(service=service, version=version, requests=0)

    @property
    def services(self) -> tuple[str, ...]:
        """The services that anybody asked."""
        return tuple(dict.fromkeys(one.service for one in self.traffic if one.requests))


WHAT: Final = {
    "fails": "fails more often",
    "slower": "is slower",
    "unanswered": "leaves requests unanswered",
    "crashes": "crashes again and again",
}


def found_words(found: Found) -> str:
    """``is slower (p99)``."""
    quantile = f" (p{found.quantile * 100:.0f})" if found.quantile else ""
    return f"{WHAT[found.what]}{quantile}"


def canary_in(known: Mapping[str, Any]) -> Canary | None:
    """The one that a product, or what a waiting entry keeps, holds; ``None`` where there is none of
    the shape that is known here."""
    if known.get(KEPT) is None:
        return None
    try:
        return Canary.model_validate(known[KEPT])
    except ValidationError:
        # another package's step may call anything so
        return None
