"""The port ``Proxy`` by processes of this machine: a keeper that holds the public ports, and its
worker, haproxy or ours.

All that is kept is in one folder. What is asked of the proxy stands in its table's file; what it
has taken and counted it writes beside it.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any, Final

import psutil

from devflow.adapters.machine import private, processes
from devflow.adapters.machine.processes import MARKER, Process
from devflow.adapters.proxy import places
from devflow.adapters.proxy.figures import tallies
from devflow.adapters.proxy.figures.tallies import Reading, Record
from devflow.adapters.proxy.port import BackendFigures, Figures, Kind, RouteFigures, Table
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed, StorageFailed, Unavailable

# s; a proxy starts in 0.2 s, and takes another table in 2 ms, where the machine is not busy
TAKEN_WITHIN_S: Final = 15.0
FOLLOWED_WITHIN_S: Final = 2.0  # s; a killed keeper's spare is there within 0.1 s
ASK_EVERY_S: Final = 0.002
FOLLOWED_EVERY_S: Final = 0.02
ROUNDS: Final = 3  # of ending: what follows a keeper may have begun meanwhile
LOG: Final = "proxy.log"
KEPT_BY: Final = "keeper.json"
KIND_AT: Final = 5  # its place in a keeper's command line


class LocalProxy:
    """The proxy of one environment; ``marker`` is what its processes carry as ``MARKER``, of the
    form ``repository:environment::proxy``. One that runs serves on as the kind that it is where
    ``auto`` is asked for; where another kind is named it is stopped first."""

    def __init__(self, folder: Path, marker: str, kind: Kind = "auto") -> None:
        self._folder = folder
        self._marker = marker
        self._kind = kind

    @property
    def log(self) -> Path:
        """What its processes print."""
        return self._folder / LOG

    def apply(self, table: Table) -> None:
        """See the port. Raises ``Unavailable`` where haproxy is named and not installed."""
        running = self._settled()
        if running and self._is_another(running):
            self.stop()
            running = None
        text = table.model_dump_json()
        generation = hashlib.sha256(text.encode()).hexdigest()[:16]
        if running and self._taken() == (generation, ""):
            return
        self._refuse_stopped()
        before = self._table_text() if running else ""
        self._refuse_taken(table, before)
        self._replace(json.dumps({"generation": generation, "table": json.loads(text)}))
        problem = self._hand_over(running, generation)
        if problem:
            if before:
                self._replace(before)
                self._hand_over(self._settled(), json.loads(before)["generation"])
            else:
                self.stop()
            raise StepFailed(problem, where=str(self.log), hint=command_line("ship"))

    def figures(self) -> Figures | None:
        """See the port."""
        reading = tallies.read(self._folder / places.TALLIES)
        return None if reading is None else _figures(reading)

    def process(self) -> Process | None:
        """See the port."""
        recorded = self._recorded()
        if recorded is not None and self._is_ours(recorded):
            return recorded
        return processes.find(self._marker)

    def is_there(self) -> bool:
        """See the port."""
        return self.process() is not None or bool(self._left_over())

    def keepers_lost(self) -> int:
        """How often a keeper was killed, and followed by another."""
        reading = tallies.read(self._folder / places.TALLIES)
        return reading.keepers_lost if reading else 0

    def stopped_pid(self) -> int:
        """The keeper's, where a signal has stopped it; else 0."""
        running = self.process()
        return running.pid if running and processes.is_stopped(running) else 0

    def unheld_s(self) -> float:
        """How long nobody held the public ports when this keeper began, since the one before and
        its copy had been killed; 0 where that was not so."""
        return float(self._told().get("unheld_s", 0.0))

    def stop(self) -> None:
        """See the port. What a killed keeper left is ended too, whoever follows it meanwhile."""
        processes.end([self.process()])
        for _ in range(ROUNDS):
            processes.end(self._left_over())

    def _settled(self) -> Process | None:
        """The keeper; of one that was killed a moment ago the one that follows it."""
        deadline = time.monotonic() + FOLLOWED_WITHIN_S
        running = self.process()
        while running is None and self._left_over() and time.monotonic() < deadline:
            time.sleep(FOLLOWED_EVERY_S)
            running = self.process()
        if running is not None and running != self._recorded():
            self._record(running)
        return running

    def _record(self, running: Process) -> None:
        private.write_text(self._folder / KEPT_BY, running.model_dump_json())

    def kind(self) -> str:
        """Which proxy runs, ``own`` or ``haproxy``; empty where none does."""
        running = self.process()
        return self._kind_of(running) if running else ""

    def _hand_over(self, running: Process | None, generation: str) -> str:
        """Tells the keeper, or starts one, and waits until the table is taken; answers what was
        the matter."""
        if running:
            processes.nudge(running)
        else:
            running = self._start()
        deadline = time.monotonic() + TAKEN_WITHIN_S
        while True:
            taken, problem = self._taken()
            if taken == generation:
                return problem
            if not processes.alive(running):
                # the one that follows takes the table by itself
                running = self._settled()
                if running is None:
                    return f"the proxy ended: {self._last_line()}"
            if time.monotonic() > deadline:
                return f"the proxy did not take its table within {TAKEN_WITHIN_S:.0f} s"
            time.sleep(ASK_EVERY_S)

    def _start(self) -> Process:
        (self._folder / places.TAKEN).unlink(missing_ok=True)
        kind, extra = self._chosen()
        # ended by the keeper once it can have their ports at once: until then they serve
        left = [str(one.pid) for one in self._left_over()]
        keeper = (str(places.KEEPER), str(self._folder), kind, extra, *left)
        argv = (sys.executable, "-I", "-S", *keeper)
        running = processes.spawn(argv, self._folder, self.log, {MARKER: self._marker})
        self._record(running)
        return running

    def _chosen(self) -> tuple[str, str]:
        """The kind, and the place of what it needs."""
        haproxy = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/sbin")
        if self._kind == "own" or (self._kind == "auto" and not haproxy):
            found = importlib.util.find_spec("uvloop")
            return "own", str(Path(found.origin).parents[1]) if found and found.origin else ""
        if not haproxy:
            hint = "install haproxy, or set proxy: auto"
            raise Unavailable("haproxy is not installed", where="proxy: haproxy", hint=hint)
        return "haproxy", haproxy

    def _is_another(self, running: Process) -> bool:
        """Whether it is of another kind than the one that is named. One that is killed in this
        moment is of none, and is followed by its like."""
        kind = self._kind_of(running)
        return bool(kind) and self._kind not in ("auto", kind)

    def _kind_of(self, running: Process) -> str:
        try:
            return psutil.Process(running.pid).cmdline()[KIND_AT]
        except (psutil.Error, IndexError):
            return ""

    def _recorded(self) -> Process | None:
        try:
            return Process.model_validate_json((self._folder / KEPT_BY).read_bytes())
        except (OSError, ValueError):
            return None

    def _is_ours(self, process: Process) -> bool:
        """A copied folder tells of the first one's process."""
        try:
            return (
                processes.alive(process)
                and psutil.Process(process.pid).environ().get(MARKER) == self._marker
            )
        except psutil.Error:
            return False

    def _left_over(self) -> list[Process]:
        """Workers that serve on without a keeper."""
        return processes.carrying((self._marker,))

    def _taken(self) -> tuple[str, str]:
        told = self._told()
        return told.get("generation", ""), told.get("problem", "")

    def _told(self) -> dict[str, Any]:
        """What the keeper says of itself."""
        try:
            told = json.loads((self._folder / places.TAKEN).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _table_text(self) -> str:
        try:
            return (self._folder / places.TABLE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _refuse_stopped(self) -> None:
        pid = self.stopped_pid()
        if pid:
            problem = f"what holds the public ports is stopped, pid {pid}: it takes no other table"
            raise StepFailed(problem, where=str(self.log), hint=f"let it go on: kill -CONT {pid}")

    def _refuse_taken(self, table: Table, before: str) -> None:
        held = set(json.loads(before)["table"]["ports"]) if before else set()
        left = [] if before else self._left_over()
        for port in table.ports:
            owner = "" if str(port) in held else processes.taken_by(port)
            # a worker without a keeper is ended for the next one
            if owner and not any(processes.listens(one, port) for one in left):
                hint = "end it, or set another port_offset (or the service's port) in pipeline.yaml"
                problem = f"port {port} is taken by {owner}"
                raise StepFailed(problem, where=f"{places.HOST}:{port}", hint=hint)

    def _replace(self, text: str) -> None:
        beside = self._folder / f"{places.TABLE}.part"
        try:
            private.make_folder(self._folder)
            with open(beside, "w", encoding="utf-8", opener=private.opener) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._folder / places.TABLE)
        except OSError as error:
            problem = f"the proxy's table cannot be kept: {error}"
            hint = f"free some space, then: {command_line('ship')}"
            raise StorageFailed(problem, where=str(beside), hint=hint) from error

    def _last_line(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it printed nothing"
        return lines[-1] if lines else "it printed nothing"


def _figures(reading: Reading) -> Figures:
    backends = [_backend(record) for record in reading.records if record.key[1]]
    routes = [_route(record) for record in reading.records if not record.key[1]]
    return Figures(
        began_s=reading.began_s,
        worker_starts=reading.worker_starts,
        backends=tuple(backends),
        routes=tuple(routes),
    )


def _backend(record: Record) -> BackendFigures:
    port, backend, version = record.key
    return BackendFigures(
        public_port=port,
        id=backend,
        version=version,
        since_s=record.since_s,
        requests=record[tallies.REQUESTS],
        answered_5xx=record[tallies.ANSWERED_5XX],
        aborted=record[tallies.ABORTED],
        while_draining=record[tallies.WHILE_DRAINING],
        connect_failed=record[tallies.CONNECT_FAILED],
        client_gone=record[tallies.CLIENT_GONE],
        synthetic=record[tallies.SYNTHETIC],
        in_flight=record[tallies.IN_FLIGHT],
        latency_buckets=record.histogram,
    )


def _route(record: Record) -> RouteFigures:
    refused = record[tallies.REFUSED]
    unserved = record[tallies.UNSERVED]
    return RouteFigures(public_port=record.key[0], refused=refused, unserved=unserved)
