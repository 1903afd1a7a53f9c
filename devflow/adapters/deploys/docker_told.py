"""How a container of a deployment goes, by what its engine says of it."""

import time
from typing import Any, Final

from devflow.adapters.containers.docker import monotonic
from devflow.adapters.deploys import supervise
from devflow.adapters.deploys.target import Told

RETRIED: Final = "the engine starts it again"


def told_of(inspected: dict[str, Any]) -> Told:
    """How a container goes, by what the engine says of it. Docker's tries for ever: one that has
    ended as often as a supervisor would allow flaps, until it has lived as long as that looks
    back."""
    restarts = int(inspected.get("RestartCount") or 0)
    state = inspected["State"]
    # Docker's engine says of one that waits to be started again that it runs, too
    waits = bool(state.get("Restarting"))
    runs = bool(state.get("Running")) and not waits
    killed = ", out of memory" if state.get("OOMKilled") else ""
    again = f", {RETRIED}" if waits else ""
    is_often = restarts >= supervise.RESTARTS
    now_s = time.monotonic()
    lived_s = now_s - monotonic(str(state.get("StartedAt", "")), now_s)
    return Told(
        is_alive=runs,
        id=str(inspected["Id"])[:12] if runs else "",
        restarts=restarts,
        given_up=not runs and not waits and is_often,
        flaps=runs and is_often and lived_s < supervise.WINDOW_S,
        problem="" if runs else f"ended with {state.get('ExitCode')}{killed}{again}",
    )
