"""Environments for every screen that shows them: one at rest, one with a canary of which a replica
was given up, one that is down."""

from datetime import datetime, timedelta, timezone

from devflow.model.environments import Change, Environment, Held, Replica, Running

NOW = datetime(2026, 1, 5, 11, 15, tzinfo=timezone.utc)
STABLE = "4f2c1ab09d3e51c0a7d2f6e8b90d4c31a2b7e6f0"
CANARY = "8c1d22aa0e4f6b7d90a1c2e3f4051627384950ab"
OLDER = "77aa01bc22d1e0f9a8b7c6d5e4f3021100998877"
DIGESTS = {"backend": f"sha256:{'9f1e2ab0' * 8}", "frontend": f"sha256:{'77d0c1aa' * 8}"}
REPOSITORIES = {one: f"ghcr.io/acme/carprice-{one}" for one in ("backend", "frontend")}
OTHERS = {"backend": f"sha256:{'11b7d0ff' * 8}", "frontend": f"sha256:{'5a02cc91' * 8}"}


def replica(service: str, index: int, version: str, port: int) -> Replica:
    """One that answers as this version."""
    return Replica(
        service=service,
        index=index,
        id=f"{index}{port}",
        url=f"http://127.0.0.1:{port}",
        version=version,
        status=200,
        latency_ms=2.4,
        is_well=True,
    )


def replicas(version: str, port: int) -> tuple[Replica, ...]:
    """Two of each service."""
    found = []
    for place, service in enumerate(("backend", "frontend")):
        for index in (1, 2):
            found.append(replica(service, index, version, port + 10 * place + index))
    return tuple(found)


def running(service: str, port: int, version: str, latency_ms: float) -> Running:
    """A service that answers at its public port."""
    url = f"http://127.0.0.1:{port}"
    return Running(
        service=service, url=url, pid=7, version=version, status=200, latency_ms=latency_ms
    )


def given_up(one: Replica) -> Replica:
    """As it is after it ended by itself again and again."""
    lost = {"version": "", "status": 0, "is_well": False, "problem": "connection refused"}
    return one.model_copy(update={**lost, "restarts": 3, "given_up": True})


def at_rest() -> Environment:
    """Development, with the version before kept and not running."""
    serving = Held(
        version=CANARY,
        commit="b1e55ed0c0ffee00000000000000000000000000",
        share_pct=100,
        replicas=replicas(CANARY, 41000),
        since=NOW - timedelta(minutes=12, seconds=30),
    )
    before = Held(
        version=STABLE,
        commit="3a1f9c2000000000000000000000000000000000",
        since=NOW - timedelta(days=2, hours=2),
    )
    return Environment(
        name="development",
        version=CANARY,
        commit=serving.commit,
        services=(running("backend", 5000, CANARY, 3.1), running("frontend", 3000, CANARY, 1.2)),
        previous=STABLE,
        since=serving.since,
        held=(serving, before),
        target="processes",
        proxy="own",
    )


def with_canary() -> Environment:
    """Production, between two versions."""
    stable = Held(
        version=STABLE,
        commit="3a1f9c2000000000000000000000000000000000",
        share_pct=90,
        replicas=replicas(STABLE, 42000),
        digests=DIGESTS,
        repositories=REPOSITORIES,
        since=NOW - timedelta(days=2, hours=2, minutes=3),
    )
    backend, second, *frontends = replicas(CANARY, 43000)
    canary = Held(
        version=CANARY,
        commit="b1e55ed0c0ffee00000000000000000000000000",
        share_pct=10,
        replicas=(backend, given_up(second), *frontends),
        digests=OTHERS,
        repositories=REPOSITORIES,
    )
    older = Held(
        version=OLDER,
        commit="99ee001000000000000000000000000000000000",
        digests={"backend": f"sha256:{'0badcafe' * 8}"},
        since=NOW - timedelta(days=9),
    )
    return Environment(
        name="production",
        version=STABLE,
        commit=stable.commit,
        services=(running("backend", 5100, STABLE, 3.1), running("frontend", 3100, STABLE, 1.2)),
        previous=OLDER,
        since=stable.since,
        held=(stable, canary, older),
        target="docker",
        proxy="haproxy",
    )


def taken_back() -> Environment:
    """Production after the canary was taken back, with a service that does not answer."""
    now = with_canary()
    stable, canary, older = now.held
    silent = now.services[1].model_copy(
        update={"status": 0, "version": "", "problem": "connection refused"}
    )
    one, two, *frontends = stable.replicas
    ended = [front.model_copy(update={"is_well": False, "status": 503}) for front in frontends]
    stable = stable.model_copy(update={"share_pct": 100, "replicas": (one, two, *ended)})
    canary = canary.model_copy(update={"share_pct": 0, "replicas": ()})
    lost = {
        "held": (stable, canary, older),
        "services": (now.services[0], silent),
        "rolled_back": CANARY,
    }
    return now.model_copy(update=lost)


def left_half_way() -> Environment:
    """Development after the command was killed that had given everything to the new version."""
    serving, before = at_rest().held
    before = before.model_copy(update={"replicas": replicas(STABLE, 42000)})
    return at_rest().model_copy(update={"held": (serving, before), "leaving": (STABLE,)})


def keeper_followed() -> Environment:
    """Development after what holds its public ports was killed, once more than once."""
    return at_rest().model_copy(update={"keepers_lost": 2})


def unkept() -> Environment:
    """Development after all that holds its public ports was killed but the worker."""
    return at_rest().model_copy(update={"proxy": "", "is_unkept": True})


def stopped_keeper() -> Environment:
    """Development while a signal has stopped what holds its public ports."""
    return at_rest().model_copy(update={"stopped_keeper": 4711, "keepers_lost": 1})


def begun_anew() -> Environment:
    """Development after the proxy was begun anew that nobody had kept."""
    return at_rest().model_copy(update={"unheld_s": 0.0121})


def rolling() -> Environment:
    """Development, half way from one version to the next."""
    now = with_canary()
    stable, new, older = now.held
    stable = stable.model_copy(update={"share_pct": 50})
    new = new.model_copy(update={"share_pct": 50, "rolls": True})
    return now.model_copy(update={"name": "development", "held": (stable, new, older)})


def down() -> Environment:
    """One that was ended."""
    return Environment(name="staging", version="", commit="", services=())


def by_own_commands() -> Environment:
    """One that the team's own commands brought, of which no service has an address."""
    serving = at_rest().held[0].model_copy(update={"replicas": (), "digests": DIGESTS})
    own = {"name": "fleet", "services": (), "held": (serving,), "target": "command", "proxy": ""}
    return at_rest().model_copy(update=own)


def changes() -> tuple[Change, ...]:
    """What each command has done to one of them, and what it did where another was killed."""
    production = with_canary()
    stable, canary, older = production.held
    given = canary.model_copy(update={"share_pct": 100})
    idle = stable.model_copy(update={"share_pct": 0, "replicas": ()})
    promoted = production.model_copy(update={"version": CANARY, "held": (given, idle)})
    left = left_half_way()
    back = taken_back()
    return (
        Change(name="production", word="promote", before=production, after=promoted),
        Change(name=left.name, word="promote", before=left, after=at_rest(), is_resumed=True),
        Change(name="production", word="abort", before=production, after=back),
        Change(name="production", word="rollback", before=back, after=back, is_nothing=True),
        Change(name="development", word="down", before=at_rest(), after=None),
        Change(name="staging", word="down", before=down(), after=down()),
    )


EVERY = (at_rest(), with_canary(), down())
CHANGES = changes()
# those of a page of their own, by its name
ALONE = {
    "taken_back": (taken_back(),),
    "rolling": (rolling(),),
    "left_half_way": (left_half_way(),),
    "keeper": (keeper_followed(), unkept(), stopped_keeper(), begun_anew()),
    "own_commands": (by_own_commands(),),
}
