"""The three services as real processes on free ports; one that dies or does not answer is a
failure, never a skip.

One set serves the whole session. It runs from a copy of the code in which nothing may change, and
cannot import what only training needs; `test_the_end.py`, the last file, ends it.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import pytest

from services.version import SERVICES

# s until a service must answer: only what hangs takes so long, however crowded the machine
READY_S = 60.0
IDLE_S = 2.0  # s until a connection is left: a service ends it after 5 s, maybe amid a request
STOP_S = 20.0  # s until a service must have ended; it promises 1 s
TRAINING_ONLY = ("xgboost", "numpy", "scipy")


class Service:
    """A running service: its process, its address, a client, and what start and end took."""

    stop_s = None

    def __init__(self, name, logs, environment, root, *options):
        self.name = name
        started_s = time.monotonic()
        command = [sys.executable, "-B", "-m", f"services.{name}", "--port", "0", *options]
        self._log = logs / f"{name}.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.url = self.process.stdout.readline().partition(": ")[2].strip()
        kept = httpx.Limits(keepalive_expiry=IDLE_S)
        self.client = httpx.Client(base_url=self.url, trust_env=False, limits=kept)
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - started_s > READY_S:
                self.stop()
                log = self._log.read_text()
                pytest.fail(f"{name} ended or did not answer within {READY_S} s: {log}")
            time.sleep(0.05)
        times = psutil.Process(self.process.pid).cpu_times()
        self.start_s = time.monotonic() - started_s
        self.start_cpu_s = times.user + times.system

    def _answers(self):
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def must_live(self):
        """Fail the test, with the service's last words, if it has ended by itself."""
        code = self.process.poll()
        if code is not None and self.stop_s is None:
            last_words = self._log.read_text()[-2000:] or "it said nothing"
            pytest.fail(f"{self.name} died with exit code {code}: {last_words}")

    def stop(self):
        """End the process by SIGTERM, its client's connection open; return its exit code."""
        began_s = time.monotonic()
        self.process.terminate()
        try:
            code = self.process.wait(STOP_S)
            self.stop_s = self.stop_s or time.monotonic() - began_s
            return code
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.client.close()


class Services(NamedTuple):
    """The three services, wired to each other."""

    backend: Service
    frontend: Service
    docs: Service


class Code(NamedTuple):
    """A copy of the services' code: its folder, and all its paths before anything ran."""

    root: Path
    paths: list

    def now(self):
        """Return all its paths as they are now."""
        return sorted(self.root.rglob("*"))


@pytest.fixture(scope="session")
def code(tmp_path_factory):
    """Return the copy of the code that the services run from."""
    root = tmp_path_factory.mktemp("code")
    shutil.copytree(SERVICES, root / "services", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs").mkdir()
    text = "# Requirements\n\nWhat the ticket [asks for](#nothing).\n"
    (root / "docs" / "requirements.md").write_text(text)
    return Code(root, sorted(root.rglob("*")))


@pytest.fixture(scope="session")
def start(code, environment, tmp_path_factory):
    """Return a function that starts a service by name and options; all end with the session."""
    logs = tmp_path_factory.mktemp("logs")
    started = []

    def run(name, *options):
        started.append(Service(name, logs, environment, code.root, *options))
        return started[-1]

    try:
        yield run
    finally:
        for service in started:
            service.stop()


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """Return the environment of the services, where what only training needs cannot be imported."""
    refusing = tmp_path_factory.mktemp("refusing")
    for name in TRAINING_ONLY:
        (refusing / f"{name}.py").write_text('raise ImportError("for training only")\n')
    folders = [str(refusing), os.environ.get("PYTHONPATH")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}


@pytest.fixture(scope="session")
def services(start, tmp_path_factory):
    """Return the three running services."""
    database = tmp_path_factory.mktemp("state") / "carprice.sqlite3"
    with ThreadPoolExecutor() as threads:
        docs = threads.submit(start, "docs")
        backend = start("backend", "--database", str(database))
        frontend = start("frontend", "--backend-url", backend.url)
        return Services(backend, frontend, docs.result())


@pytest.fixture(autouse=True)
def nobody_dies(services):
    """Fail each test before and during which a service has died, whatever it is about."""
    for service in services:
        service.must_live()
    yield
    for service in services:
        service.must_live()


@pytest.fixture(scope="session")
def phone(browser):
    """Return a real browser's window of a phone's size that runs no script."""
    size = {"width": 390, "height": 844}
    return browser.new_page(
        java_script_enabled=False, viewport=size, is_mobile=True, has_touch=True
    )


@pytest.fixture
def frontend(services):
    """Return a client of the web page that is a new visitor."""
    with httpx.Client(base_url=services.frontend.url, trust_env=False) as client:
        yield client


@pytest.fixture
def events(services):
    """Return a function that gives a visitor's sorted (feature, action) pairs, once there are
    `count` of them.

    Events are handed on after the answer is out, so those of two requests may overtake each other.
    """

    def recorded(visitor, count):
        deadline_s = time.monotonic() + 30
        while True:
            log = services.backend.client.get("/api/v1/events?limit=10000").json()["events"]
            own = [each for each in log if each["visitor"] == visitor]
            if len(own) >= count or time.monotonic() > deadline_s:
                return sorted((each["feature"], each["action"]) for each in own)
            time.sleep(0.02)

    return recorded


@pytest.fixture(scope="session")
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
