"""Records what the canaries' simulations draw from: the latencies of a real service under a load
that arrives at random, in the order in which they came, with the tails and the bursts they had.

    python -m tests.canaries.record backend /api/v1/listings 60 90 > tests/canaries/backend.txt
"""

import http.client
import queue
import random
import subprocess
import sys
import threading
import time
from typing import Final, Iterator

PORT: Final = 18702
LINES: Final = 8  # connections that are kept, as a proxy keeps them
READY_S: Final = 60.0

Sample = tuple[float, float]
"""When a request was begun, in s, and how long its answer took, in ms."""


def recorded(path: str, rate_per_s: float, seconds: float) -> list[Sample]:
    """GETs a path at random moments; what was measured, in the order of the requests."""
    due: queue.Queue[float | None] = queue.Queue()
    samples: list[Sample] = []
    start = time.monotonic()
    lines = [threading.Thread(target=_ask, args=(path, due, samples)) for _ in range(LINES)]
    for line in lines:
        line.start()
    for at in _arrivals(rate_per_s, seconds):
        time.sleep(max(0.0, start + at - time.monotonic()))
        due.put(time.monotonic())
    for _ in lines:
        due.put(None)
    for line in lines:
        line.join()
    return sorted((begun - start, took) for begun, took in samples)


def _arrivals(rate_per_s: float, seconds: float) -> Iterator[float]:
    chance = random.Random(1)
    at = chance.expovariate(rate_per_s)
    while at < seconds:
        yield at
        at += chance.expovariate(rate_per_s)


def _ask(path: str, due: "queue.Queue[float | None]", samples: list[Sample]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    while (begun := due.get()) is not None:
        connection.request("GET", path)
        connection.getresponse().read()
        # from when it was due: what waits for a slow one before it is slow too
        samples.append((begun, (time.monotonic() - begun) * 1000))


def _wait() -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=1)
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service did not come up")


def main(service: str, path: str, rate_per_s: float, seconds: float) -> None:
    """Prints the latencies, in ms, one a line."""
    argv = [sys.executable, "-B", "-m", f"services.{service}", "--port", str(PORT)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait()
            for _, took_ms in recorded(path, rate_per_s, seconds):
                sys.stdout.write(f"{took_ms:.2f}\n")
        finally:
            process.terminate()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
