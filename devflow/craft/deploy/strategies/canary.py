"""A part of the new requests goes to the new version, which is judged by them against the stable
one at the same time: then it gets all of them, or none, or a person decides.

The environment's own shares say what was decided: a person who promotes gives it all of them, one
who aborts takes it back, and the next ``ship`` finds that.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Callable, Final, Mapping

from pydantic import Field, ValidationError

from devflow.craft.deploy.strategies.held import held_of, ready, shares
from devflow.craft.deploy.strategies.watch import Watch
from devflow.model.bounds.numbers import PositiveNumber, SecondsOrNone, WholePercent
from devflow.model.bounds.places import UrlPath
from devflow.model.bounds.references import ServiceName
from devflow.model.canary import KEPT, Canary, CanaryVerdict, canary_in
from devflow.model.command_line import command_line
from devflow.model.environments import Environment
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Waiting
from devflow.model.values import Value
from devflow.model.wording import short_version
from devflow.ports.clock import Clock
from devflow.ports.deploys import Deploys
from devflow.ports.web import Load, Web

READ_S: Final = 0.1  # between two readings: at 100 requests/s, 10 % of them failing, one more fails
LOOK_S: Final = 2.0  # between two looks at the replicas, each of which is asked for it
# what users ask by themselves in this time tells whether it will be enough
QUIET_S: Final = 2.0
AT_ONCE: Final = 4  # of devflow's own requests, to one service
# devflow's own requests are to be enough in a third of the time
HASTE: Final = 3.0
LEAST_PER_S: Final = 50.0  # what one core answers beside its other work
# the name under which an undecided canary's watch is kept for the next command, beside itself
KEPT_WATCH: Final = "watch"


class CanarySettings(Value):
    """How much of the new requests a new version gets first, and what is enough to judge by."""

    pct: WholePercent = Field(
        default=10,
        description="% of the new requests that the new version gets first; 0 gives it all of them "
        "at once",
    )
    requests: dict[ServiceName, tuple[UrlPath, ...]] = Field(
        default={},
        description="pages of each service that devflow asks for where users ask too little; "
        "counted as synthetic",
    )
    enough: PositiveNumber = Field(
        default=200,
        description="requests to the new version of a service: what they find, docs/canary.md",
    )
    within_s: SecondsOrNone = Field(
        default=60.0, description="seconds until a person is asked, or the next `ship`"
    )


@dataclass(frozen=True)
class Scene:
    """Where a canary plays; ``hold``: a person wants to decide. ``mend`` is what to do where it
    goes back after all."""

    deploys: Deploys
    web: Web
    clock: Clock
    say: Callable[..., None]
    environment: str
    hold: bool = False
    mend: str = ""


def stable_version(environment: Environment | None, version: str) -> str:
    """The version that a new one is compared with; empty where there is none that answers, or where
    the new one serves already, or was given everything by a command that was killed then."""
    if environment is None or environment.version in ("", version):
        return ""
    if shares(environment).get(version) == 100:
        return ""
    return environment.version if ready(held_of(environment, environment.version)) else ""


def refuse_undecided(environment: Environment | None, version: str) -> None:
    """Raises ``StepFailed`` where another version is a canary that nobody has decided on."""
    for other in shares(environment):
        if environment and other not in (environment.version, version):
            name = environment.name
            message = f"{short_version(other)} is a canary in {name} that nobody has decided on"
            hint = f"{promote_line(name)}, or {abort_line(name)}, then: {command_line('ship')}"
            raise StepFailed(message, where=name, hint=hint)


def begin(scene: Scene, settings: CanarySettings, stable: str, version: str) -> Watch:
    """Gives the version its part of the new requests, unless it has it."""
    name = scene.environment
    wanted = {stable: 100 - settings.pct, version: settings.pct}
    before = scene.deploys.traffic(name)
    given = shares(scene.deploys.environment(name))
    if version not in given:
        # it is counted from nothing then
        before = tuple(one for one in before if one.version != version)
    if given != wanted:
        scene.deploys.share(name, wanted)
    return Watch(
        stable=stable, version=version, pct=settings.pct, enough=settings.enough, before=before
    )


def kept_watch(
    environment: Environment | None, kept: Mapping[str, Any], version: str, pct: int
) -> Watch | None:
    """The watch that an earlier command left, where it is of what runs now."""
    try:
        watch = Watch.model_validate(kept.get(KEPT_WATCH))
    except ValidationError:
        # none, or an earlier release's: the watch begins anew
        return None
    stable = environment.version if environment else ""
    is_same = (watch.version, watch.stable, watch.pct) == (version, stable, pct)
    is_given = shares(environment).get(version) == pct
    return watch if is_same and is_given else None


def kept_canary(kept: Mapping[str, Any], version: str) -> Canary | None:
    """What an earlier command left of this version's canary."""
    canary = canary_in(kept)
    return canary if canary and canary.version == version else None


def promoted(kept: Mapping[str, Any], version: str) -> Canary | None:
    """What an undecided canary had come to, where a person gave the version all requests then."""
    canary = kept_canary(kept, version)
    return canary.model_copy(update={"verdict": "promoted"}) if canary else None


def is_held(kept: Mapping[str, Any], version: str) -> bool:
    """Whether a person wanted to decide on this version; they still do."""
    canary = kept_canary(kept, version)
    return canary is not None and canary.verdict == "held"


def undecided(name: str, canary: Canary, watch: Watch) -> Waiting:
    """A person decides, or the next ``ship`` has more requests to judge by."""
    came = ", ".join(f"{watch.requests(one)} to {one}" for one in watch.asked) or "none"
    version = short_version(canary.version)
    told = f"the canary {version} has {canary.pct} % of the new requests in {name}"
    cause = f"too few came to judge it: {came}, wanted {canary.enough}"
    if canary.verdict == "held":
        cause = f"is held there; new requests so far: {came}"
    return Waiting(
        for_=f"a decision: {told}, and {cause}",
        type_next=(promote_line(name), abort_line(name), command_line("ship")),
        keep={
            KEPT_WATCH: watch.model_dump(mode="json"),
            KEPT: canary.model_dump(mode="json"),
        },
    )


def watched(scene: Scene, settings: CanarySettings, watch: Watch) -> tuple[Canary, Watch]:
    """Watches until it is decided, and gives the version all requests, or takes it back; without
    enough requests in time it keeps its part."""
    name = scene.environment
    deploys = scene.deploys
    with ExitStack() as stack:
        vigil = _Vigil(scene, settings, watch, stack)
        verdict = vigil.verdict()
        # what is bad is taken away before the last requests of ours have ended
        if verdict == "failed":
            deploys.rollback(name)
        elif scene.hold:
            verdict = "held"
        elif verdict == "passed":
            deploys.share(name, {watch.version: 100})
    watch = vigil.watch.model_copy(update={"synthetic": vigil.synthetic})
    return watch.canary(verdict), watch


class _Vigil:
    """One command's watching of a canary."""

    def __init__(
        self, scene: Scene, settings: CanarySettings, watch: Watch, stack: ExitStack
    ) -> None:
        self._scene = scene
        self._settings = settings
        self._stack = stack
        self._began = scene.clock.now()
        self._before = watch
        self._loads: list[Load] = []
        self._probes = 0
        self._looked_s = 0.0
        self._said_s = 0.0
        self.watch = watch

    @property
    def synthetic(self) -> int:
        """The requests that devflow made, also in commands before this one."""
        own = sum(len(load.asked()) for load in self._loads)
        return self._before.synthetic + own + self._probes

    def verdict(self) -> CanaryVerdict:
        """Reads until it is known, or until the time is over."""
        while True:
            now_s = (self._scene.clock.now() - self._began).total_seconds()
            self._read(now_s)
            if self.watch.found:
                return "failed"
            is_over = now_s >= self._settings.within_s
            if self._is_enough(is_over) and (is_over or self._is_timed and not self.watch.ended):
                return "passed"
            if is_over:
                return "undecided"
            self._ask(now_s)
            self._scene.clock.sleep(READ_S)

    def _read(self, now_s: float) -> None:
        counted = self._scene.deploys.traffic(self._scene.environment)
        self.watch = self.watch.after(counted, self._before.seconds + now_s)
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self.watch = self.watch.seen(self._look())
        if now_s - self._said_s >= 1:
            self._said_s = now_s
            self._tell()

    def _look(self) -> Environment | None:
        """What runs; to look is to ask each service once at its public port."""
        found = self._scene.deploys.environment(self._scene.environment)
        self._probes += len(found.services) if found else 0
        return found

    def _is_enough(self, is_over: bool) -> bool:
        """Of every service that was named, or that anybody asks; when the time is over, of one."""
        judged = set(self.watch.judged)
        if self._settings.requests:
            return judged >= set(self._settings.requests)
        return bool(judged) and (is_over or judged >= set(self.watch.asked))

    @property
    def _is_timed(self) -> bool:
        """Whether the services that are judged were watched for long enough to be slower."""
        return set(self.watch.judged) <= set(self.watch.timed)

    def _ask(self, now_s: float) -> None:
        """Asks for the pages that were named where users ask too little."""
        settings = self._settings
        if self._loads or not settings.requests or now_s < QUIET_S:
            return
        ahead = settings.within_s / now_s
        if all(self._came(service) * ahead >= settings.enough for service in settings.requests):
            return
        # those that go to the stable version too
        every = settings.enough * 100 / settings.pct
        rate_per_s = max(LEAST_PER_S, every * HASTE / max(settings.within_s, 1.0))
        for service, site in self._sites().items():
            paths = settings.requests[service]
            load = self._scene.web.load(site, paths, at_once=AT_ONCE, rate_per_s=rate_per_s)
            self._loads.append(self._stack.enter_context(load))

    def _came(self, service: str) -> int:
        return self.watch.requests(service) - self._before.requests(service)

    def _sites(self) -> Mapping[str, str]:
        environment = self._look()
        running = environment.services if environment else ()
        return {one.service: one.url for one in running if one.service in self._settings.requests}

    def _tell(self) -> None:
        watch = self.watch
        names = tuple(self._settings.requests) or watch.asked
        least = min(map(watch.requests, names), default=0)
        failed = sum(one.new.failed for one in watch.comparisons.values())
        text = f"canary at {watch.pct} %: {least} of {watch.enough} requests, {failed} failed"
        if least >= watch.enough:
            text = (
                f"canary at {watch.pct} %: {least} requests, {failed} failed; comparing latencies"
            )
        so_far = watch.canary("undecided")
        self._scene.say(text, min(least, watch.enough), watch.enough, canary=so_far)


def promote(deploys: Deploys, name: str, keep: int = 1) -> None:
    """A person's word: the canary gets all new requests. Raises ``StepFailed`` without one."""
    deploys.share(name, {_undecided(deploys, name): 100})
    deploys.retire(name, keep)


def is_promoted(environment: Environment) -> bool:
    """Whether a version got all requests from a command that has not ended yet what it left."""
    return bool(environment.leaving) and not environment.rolled_back


def is_taken_back(environment: Environment) -> bool:
    """Whether a canary was taken back by a command that has not ended it yet."""
    return environment.rolled_back in environment.leaving


def take_back(deploys: Deploys, name: str, keep: int, by: str = "") -> None:
    """The canary is taken back and ended, ``by`` a person's word or since it is worse; said again
    it goes on to the same end."""
    deploys.rollback(name, by)
    deploys.retire(name, keep)


def _undecided(deploys: Deploys, name: str) -> str:
    environment = deploys.environment(name)
    for version in shares(environment):
        if environment and version != environment.version:
            return version
    raise StepFailed(f"{name} has no canary", where=name, hint=command_line("status"))


def promote_line(name: str) -> str:
    """What a person types to give the canary all requests."""
    return command_line("promote", name)


def abort_line(name: str) -> str:
    """What a person types to take the canary back."""
    return command_line("abort", name)
