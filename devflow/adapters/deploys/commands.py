"""The commands of a service, and the environment that they are given.

What a service is passed of devflow's own environment is a secret: it is in nothing but the
environment of its processes.
"""

import os
import re
import sys
from pathlib import Path
from typing import Final, Iterable, Mapping

from devflow.adapters.deploys.state import Deployment, Home
from devflow.adapters.machine import private, processes
from devflow.adapters.machine.captured import Captured
from devflow.adapters.machine.children import Processes
from devflow.adapters.machine.processes import MARKER, Process
from devflow.adapters.machine.secrets import Mask
from devflow.model.bounds.commands import argv_of, text_of
from devflow.model.command_line import command_line
from devflow.model.declared.project import Service
from devflow.model.errors import StepFailed, Unavailable

LOG_LINES: Final = 20  # of what a command printed, repeated in an error: a whole traceback
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def refuse_unset(services: Iterable[tuple[str, Service]]) -> None:
    """Raises ``Unavailable`` for a variable that a service is to be given and that is not set."""
    for name, service in services:
        for variable in service.pass_env:
            if variable not in os.environ:
                problem = f"the environment has no {variable}, which {name} is to be given"
                hint = f"set {variable}, then: {command_line('ship')}"
                raise Unavailable(problem, where=f"project.services.{name}.pass_env", hint=hint)


def spawn(home: Home, code: Path, deployment: Deployment, service: str) -> Process:
    """Starts one service of a release.

    Raises ``StepFailed`` where pipeline.yaml names no command for it.
    """
    argv = _argv(home, deployment, service, deployment.services[service].run)
    if not argv:
        hint = f"set project.services.{service}.run"
        raise StepFailed(f"{service} has no command", where="pipeline.yaml", hint=hint)
    log = home.begin_log(deployment.version, service)
    return processes.spawn(argv, code, log, variables(home, deployment, service), is_private=True)


def prepare(
    home: Home, deployment: Deployment, service: str, mask: Mask, running: Processes
) -> None:
    """Runs what has to be done before a service starts, to its end.

    Raises ``StepFailed``, with the last lines that it printed.
    """
    code = home.code(deployment.version)
    declared = deployment.services[service]
    argv = _argv(home, deployment, service, declared.before)
    log = home.log(deployment.version, f"{service}.before")
    private.make_folder(log.parent)
    captured = Captured(mask, None, log)
    env = processes.environment(variables(home, deployment, service))
    try:
        end = running.run(argv, code, env, declared.before_timeout_s, captured)
    finally:
        captured.close()
    if end.code != 0:
        ended = end.problem or f"ended with {end.code}"
        problem = f"{text_of(declared.before)}, which has to run before {service}, {ended}"
        raise StepFailed(
            f"{problem}{last_lines(mask(captured.text))}",
            where=str(log),
            hint=f"mend it, then: {command_line('ship')}",
        )


def variables(home: Home, deployment: Deployment, service: str) -> dict[str, str]:
    """What a service is given beside the minimal environment."""
    declared = deployment.services[service]
    values = _values(home, deployment, service)
    own = {name: _fill_in(text, values) for name, text in declared.env.items()}
    passed = {name: os.environ.get(name, "") for name in declared.pass_env}
    return {**own, **passed, MARKER: home.marker(deployment.version, service)}


def last_lines(text: str) -> str:
    """The end of an output, to follow a sentence: each line by itself."""
    return "".join(f"\n  {line}" for line in text.splitlines()[-LOG_LINES:])


def _argv(
    home: Home, deployment: Deployment, service: str, command: str | tuple[str, ...]
) -> list[str]:
    values = _values(home, deployment, service)
    argv = [_fill_in(word, values) for word in argv_of(command)]
    if argv and argv[0] in ("python", "python3"):
        argv[0] = sys.executable
    return argv


def _values(home: Home, deployment: Deployment, service: str) -> dict[str, str]:
    data = home.data(service)
    private.make_folder(data)
    values = {"port": str(deployment.placed[service].port), "state": str(data)}
    for name, place in deployment.placed.items():
        values[f"{name}_url"] = f"http://127.0.0.1:{place.port}"
    return values


def _fill_in(word: str, values: Mapping[str, str]) -> str:
    """A word with its placeholders filled; braces of its own stay."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1], match[0])

    return _PLACEHOLDER.sub(value, word)
