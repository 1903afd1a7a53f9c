"""The price service as processes: two on one file, ended under load; and what they logged."""

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from services.backend import schemas
from services.version import SERVICES

READY_S = 60.0  # s; only what hangs takes so long
MANY = 50  # answers; 0.7 s gave some hundreds
PRICE = json.dumps(schemas.EXAMPLE_CAR)
EVENT = json.dumps(schemas.EXAMPLE_ACTION)


class Process:
    """One running service and what it was asked: the statuses of all complete answers."""

    def __init__(self, database, log):
        self.log = log
        self.statuses = []
        command = [sys.executable, "-B", "-m", "services.backend", "--port", "0"]
        command += ["--database", str(database), "--access-log", str(log)]
        self._process = subprocess.Popen(
            command, cwd=SERVICES.parent, stdout=subprocess.PIPE, text=True
        )

    def wait(self):
        """Wait until it listens."""
        self.port = int(self._process.stdout.readline().rpartition(":")[2])
        return self

    def load(self, path, body):
        """Ask over one connection until it is closed; a broken answer is an error, a refused
        connection the end."""
        opened = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_S)
        with closing(opened) as connection:
            while True:
                try:
                    connection.request("POST", path, body, {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                except OSError:
                    return
                answer.read()
                self.statuses.append(answer.status)

    @property
    def is_amid_its_load(self):
        """Whether many of each kind have been answered."""
        return min(self.statuses.count(status) for status in (200, 201)) >= MANY

    def end(self):
        """Send SIGTERM; return exit code and seconds."""
        began_s = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(READY_S)
        self._process.stdout.close()
        return code, time.monotonic() - began_s


@pytest.fixture
def pair(tmp_path):
    """Return two processes that were started at once on one new file."""
    started = [
        Process(tmp_path / "shared.sqlite3", tmp_path / f"{number}.log") for number in range(2)
    ]
    yield [process.wait() for process in started]
    for process in started:
        process.end()


def test_two_processes_share_a_file_and_end_under_load_without_an_error(pair, figure):
    threads = []
    for process in pair:
        for question in (("/api/v1/price/current", PRICE), ("/api/v1/events", EVENT)):
            threads.append(threading.Thread(target=process.load, args=question))
    for thread in threads:
        thread.start()
    # until each is amid its load, on a disk that takes its time too
    deadline_s = time.monotonic() + READY_S
    while not all(process.is_amid_its_load for process in pair):
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    ended = [process.end() for process in pair]
    for thread in threads:
        thread.join()
    longest_s = max(took_s for _, took_s in ended)
    answers = sum(len(process.statuses) for process in pair)
    figure(
        "end under load",
        f"{longest_s:.1f} s after SIGTERM, {answers} answers, none an error",
    )
    assert [code for code, _ in ended] == [0, 0]
    for process in pair:
        assert set(process.statuses) == {200, 201}
        count = len(process.statuses)
        lines = [json.loads(line) for line in process.log.read_text().splitlines()]
        # on each of the two connections one request may have been answered into a closed socket
        assert count <= len(lines) <= count + 2
        assert {line["path"] for line in lines} == {"/api/v1/price/current", "/api/v1/events"}
