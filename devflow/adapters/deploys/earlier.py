"""Takes over from the forwarder of an earlier devflow, which holds the public ports of what it had
deployed.

Its ports are free between its leaving them and the proxy's taking them: 1 to 6 ms, as measured.
"""

import time
from contextlib import suppress
from typing import Final

import psutil

from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.spread import table_of
from devflow.adapters.deploys.state import EnvironmentState
from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import Process
from devflow.adapters.proxy.port import Proxy
from devflow.model.errors import StepFailed

LEFT_WITHIN_S: Final = 2.0  # s; it takes a signal and a read of a small file
LOOK_EVERY_S: Final = 0.002


def forwarder_of(home: Home, state: EnvironmentState) -> Process | None:
    """The earlier devflow's forwarder, None where it does not run."""
    if processes.alive(state.forwarder):
        return state.forwarder
    return processes.find(home.marker("", "forwarder"))


def taken_over(home: Home, proxy: Proxy, state: EnvironmentState) -> EnvironmentState:
    """The state once our proxy holds the public ports.

    Raises ``StepFailed`` where it cannot; the forwarder serves on then.
    """
    if not state.listen and state.forwarder is None:
        return state
    forwarder = forwarder_of(home, state)
    # up before the ports are left
    proxy.apply(table_of(state))
    ports = tuple(state.listen)
    left = state.model_copy(update={"listen": {}})
    home.save(left)
    if forwarder:
        processes.nudge(forwarder)
        _await_left(forwarder, ports)
    try:
        proxy.apply(table_of(left))
    except StepFailed:
        home.save(state)
        if forwarder:
            processes.nudge(forwarder)
        raise
    if forwarder:
        _await_drained(forwarder, state.settings.drain_s)
    processes.end([forwarder])
    left = left.model_copy(update={"forwarder": None})
    home.save(left)
    return left


def _await_left(forwarder: Process, ports: tuple[int, ...]) -> None:
    deadline = time.monotonic() + LEFT_WITHIN_S
    while not all(map(processes.is_free, ports)):
        if time.monotonic() > deadline:
            # it does not listen to us: what it holds is freed by its end
            processes.end([forwarder])
            return
        time.sleep(LOOK_EVERY_S)


def _await_drained(forwarder: Process, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while _connections(forwarder) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S * 10)


def _connections(process: Process) -> int:
    with suppress(psutil.Error):
        connections = psutil.Process(process.pid).net_connections("tcp")
        return sum(one.status == psutil.CONN_ESTABLISHED for one in connections)
    return 0
