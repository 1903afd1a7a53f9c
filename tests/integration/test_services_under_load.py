"""A small load on the running services: what their answers cost, held against a baseline that a
slow machine does not move.

Everything is asked in turns with the cheapest page there is, and what both cost is read from the
processes that answer: how many times as much processor time an answer takes, whatever else the
machine does. How long visitors wait depends on disk and neighbours too: it is shown, not judged.
The baseline is those ratios, as they were once measured.
"""

import http.client
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

CONNECTIONS = 4
# requests over each connection, between two looks at what was used
EACH = 5
# how often each page has its turn, and the processor time in s of which a turn is made: it is
# counted in hundredths of a second
TURNS = 3
TURN_S = 0.1


class Question(NamedTuple):
    """One kind of request, and the answers that it may have."""

    method: str
    path: str
    body: bytes = b""
    kind: str = ""


# the cheapest page: no template, no disk, no other service
BARE = Question("GET", "/health")
FORM = "application/x-www-form-urlencoded"
# how many times as much as the bare page; measured on 2 cores in November 2026
BASELINE = {"page": 15.0, "form": 50.0, "api": 0.6, "docs": 1.0}
# times the baseline before it is a failure: busy neighbours halve the ratios, and never raise them
ALLOWED = 2.5


class Load:
    """A page of a service under load: how long each answer took, and what they cost."""

    def __init__(self, service, question):
        self.question = question
        self.durations_s = []
        self.elapsed_s = 0.0
        self.used_s = 0.0
        self._process = psutil.Process(service.process.pid)
        self._threads = ThreadPoolExecutor(CONNECTIONS)
        place = urlsplit(service.url)
        self._connections = [
            http.client.HTTPConnection(place.hostname, place.port, timeout=30)
            for _ in range(CONNECTIONS)
        ]

    def __enter__(self):
        # what is made once, at the first request, is no answer's cost
        self._ask()
        return self

    def __exit__(self, *_):
        self._threads.shutdown()
        self._close()

    @property
    def cost_s(self):
        """Processor time of the service for one answer."""
        return self.used_s / len(self.durations_s)

    def turn(self):
        """Ask until a turn's processor time has been used, over new connections: a service ends
        those that were idle while others had their turns."""
        self._close()
        started_s = time.perf_counter()
        before_s = self._process_s()
        while self._process_s() - before_s < TURN_S:
            self.durations_s += self._ask()
        self.used_s += self._process_s() - before_s
        self.elapsed_s += time.perf_counter() - started_s

    def _close(self):
        # each opens itself again with its next request
        for connection in self._connections:
            connection.close()

    def _process_s(self):
        times = self._process.cpu_times()
        return times.user + times.system

    def _ask(self):
        """Ask EACH times over each connection; return the durations in s. Only a 200 is right."""
        return list(chain.from_iterable(self._threads.map(self._over, self._connections)))

    def _over(self, connection):
        question = self.question
        headers = {"Content-Type": question.kind}
        durations_s = []
        for _ in range(EACH):
            started_s = time.perf_counter()
            connection.request(question.method, question.path, question.body, headers)
            answer = connection.getresponse()
            answer.read()
            durations_s.append(time.perf_counter() - started_s)
            assert answer.status == 200, (question.path, answer.status)
        return durations_s


def summary(load):
    """Return the figure of a load."""
    durations_s = load.durations_s
    number = len(durations_s)
    rate = number / load.elapsed_s
    median_ms = statistics.median(durations_s) * 1000
    *_, p95_s = statistics.quantiles(durations_s, n=20)
    p95_ms = p95_s * 1000
    return f"{rate:.0f} req/s, median {median_ms:.1f} ms, p95 {p95_ms:.1f} ms of {number}"


@pytest.fixture(scope="module")
def loads(services, car):
    """Return the loads by name, after all their turns, and the bare page's, which had as many."""
    form = Question("POST", "/current", urlencode(car).encode(), FORM)
    body = json.dumps(car).encode()
    api = Question("POST", "/api/v1/price/current", body, "application/json")
    asked = {
        "bare": Load(services.docs, BARE),
        "page": Load(services.frontend, Question("GET", "/")),
        "form": Load(services.frontend, form),
        "api": Load(services.backend, api),
        "docs": Load(services.docs, Question("GET", "/index.html")),
    }
    with ExitStack() as opened:
        for load in asked.values():
            opened.enter_context(load)
        for _ in range(TURNS):
            for load in asked.values():
                load.turn()
    return asked


@pytest.mark.parametrize("name", BASELINE)
def test_performance_baseline(loads, figure, name):
    asked = loads[name]
    ratio = asked.cost_s / loads["bare"].cost_s
    figure(
        f"{name} load",
        f"{summary(asked)}, {ratio:.1f} times a bare answer's processor time "
        f"(baseline {BASELINE[name]})",
    )
    assert ratio <= BASELINE[name] * ALLOWED


def test_the_load_is_over_and_everything_still_stands(services, figure):
    for service in services:
        health = service.client.get("/health").json()
        assert health["status"] == "ok", service.name
    # a visitor is never made to wait for an event: under load some may be lost, and are counted
    health = services.frontend.client.get("/health").json()
    figure("events lost under load", str(health["lost_events"]))
