"""Asks a service on this machine how it is: one request to its health path, on a connection of its
own, or a mere connection where it is enough that it listens.

The standard library's client, since others read proxy settings from the environment, which has no
place on loopback.
"""

import http.client
import socket
import time
from dataclasses import dataclass
from typing import Final

from devflow.model.declared.services import HealthCheck

BODY_BYTES: Final = 65536
SHOWN_BYTES: Final = 40
REQUEST: Final = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Health:
    """What came back; ``problem`` where no answer did, ``version`` empty where it named none.
    ``status`` is 0 without an answer, and where nothing but a connection was asked for."""

    status: int
    version: str
    latency_ms: float
    problem: str = ""

    def is_right(self, check: HealthCheck) -> bool:
        """Whether it answered as it should, whichever version it is."""
        return self.status == check.wanted_status and not self.problem

    def words(self, check: HealthCheck) -> str:
        """What it did instead of answering right."""
        return self.problem or f"answers {self.status}, not {check.wanted_status}"


def ask(port: int, check: HealthCheck, timeout_s: float = 2.0) -> Health:
    """Asks on a loopback port; never raises for what answers.

    2 s are twenty times what a busy machine takes for it.
    """
    start = time.perf_counter()
    if not check.path:
        return Health(0, "", _since_ms(start), _refusal(port, timeout_s))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", check.path, headers={"Connection": "close", "X-Synthetic": "1"})
        response = connection.getresponse()
        body = response.read(BODY_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return Health(0, "", _since_ms(start), str(error) or type(error).__name__)
    finally:
        connection.close()
    headers = {name.lower(): value for name, value in response.getheaders()}
    text = body.decode("utf-8", "replace")
    version = check.version.read(text, headers) if check.version else ""
    return Health(response.status, version, _since_ms(start))


def said_otherwise(port: int, timeout_s: float = 1.0) -> str:
    """The beginning of what a service says that answers a request with something else than HTTP, as
    a database does; empty where it answers HTTP, or says nothing within ``timeout_s``."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout_s) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(REQUEST)
            said = connection.recv(SHOWN_BYTES)
    except OSError:
        return ""
    return "" if said.startswith(b"HTTP/") else said.decode("ascii", "backslashreplace").strip()


def _refusal(port: int, timeout_s: float) -> str:
    """Why there is no connection; empty where there is one."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout_s):
            return ""
    except OSError as error:
        return str(error) or type(error).__name__


def _since_ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 1)
