"""Whose container of an engine it is, and those that a killed run left behind."""

import os
import socket
from contextlib import suppress
from typing import Any, Final

import docker  # type: ignore[import-untyped]
import requests

from devflow.adapters.machine import processes

# whose container it is: machine, process, its start by the clock, and where the system tells, since
# which boot and of which
LABEL: Final = "devflow.smoke"


def owner_mark() -> str:
    """What a container of this process carries."""
    own = processes.of_pid(os.getpid())
    parts = [socket.gethostname(), str(own.pid), f"{own.started_s:.2f}"]
    if own.since_boot_s is not None and own.boot_id:
        parts += [str(own.since_boot_s), own.boot_id]
    return " ".join(parts)


def _owner(mark: str) -> processes.Process | None:
    """Whose it is; None where that is no process of this machine. An earlier devflow's mark has the
    clock's time alone."""
    machine, *rest = mark.split(" ")
    if machine != socket.gethostname():
        return None
    names = ("pid", "started_s", "since_boot_s", "boot_id")
    try:
        return processes.Process.model_validate(dict(zip(names, rest)), strict=False)
    except ValueError:
        return None


def remove_leftovers(client: Any) -> None:
    """Ends the containers of a run of this machine that was killed."""
    for found in client.containers(all=True, filters={"label": LABEL}):
        owner = _owner(str((found.get("Labels") or {}).get(LABEL, "")))
        if owner is None or processes.alive(owner):
            continue
        with suppress(docker.errors.APIError, requests.RequestException):
            client.remove_container(found["Id"], v=True, force=True)
