"""The commands of a service, and the environment that they are given.

What a service is passed of devflow's own environment is a secret: it is in nothing but the
environment of its processes.
"""

import hashlib
import json
import os
import sys
from typing import Final

from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.state import Deployment, Slot
from devflow.adapters.machine import private, processes
from devflow.adapters.machine.captured import Captured
from devflow.adapters.machine.children import Processes
from devflow.adapters.machine.processes import MARKER
from devflow.adapters.masking.secrets import Mask
from devflow.model.bounds.commands import argv_of, fill_in, text_of
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed, Unavailable

LOG_LINES: Final = 20  # of what a command printed, repeated in an error: a whole traceback


def refuse_unset(environment: str, deployment: Deployment) -> None:
    """Raises ``Unavailable`` for a variable that is to be given to a service and that is not
    set."""
    shared = deployment.settings.pass_env
    passed = [(f"environments.{environment}", "each service", one) for one in shared]
    for name, service in deployment.services.items():
        passed += [(f"services.{name}", name, one) for one in service.pass_env]
    for where, whom, variable in passed:
        if variable not in os.environ:
            problem = f"the environment has no {variable}, which {whom} is to be given"
            hint = f"set {variable}, then: {command_line('ship')}"
            raise Unavailable(problem, where=f"project.{where}.pass_env", hint=hint)


def likeness(deployment: Deployment, service: str) -> str:
    """What tells two ways to start a service of one version apart; secrets are no part of it."""
    declared = deployment.services[service]
    settings = deployment.settings
    parts = {
        "run": argv_of(declared.run),
        "env": {**declared.env, **settings.env},
        "pass_env": sorted({*declared.pass_env, *settings.pass_env}),
        "memory_mb": settings.memory_mb,
        "digest": deployment.digests.get(service, ""),
        "reached_at": deployment.inner_ports,
        "image": declared.image.model_dump(mode="json") if declared.image else None,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def run_of(home: Home, deployment: Deployment, slot: Slot) -> list[str]:
    """The command of a replica.

    Raises ``StepFailed`` where pipeline.yaml names none.
    """
    argv = _argv(home, deployment, slot, deployment.services[slot.service].run)
    if not argv:
        hint = f"set project.services.{slot.service}.run"
        raise StepFailed(f"{slot.service} has no command", where="pipeline.yaml", hint=hint)
    return argv


def run_before(
    home: Home, deployment: Deployment, service: str, mask: Mask, running: Processes
) -> None:
    """Runs what has to be done before a service starts, to its end.

    Raises ``StepFailed``, with the last lines that it printed.
    """
    code = home.code(deployment.version)
    declared = deployment.services[service]
    slot = Slot(service=service, index=0, port=processes.free_ports(1)[0])
    argv = _argv(home, deployment, slot, declared.before)
    log = home.log(deployment.version, f"{service}.before")
    private.make_folder(log.parent)
    captured = Captured(mask, None, log)
    env = processes.environment(variables(home, deployment, slot))
    try:
        end = running.run(argv, code, env, declared.before_timeout_s, captured)
    finally:
        captured.close()
    if end.code != 0:
        problem = f"{text_of(declared.before)}, which has to run before {service}, {end.told}"
        raise StepFailed(
            f"{problem}{last_lines(mask(captured.text))}",
            where=str(log),
            hint=f"mend it, then: {command_line('ship')}",
        )


def variables(home: Home, deployment: Deployment, slot: Slot) -> dict[str, str]:
    """What a replica is given beside the minimal environment."""
    declared = deployment.services[slot.service]
    settings = deployment.settings
    values = _values(home, deployment, slot)
    told = {**declared.env, **settings.env}
    own = {name: fill_in(text, values) for name, text in told.items()}
    names = (*declared.pass_env, *settings.pass_env)
    passed = {name: os.environ.get(name, "") for name in names}
    return {**own, **passed, MARKER: home.marker(deployment.version, slot.name)}


def last_lines(text: str) -> str:
    """The end of an output, to follow a sentence: each line by itself."""
    return "".join(f"\n  {line}" for line in text.splitlines()[-LOG_LINES:])


def _argv(
    home: Home, deployment: Deployment, slot: Slot, command: str | tuple[str, ...]
) -> list[str]:
    values = _values(home, deployment, slot)
    argv = [fill_in(word, values) for word in argv_of(command)]
    if argv and argv[0] in ("python", "python3"):
        argv[0] = sys.executable
    return argv


def _values(home: Home, deployment: Deployment, slot: Slot) -> dict[str, str]:
    data = home.data(slot.service)
    private.make_folder(data)
    values = {"port": str(slot.port), "state": str(data)}
    for name, port in deployment.inner_ports.items():
        values[f"{name}_url"] = f"http://127.0.0.1:{port}"
    return values
