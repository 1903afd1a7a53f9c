"""The three services as real processes on free ports; one that dies or does not answer is a failure, never a skip."""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
READY_S = 10.0  # s until a service must answer; reference step 23 aims at 5 s, and a loaded machine gets twice that
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Service:
    """A running service: its process, its address, a client of it, and how long it took to answer."""

    def __init__(self, name, logs, *options, root=ROOT):
        started_s = time.monotonic()
        command = [sys.executable, "-B", "-m", f"services.{name}", "--port", "0", *options]
        self._log = logs / f"{name}-{time.monotonic_ns()}.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self.process.stdout.readline().partition(": ")[2].strip()
        assert self.url, f"{name} did not start: {self._log.read_text()}"
        self.client = httpx.Client(base_url=self.url, trust_env=False)
        while not self._answers():
            assert self.process.poll() is None, f"{name} died: {self._log.read_text()}"
            assert time.monotonic() - started_s < READY_S, f"{name} did not answer within {READY_S} s"
            time.sleep(0.05)
        self.start_s = time.monotonic() - started_s

    def _answers(self):
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self):
        """End the process by SIGTERM; return its exit code."""
        self.client.close()
        self.process.terminate()
        try:
            return self.process.wait(timeout=10)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


class Services(NamedTuple):
    """The three services, wired to each other."""

    backend: Service
    frontend: Service
    docs: Service


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """Return a function that starts a service; whatever it started is ended with the session."""
    logs, started = tmp_path_factory.mktemp("logs"), []

    def start_one(name, *options, root=ROOT):
        started.append(Service(name, logs, *options, root=root))
        return started[-1]

    yield start_one
    for service in started:
        service.process.terminate()  # all at once, so that they end side by side
    for service in started:
        service.stop()


@pytest.fixture(scope="session")
def services(start, tmp_path_factory):
    """Return the three running services."""
    backend = start("backend", "--database", str(tmp_path_factory.mktemp("state") / "carprice.sqlite3"))
    with ThreadPoolExecutor() as threads:
        docs = threads.submit(start, "docs")
        return Services(backend, start("frontend", "--backend-url", backend.url), docs.result())


@pytest.fixture
def frontend(services):
    """Return a client of the web page that is a new visitor."""
    with httpx.Client(base_url=services.frontend.url, trust_env=False) as client:
        yield client


@pytest.fixture
def events(services):
    """Return a function that gives a visitor's sorted (feature, action) pairs, once there are `count` of them.

    Events are handed on after the answer is out, so those of two requests may overtake each other.
    """

    def recorded(visitor, count):
        deadline_s = time.monotonic() + 5
        while True:
            found = services.backend.client.get("/api/v1/events?limit=10000").json()["events"]
            pairs = sorted((each["feature"], each["action"]) for each in found if each["visitor"] == visitor)
            if len(pairs) >= count or time.monotonic() > deadline_s:
                return pairs
            time.sleep(0.02)

    return recorded


@pytest.fixture(scope="session")
def browser():
    """Return a real browser, or skip."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    if not found:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found[0], args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def car():
    """Return a valid car, as a form sends it."""
    return {
        "segment": "compact",
        "fuel": "petrol",
        "gearbox": "manual",
        "age_years": "5",
        "mileage_km": "60000",
        "power_kw": "95",
    }
