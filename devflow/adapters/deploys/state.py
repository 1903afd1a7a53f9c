"""What is remembered of an environment between commands.

It says what was meant, never what is: whether a replica lives and what it answers is asked each
time.
"""

from datetime import datetime
from typing import Any, Final, Mapping

from pydantic import Field, model_validator

from devflow.adapters.deploys.adopted import adopted
from devflow.adapters.machine.processes import Process
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.project import Service
from devflow.model.declared.services import in_order, is_service
from devflow.model.environments import Verdict
from devflow.model.images import PublishedImage
from devflow.model.values import Value

# more than are ever kept, and rolled back to
PREPARED: Final = 100


class Slot(Value):
    """One replica as it is meant: ``port`` is what it answers on.

    ``process`` is what keeps it alive, None between the intent to start it and the start; of a
    container it is ``container``. ``like`` tells what it was started with. Only one that
    ``is_ready`` gets requests, and one that ``drains`` gets no new ones.
    """

    service: str
    index: int
    port: int
    process: Process | None = None
    container: str = ""
    like: str = ""
    is_ready: bool = False
    drains: bool = False

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.service}.{self.index}"


class Deployment(Value):
    """A version that was brought here; only one that ``is_prepared``, to the end, can be started.
    ``since`` is when it was last given all requests, None
    where it never was; ``inner_ports`` are where the proxy answers for this version alone. One that
    ``rolls`` is brought replica by replica."""

    version: str
    commit: str
    services: dict[str, Service]
    port_offset: int = 0
    ready_within_s: float = 30.0
    digests: dict[str, str] = {}
    images: tuple[PublishedImage, ...] = ()
    settings: EnvironmentSettings = Field(default_factory=EnvironmentSettings)
    inner_ports: dict[str, int] = {}
    slots: tuple[Slot, ...] = ()
    since: datetime | None = None
    is_prepared: bool = False
    rolls: bool = False

    def public_port(self, service: str) -> int:
        """The port that users ask."""
        return self.services[service].port + self.port_offset

    def image(self, service: str) -> PublishedImage | None:
        """The published image that a service runs from; another service's where it says so."""
        declared = self.services[service].image
        name = (declared.of if declared else "") or service
        return next((one for one in self.images if one.service == name), None)

    @property
    def repositories(self) -> dict[str, str]:
        """Where the published images lie, by service."""
        repositories = {}
        for image in self.images:
            if self.digests.get(image.service) == image.digest:
                repositories[image.service] = image.repository
        return repositories

    def of(self, service: str) -> tuple[Slot, ...]:
        """The replicas of one service."""
        return tuple(slot for slot in self.slots if slot.service == service)

    def ready(self, service: str) -> tuple[Slot, ...]:
        """Those that get new requests."""
        return tuple(slot for slot in self.of(service) if slot.is_ready and not slot.drains)

    def with_slots(self, slots: tuple[Slot, ...]) -> "Deployment":
        """With these replicas and no others."""
        return self.model_copy(update={"slots": slots})

    def with_slot(self, slot: Slot) -> "Deployment":
        """With a replica in the place of the one of its name, or at the end."""
        if all(old.name != slot.name for old in self.slots):
            return self.with_slots((*self.slots, slot))
        return self.with_slots(tuple(slot if old.name == slot.name else old for old in self.slots))

    @property
    def order(self) -> tuple[str, ...]:
        """The services, each behind those that it needs."""
        return in_order({name: one.needs for name, one in self.services.items()})

    def is_needed(self, service: str) -> bool:
        """Whether another service waits for this one."""
        return any(service in one.needs for one in self.services.values())

    @property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The services as they are ended: those that nobody needs first."""
        depth: dict[str, int] = {}
        for name in self.order:
            needs = [one for one in self.services[name].needs if is_service(one)]
            depth[name] = 1 + max((depth[one] for one in needs), default=0)
        levels: list[list[str]] = [[] for _ in range(max(depth.values(), default=0))]
        for name, number in depth.items():
            levels[-number].append(name)
        return tuple(map(tuple, levels))


class Prepared(Value):
    """A service's command that was run before a version started, and ended well."""

    version: str
    service: str
    command: str


class EnvironmentState(Value):
    """One environment. ``held`` has the version first that was last given all requests, then those
    before it; ``shares`` is meant, in whole per cent by version; ``owner`` is the repository's
    identity. ``prepared`` is not said again, also after ``down``, since what services keep stays
    too. ``leaving`` have lost their share and are yet to be ended: by the command that took it, or
    by the next one. ``refused`` were taken back before ``rolled_back``, and no other version was
    brought since; ``verdicts`` tell when and by whom. ``listen`` and ``forwarder`` are of an
    earlier devflow that serves on.
    """

    owner: str = ""
    current: str = ""
    rolled_back: str = ""
    refused: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    shares: dict[str, int] = {}
    leaving: tuple[str, ...] = ()
    held: tuple[Deployment, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    listen: dict[int, int] = {}
    forwarder: Process | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_devflow(cls, data: Any) -> Any:
        return adopted(data) if isinstance(data, dict) else data

    def deployment(self, version: str) -> Deployment | None:
        """What is remembered of a version."""
        return next((one for one in self.held if one.version == version), None)

    @property
    def previous(self) -> str:
        """The version that served before the current one and was not taken back, else empty."""
        others = (self.current, self.rolled_back, *self.refused)
        for deployment in self.held:
            if deployment.since and deployment.version not in others:
                return deployment.version
        return ""

    @property
    def settings(self) -> EnvironmentSettings:
        """How it is run, as its newest version says."""
        return self.held[-1].settings if self.held else EnvironmentSettings()

    def keeping(self, deployment: Deployment) -> "EnvironmentState":
        """With this version in the place of the one of the same name, or at the end."""
        if self.deployment(deployment.version) is None:
            return self.model_copy(update={"held": (*self.held, deployment)})
        held = tuple(deployment if old.version == deployment.version else old for old in self.held)
        return self.model_copy(update={"held": held})

    def sharing(self, shares: Mapping[str, int], rolled_back: str) -> "EnvironmentState":
        """With other shares; what loses its own is leaving."""
        given = {version: share for version, share in shares.items() if share}
        known = dict.fromkeys((*self.leaving, *self.shares))
        leaving = tuple(version for version in known if version not in given)
        taken_back = dict.fromkeys((*self.refused, self.rolled_back))
        refused = tuple(one for one in taken_back if one and one != rolled_back)
        update = {"shares": given, "rolled_back": rolled_back, "leaving": leaving}
        return self.model_copy(update={**update, "refused": refused})

    def serving(self, version: str, now: datetime) -> "EnvironmentState":
        """With this version in front; one that was brought, and not gone back to, ends what was
        refused before it. Of one that was brought again on purpose its own verdict is kept."""
        deployment = self.deployment(version)
        if deployment is None or (self.current == version and deployment.since):
            return self
        front = deployment.model_copy(update={"since": now})
        others = tuple(old for old in self.held if old.version != version)
        update: dict[str, Any] = {"current": version, "held": (front, *others)}
        if not self.rolled_back:
            own = self._verdict(version)
            update = {**update, "refused": (), "verdicts": (own,) if own else ()}
        return self.model_copy(update=update)

    def taking_back(self, version: str, by: str, now: datetime) -> "EnvironmentState":
        """With the verdict on a version; one that stands, of a command that is said again, stays as
        it was."""
        known = self._verdict(version)
        if known is not None and not known.is_lifted:
            return self
        return self._judged(Verdict(version=version, at=now, by=by))

    def lifting(self, version: str) -> "EnvironmentState":
        """With the verdict on a version lifted, where it was taken back."""
        if version not in (self.rolled_back, *self.refused):
            return self
        verdict = self._verdict(version) or Verdict(version=version)
        return self._judged(verdict.model_copy(update={"is_lifted": True}))

    def _verdict(self, version: str) -> Verdict | None:
        return next((one for one in self.verdicts if one.version == version), None)

    def _judged(self, verdict: Verdict) -> "EnvironmentState":
        others = tuple(one for one in self.verdicts if one.version != verdict.version)
        return self.model_copy(update={"verdicts": (*others, verdict)})

    @property
    def remembered(self) -> "EnvironmentState":
        """What has to be known after the environment was ended."""
        kept = {
            "rolled_back": self.rolled_back,
            "refused": self.refused,
            "verdicts": self.verdicts,
            "prepared": self.prepared,
        }
        return EnvironmentState.model_validate(kept)
