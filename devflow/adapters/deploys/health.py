"""Asks a service on this machine how it is: one request to its health path, on a connection of its
own.

The standard library's client, since others read proxy settings from the environment, which has no
place on loopback.
"""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Final

BODY_BYTES: Final = 65536


@dataclass(frozen=True)
class Health:
    """What came back; ``status`` 0 and ``problem`` where no answer did, ``version`` empty where it
    named none."""

    status: int
    version: str
    latency_ms: float
    problem: str = ""


def ask(port: int, path: str, timeout_s: float = 2.0) -> Health:
    """GETs ``path`` on a loopback port; never raises for what answers.

    2 s are twenty times what a busy machine takes for it.
    """
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        body = response.read(BODY_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return Health(0, "", _since_ms(start), str(error) or type(error).__name__)
    finally:
        connection.close()
    return Health(response.status, _version(body), _since_ms(start))


def _version(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    return str(answer.get("version", "")) if isinstance(answer, dict) else ""


def _since_ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 1)
