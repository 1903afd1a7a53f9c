"""Clients in a process of their own: some ask as fast as they are answered, on connections that are
kept, and one for each port asks for a page that takes a second, so that a drain has something to
wait for.

`python -m benchmarks.deploys.clients PORT...` asks until its standard input ends, then prints what
was answered.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Final

QUICK: Final = 2  # clients of each port; two cores have the services and the proxy to run as well
PAUSE_S: Final = 0.001  # between two requests of one client
LATE_S: Final = 30.0


class Clients:
    """The process, from outside. ``last_s`` is when the last request was sent that a version
    answered, on the machine's clock; ``failure`` is the first of those that ``failed``."""

    def __init__(self, ports: list[int]) -> None:
        self.asked = 0
        self.failed = 0
        self.failure = ""
        self.last_s: dict[str, float] = {}
        self._command = (sys.executable, "-m", __spec__.name, *map(str, ports))

    def __enter__(self) -> "Clients":
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        said, _ = self._process.communicate()
        told = json.loads(said)
        self.asked = told["asked"]
        self.failed = told["failed"]
        self.failure = told["failure"]
        self.last_s = told["last_s"]


class _Asking:
    """What all clients share."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.asked = 0
        self.failed = 0
        self.failure = ""
        self.last_s: dict[str, float] = {}
        self._counting = threading.Lock()

    def ask(self, port: int, path: str) -> None:
        """Asks until the end, on a connection that is kept as long as the other side keeps it."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LATE_S)
        while not self.ended.wait(PAUSE_S):
            begun_s = time.monotonic()
            version = failure = ""
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                version = json.loads(answer.read())["version"]
                failure = "" if answer.status == 200 else f"answered {answer.status}"
            except (OSError, ValueError, http.client.HTTPException) as error:
                failure = f"{type(error).__name__}: {error}"
                connection.close()
            self._count(version, begun_s, failure)

    def _count(self, version: str, begun_s: float, failure: str) -> None:
        with self._counting:
            self.asked += 1
            if failure:
                self.failed += 1
                self.failure = self.failure or failure
            else:
                self.last_s[version] = max(begun_s, self.last_s.get(version, 0.0))


def main() -> None:
    """Asks, and tells."""
    asking = _Asking()
    threads = []
    for port in map(int, sys.argv[1:]):
        for path in (*("/health",) * QUICK, "/slow"):
            threads.append(threading.Thread(target=asking.ask, args=(port, path)))
    for thread in threads:
        thread.start()
    sys.stdin.read()
    asking.ended.set()
    for thread in threads:
        thread.join()
    told = ("asked", "failed", "failure", "last_s")
    print(json.dumps({name: getattr(asking, name) for name in told}))


if __name__ == "__main__":
    main()
