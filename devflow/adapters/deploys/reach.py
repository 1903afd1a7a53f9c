"""Waits for what a service needs outside of its version: a database, a queue, somebody's API."""

import os
import socket
import time
from typing import Final, Mapping
from urllib.parse import urlsplit

from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed
from devflow.model.wording import duration

TRY_EVERY_S: Final = 0.1  # s; a database takes seconds to begin to listen
TRY_WITHIN_S: Final = 2.0  # s of one attempt
# where a URL names none; what their own clients take
PORTS: Final = {
    "http": 80,
    "https": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "redis": 6379,
    "rediss": 6379,
    "amqp": 5672,
    "amqps": 5671,
}


def await_reached(service: str, need: str, env: Mapping[str, str], within_s: float) -> None:
    """Waits until ``host:port``, or the host of the URL in ``$VARIABLE``, takes a connection.

    Raises ``StepFailed`` that says which did not, and never what a variable holds.
    """
    host, port = _address(service, need, env)
    deadline = time.monotonic() + within_s
    while True:
        problem = _refusal(host, port)
        if not problem:
            return
        if time.monotonic() > deadline:
            text = f"{service} needs {need}, which was not reached within {duration(within_s)}"
            hint = f"start it, then: {command_line('ship')}"
            raise StepFailed(f"{text}: {problem}", where=need, hint=hint)
        time.sleep(TRY_EVERY_S)


def _address(service: str, need: str, env: Mapping[str, str]) -> tuple[str, int]:
    if not need.startswith("$"):
        name, _, digits = need.rpartition(":")
        return name.strip("[]"), int(digits)
    variable = need[1:]
    text = env.get(variable, os.environ.get(variable, ""))
    host, port = _of_url(text)
    if not host or not port:
        problem = f"{service} needs {need}, which holds no URL with a host and a port"
        hint = f"needs: [host:port], or set {variable} to a URL and name it under pass_env"
        raise StepFailed(problem, where=f"project.services.{service}.needs", hint=hint)
    return host, port


def _of_url(text: str) -> tuple[str, int]:
    """Host and port of a URL; nothing where it is none."""
    try:
        url = urlsplit(text)
        # postgresql+psycopg, as SQLAlchemy has it
        usual = PORTS.get(url.scheme.partition("+")[0], 0)
        return url.hostname or "", url.port or usual
    except ValueError:
        return "", 0


def _refusal(host: str, port: int) -> str:
    """Why there is no connection; empty where there is one."""
    try:
        with socket.create_connection((host, port), TRY_WITHIN_S):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__
