"""What runs in an environment, as it was looked at, and what its proxy counted."""

from datetime import datetime
from typing import Literal

from devflow.model import figures
from devflow.model.checks import Check, fact, measure
from devflow.model.values import Value


class Replica(Value):
    """One of the processes or containers that run a service of a version, as it was just asked on
    its own port.

    ``id`` is the process or the container; ``version`` what its health answered, ``status`` the
    HTTP status, 0 without an answer. ``restarts`` counts how often it was started again because it
    had ended by itself; ``given_up`` says that it will not be started again before the next
    ``ship``.
    """

    service: str
    index: int
    id: str
    url: str
    version: str = ""
    status: int = 0
    latency_ms: float = 0.0
    problem: str = ""
    restarts: int = 0
    given_up: bool = False
    is_well: bool = False


class Held(Value):
    """A version that is kept in an environment: which part of the new requests it gets, and what
    runs of it. ``since`` is when it was first given all of them, None where it never was. One that
    ``rolls`` takes over replica by replica. ``declared`` is how many replicas of each service it
    was brought with, 0 where a team's own command is asked for that.

    ``digests`` are its published images by service, and ``repositories`` where they lie, with the
    registry's host; what an earlier devflow deployed has none.
    """

    version: str
    commit: str
    share_pct: int = 0
    replicas: tuple[Replica, ...] = ()
    digests: dict[str, str] = {}
    repositories: dict[str, str] = {}
    since: datetime | None = None
    rolls: bool = False
    declared: int = 0

    def image(self, service: str) -> str:
        """``repository@digest``, as every registry's client takes it; the digest alone where it is
        not known where the image lies."""
        repository = self.repositories.get(service, "")
        digest = self.digests[service]
        return f"{repository}@{digest}" if repository else digest

    @property
    def services(self) -> tuple[str, ...]:
        """The services that have replicas here, in their order."""
        return tuple(dict.fromkeys(replica.service for replica in self.replicas))

    @property
    def well(self) -> int:
        """How many of the replicas answer as this version."""
        return sum(replica.is_well for replica in self.replicas)


class Running(Value):
    """One service of an environment: its public URL, what answers behind it, and what it says it
    is.

    ``version`` is what its health answered, empty where it did not; ``status`` is the HTTP status,
    0 without an answer, and 0 is wanted where it is enough that it listens. One that cannot tell
    its version is proved by its process: ``started_as`` is the version that was started on its
    port, empty where something else listens there.
    """

    service: str
    url: str
    pid: int
    version: str
    status: int
    latency_ms: float = 0.0
    problem: str = ""
    wanted_status: int = 200
    tells_version: bool = True
    started_as: str = ""

    @property
    def answers(self) -> bool:
        """Whether it answers as it should, whichever version it is."""
        return self.status == self.wanted_status and not self.problem

    def is_well(self, version: str) -> bool:
        """Whether it answers, as this version."""
        known = self.version if self.tells_version else self.started_as
        return self.answers and known == version


class Verdict(Value):
    """That a version was taken back: when, and by whom, empty where devflow did by itself. One that
    ``is_lifted`` may be brought again: a person wanted it, whatever was said before.

    An earlier devflow did not remember when.
    """

    version: str
    at: datetime | None = None
    by: str = ""
    is_lifted: bool = False


class Environment(Value):
    """An environment as it was looked at just now.

    ``version`` is the one that all new requests go to, or went to before shares were given;
    ``previous`` the one that a rollback would go back to; ``held`` every version that is kept, the
    serving one first; ``refused`` were taken back before ``rolled_back``, and no other was brought
    since; ``verdicts`` tell when and by whom, also of a version that was brought again on purpose;
    ``leaving`` those that lost their share to a command that has not ended them yet.
    ``target`` and ``proxy`` name what it runs on; ``keepers_lost`` says how often what holds the
    public ports was killed and followed by another since the proxy was started. One that is
    ``is_unkept`` is served by what nobody would start again; ``stopped_keeper`` is its pid where a
    signal has stopped it, and ``unheld_s`` how long nobody held the ports when it began, since the
    one before had been killed with its copy.
    """

    name: str
    version: str
    commit: str
    services: tuple[Running, ...]
    previous: str = ""
    rolled_back: str = ""
    refused: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    since: datetime | None = None
    held: tuple[Held, ...] = ()
    leaving: tuple[str, ...] = ()
    target: str = ""
    proxy: str = ""
    keepers_lost: int = 0
    is_unkept: bool = False
    stopped_keeper: int = 0
    unheld_s: float = 0.0

    @property
    def is_kept(self) -> bool:
        """Whether somebody would start again what serves."""
        return not (self.is_unkept or self.stopped_keeper)

    @property
    def is_down(self) -> bool:
        """Whether nothing is deployed any more."""
        return not self.version and not self.held

    @property
    def is_going_back(self) -> bool:
        """Whether the version that serves was taken back by a command that came to no end: what it
        goes back to is told, and may have all requests already."""
        return bool(self.version) and self.version == self.rolled_back

    def refuses(self, version: str) -> bool:
        """Whether this version was taken back, no other was brought since, and nobody wants it
        brought again."""
        return version in (self.rolled_back, *self.refused) and self.lifted(version) is None

    def verdict(self, version: str) -> Verdict | None:
        """When and by whom this version was taken back."""
        return next((one for one in self.verdicts if one.version == version), None)

    def lifted(self, version: str) -> Verdict | None:
        """The verdict on a version that a person wants brought again, or wanted."""
        verdict = self.verdict(version)
        return verdict if verdict is not None and verdict.is_lifted else None

    @property
    def left_running(self) -> tuple[str, ...]:
        """The versions that lost their share and of which replicas still run, until the command
        that took it, or the next one, has ended them."""
        return tuple(
            held.version for held in self.held if held.replicas and held.version in self.leaving
        )

    @property
    def canary(self) -> Held | None:
        """The version that gets a part of the new requests beside the one that serves; None where
        there is nothing to be decided."""
        return next((held for held in self._partly_given if not held.rolls), None)

    @property
    def rolling(self) -> Held | None:
        """The version that is on its way to take over, replica by replica; None where none is."""
        return next((held for held in self._partly_given if held.rolls), None)

    @property
    def _partly_given(self) -> tuple[Held, ...]:
        if self.is_going_back:
            return ()
        return tuple(held for held in self.held if held.share_pct and held.version != self.version)


class Change(Value):
    """What a person's word, which is a command's name, has done to an environment, as that was
    looked at before and after. One that ``is_resumed`` did what was left of a killed command;
    ``is_nothing`` was done where a version was taken back, or ended, already."""

    name: str
    word: Literal["promote", "abort", "rollback", "down"]
    before: Environment | None
    after: Environment | None
    is_resumed: bool = False
    is_nothing: bool = False


class Told(Value):
    """That a ticket says what became of its version, or why it does not."""

    ticket: str
    problem: str = ""


Cause = Literal["answered", "refused", "aborted"]
"""Why a request failed: the replica answered 5xx; no replica took the connection; it broke off
before its answer was whole."""


class Traffic(Value):
    """What the proxy counted for one service of one version since that version was last given a
    share from nothing.

    ``slower_than_ms`` are the upper bounds of the latency's classes in ms, growing, and ``counted``
    how many answers fell into each; the last class has no bound, so there is one count more than
    bounds. ``failed`` are requests by cause, those of drains and of a graceful end not among them.
    ``synthetic`` of the requests said that no user asks (``X-Synthetic: 1``), as devflow's own do.
    """

    service: str
    version: str
    requests: int
    failed: dict[Cause, int] = {}
    slower_than_ms: tuple[float, ...] = ()
    counted: tuple[int, ...] = ()
    in_flight: int = 0
    synthetic: int = 0

    @property
    def failures(self) -> int:
        """The requests that failed, whatever the cause."""
        return sum(self.failed.values())

    def latency_ms(self, share: float) -> float | None:
        """Up to how many ms the quickest ``share`` of the answers took: the bound of their class,
        at most one class too much. None where nothing was answered, or beyond every bound."""
        wanted = share * sum(self.counted)
        below = 0
        for bound_ms, count in zip(self.slower_than_ms, self.counted):
            below += count
            if wanted and below >= wanted:
                return bound_ms
        return None

    def since(self, before: "Traffic | None") -> "Traffic":
        """What came to it; all of it where the counting began anew."""
        is_anew = before is None or self.requests < before.requests
        if before is None or is_anew or len(before.counted) != len(self.counted):
            return self
        counted = tuple(now - then for now, then in zip(self.counted, before.counted))
        failed = {cause: n - before.failed.get(cause, 0) for cause, n in self.failed.items()}
        less = {
            "requests": self.requests - before.requests,
            "failed": failed,
            "counted": counted,
            "synthetic": max(0, self.synthetic - before.synthetic),
        }
        return self.model_copy(update=less)


def taken_back_check(environment: str, version: str, words: str) -> Check:
    """The line that fails of a version that was taken back; the words say when, and by whom."""
    figure = figures.version(version, words)
    line = measure("taken_back", "taken back", figure, f"deploys.environment {environment}")
    return fact(line, False)
