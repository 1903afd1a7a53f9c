"""The new version takes over replica by replica, and there are never fewer that answer than before.

It reads the environment at each start and goes on from what it finds, so that one that was killed
half way is ended by the next.
"""

from dataclasses import dataclass
from typing import Callable

from devflow.craft.deploy.strategies.blue_green import take_over
from devflow.craft.deploy.strategies.held import held_of, ready, size
from devflow.model.environments import Environment, Held
from devflow.model.errors import StepFailed
from devflow.model.wording import short_version
from devflow.ports.deploys import Deploys, Release


@dataclass(frozen=True)
class _Way:
    """From how many replicas of which version to how many of which; ``begun`` answer already.

    ``is_crossed``: a version that is neither of them still has requests, from a way that was left
    half way.
    """

    old: str
    old_replicas: int
    new: str
    new_replicas: int
    begun: int
    is_crossed: bool = False


def roll(
    deploys: Deploys, name: str, release: Release, keep: int, say: Callable[..., None]
) -> None:
    """Brings the version, replica by replica, and forgets all but ``keep`` before it.

    Raises ``StepFailed`` where a replica does not come up: what served before serves as it did.
    """
    deploys.prepare(name, release)
    way = _way(deploys.environment(name), release)
    if not way.old:
        deploys.scale(name, way.new, way.new_replicas)
    else:
        if way.is_crossed:
            _stand_whole(deploys, name, way)
        try:
            _replace(deploys, name, way, say)
        except StepFailed:
            _stand_whole(deploys, name, way)
            deploys.scale(name, way.new, 0)
            raise
    take_over(deploys, name, way.new, keep)


def _way(environment: Environment | None, release: Release) -> _Way:
    new = release.version
    wanted = release.settings.replicas
    begun = min(ready(held_of(environment, new)), wanted)
    old = environment.version if environment else ""
    before = held_of(environment, old)
    # nothing that answers has requests to lose: the new version comes up whole
    if environment is None or old == new or not ready(before):
        return _Way("", 0, new, wanted, begun)
    others = [one for one in environment.held if one.share_pct and one.version != old]
    is_crossed = any(one.version != new for one in others)
    return _Way(old, _replicas(before, others, wanted), new, wanted, begun, is_crossed)


def _replicas(before: Held | None, others: list[Held], wanted: int) -> int:
    """How many of the version that serves there were before some were taken down for others."""
    now = size(before)
    return max(now, min(now + sum(map(ready, others)), wanted))


def _replace(deploys: Deploys, name: str, way: _Way, say: Callable[..., None]) -> None:
    for count in range(max(way.begun, 1), way.new_replicas + 1):
        say(f"replica {count} of {short_version(way.new)}", count, way.new_replicas)
        deploys.scale(name, way.new, count)
        if count == way.new_replicas:
            return
        part = max(1, 100 * count // way.new_replicas)
        deploys.share(name, {way.old: 100 - part, way.new: part})
        # as long as it has a share, one of it has to answer
        deploys.scale(name, way.old, max(1, way.old_replicas - count))


def _stand_whole(deploys: Deploys, name: str, way: _Way) -> None:
    """The version that serves, as it was."""
    deploys.scale(name, way.old, way.old_replicas)
    deploys.share(name, {way.old: 100})
