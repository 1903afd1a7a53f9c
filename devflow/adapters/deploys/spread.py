"""What an environment's proxy is told and has counted: shares of versions are spread over their
replicas, on the public ports, and each version has ports of its own besides, by which its services
reach each other."""

import operator
from typing import Iterator

from devflow.adapters.deploys.state import Deployment, EnvironmentState, Slot
from devflow.adapters.proxy.port import (
    Backend,
    BackendFigures,
    Figures,
    Route,
    Table,
    bucket_end_ms,
)
from devflow.model.environments import Cause, Traffic
from devflow.model.wording import short_version


def backend_id(deployment: Deployment, slot: Slot) -> str:
    """What a replica is called at the proxy."""
    return f"{short_version(deployment.version)}.{slot.name}"


def table_of(state: EnvironmentState) -> Table:
    """What the proxy is to serve. The public ports are not in it while the forwarder of an earlier
    devflow holds them."""
    ports: dict[int, Route] = {}
    if not state.listen:
        for port, service in sorted(public_ports(state).items()):
            backends = tuple(_public(state, port, service))
            ports[port] = Route(service=service, backends=backends)
    for deployment in state.held:
        for service, port in deployment.inner_ports.items():
            if deployment.of(service):
                backends = tuple(_inner(deployment, service))
                ports[port] = Route(service=service, backends=backends)
    return Table(ports=ports)


def public_ports(state: EnvironmentState) -> dict[int, str]:
    """The public ports of every version that has a share."""
    ports: dict[int, str] = {}
    for deployment in state.held:
        if state.shares.get(deployment.version):
            ports.update({deployment.public_port(one): one for one in deployment.services})
    return ports


def _public(state: EnvironmentState, port: int, service: str) -> Iterator[Backend]:
    for deployment in state.held:
        is_there = service in deployment.services and deployment.public_port(service) == port
        share = state.shares.get(deployment.version, 0)
        ready = deployment.ready(service) if is_there else ()
        for slot in deployment.of(service) if is_there else ():
            if slot.is_ready:
                # without a share it ends what it has begun
                weight = 0.0 if slot.drains else share / len(ready)
                yield _backend(deployment, slot, weight)


def _inner(deployment: Deployment, service: str) -> Iterator[Backend]:
    for slot in deployment.of(service):
        if slot.is_ready:
            weight = 0.0 if slot.drains else 100 / len(deployment.ready(service))
            yield _backend(deployment, slot, weight)


def _backend(deployment: Deployment, slot: Slot, weight: float) -> Backend:
    return Backend(
        id=backend_id(deployment, slot),
        port=slot.port,
        version=deployment.version,
        weight_pct=weight,
        state="ready" if weight else "drain",
    )


def in_flight(figures: Figures | None, deployment: Deployment, slots: tuple[Slot, ...]) -> int:
    """How many requests these replicas have begun and not ended, on all ports."""
    ids = {backend_id(deployment, slot) for slot in slots}
    backends = figures.backends if figures else ()
    mine = [one for one in backends if one.id in ids and one.version == deployment.version]
    return sum(one.in_flight for one in mine)


def traffic_of(state: EnvironmentState, figures: Figures | None) -> Iterator[Traffic]:
    """What was counted on the public ports, by service and version with a share."""
    ports = public_ports(state)
    for deployment in state.held:
        if not state.shares.get(deployment.version):
            continue
        for service in deployment.services:
            ids = {backend_id(deployment, slot) for slot in deployment.of(service)}
            mine = [
                one
                for one in (figures.backends if figures else ())
                if ports.get(one.public_port) == service
                and one.id in ids
                and one.version == deployment.version
            ]
            if mine:
                yield _traffic(service, deployment.version, mine)


def _traffic(service: str, version: str, figures: list[BackendFigures]) -> Traffic:
    counted = [0] * len(figures[0].latency_buckets)
    for one in figures:
        counted = list(map(operator.add, counted, one.latency_buckets))
    failed: dict[Cause, int] = {
        "answered": sum(one.answered_5xx for one in figures),
        "refused": sum(one.connect_failed for one in figures),
        "aborted": sum(one.aborted for one in figures),
    }
    return Traffic(
        service=service,
        version=version,
        requests=sum(one.requests for one in figures),
        failed={cause: count for cause, count in failed.items() if count},
        slower_than_ms=tuple(bucket_end_ms(bucket) for bucket in range(len(counted) - 1)),
        counted=tuple(counted),
        in_flight=sum(one.in_flight for one in figures),
        synthetic=sum(one.synthetic for one in figures),
    )
