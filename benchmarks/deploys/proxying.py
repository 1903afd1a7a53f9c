"""`python -m benchmarks.deploys.proxying [--seconds S] [--rounds N] [--million]`: our forwarder
beside haproxy, one core each, connections kept, in front of the same backend.

Ratios and differences of one run, medians of rounds in which both take turns. What loads and what
answers share the other core. Processor time is that of what serves; what reads haproxy's log beside
it is shown by itself.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from benchmarks.deploys import wrk
from benchmarks.serving.commands import pinned
from devflow.adapters.machine import processes
from devflow.adapters.proxy.local import LocalProxy
from devflow.adapters.proxy.port import Backend, Kind, Route, Table

PROXY_CORE: Final = 0
LOAD_CORE: Final = 1
BUSY: Final = 16  # connections that keep a proxy busy all the time
MILLION: Final = 1_000_000
P50_BAR_MS: Final = 0.1  # beyond haproxy's, at one connection
HALF_BAR_MS: Final = 0.3  # beyond haproxy's, each at half its own greatest load
PROCESSOR_BAR: Final = 2.0  # times haproxy's processor time a request
CANNOT: Final = 5
BACKEND: Final = """
defaults
    mode http
    timeout client 1h
    timeout http-keep-alive 1h
frontend answer
    bind 127.0.0.1:{port}
    http-request return status 200 content-type text/plain string price-12345
"""


@dataclass
class Contender:
    """One proxy, started, and what was measured of it: a figure for each round."""

    kind: Kind
    proxy: LocalProxy
    url: str
    p50_ms: list[float] = field(default_factory=list)
    half_p50_ms: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)
    processor_us: list[float] = field(default_factory=list)
    beside_us: list[float] = field(default_factory=list)
    requests: int = 0
    errors: int = 0

    def pin(self) -> None:
        """Keeps all that serves on one core."""
        for one in self._serving():
            one.cpu_affinity([PROXY_CORE])

    def processor_s(self) -> tuple[float, float]:
        """The processor time, in s, of what serves, and of its keeper."""
        keeper = self._keeper()
        return sum(map(_processor_s, self._serving())), _processor_s(keeper)

    def take(self, load: wrk.Load) -> wrk.Load:
        """Counts a load."""
        self.requests += load.requests
        self.errors += load.errors
        return load

    def _keeper(self) -> psutil.Process:
        running = self.proxy.process()
        assert running is not None
        return psutil.Process(running.pid)

    def _serving(self) -> list[psutil.Process]:
        return self._keeper().children(recursive=True)


def main() -> int:
    """Measures and prints; 1 where a bar is missed, 5 where it cannot be measured here."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as name:
        try:
            return _measured(Path(name), options)
        except (OSError, ValueError) as error:
            print(f"error: {error}")
            return CANNOT


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deploys.proxying")
    parser.add_argument("--seconds", type=int, default=4, help="of each load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--million", action="store_true", help="also 1,000,000 requests of ours")
    return parser.parse_args()


def _measured(root: Path, options: argparse.Namespace) -> int:
    (port,) = processes.free_ports(1)
    config = root / "backend.cfg"
    config.write_text(BACKEND.format(port=port))
    program = shutil.which("haproxy")
    if program is None:
        raise OSError("haproxy is not installed: apt-get install haproxy")
    command = pinned(LOAD_CORE, [program, "-q", "-f", str(config)])
    with subprocess.Popen(command) as backend:
        contenders: list[Contender] = []
        try:
            contenders = [_started(root, kind, port) for kind in ("own", "haproxy")]
            for number in range(options.rounds):
                print(f"round {number + 1} of {options.rounds}", flush=True)
                for contender in contenders:
                    _measure(contender, root, options.seconds)
            if options.million:
                _endure(contenders[0], options.seconds)
        finally:
            for contender in contenders:
                contender.proxy.stop()
            backend.terminate()
    return _shown(*contenders)


def _started(root: Path, kind: Kind, backend_port: int) -> Contender:
    (port,) = processes.free_ports(1)
    proxy = LocalProxy(root / kind, f"bench-{os.getpid()}-{kind}:benchmark::proxy", kind)
    backend = Backend(id="answer", port=backend_port, version="1", weight_pct=100)
    proxy.apply(Table(ports={port: Route(service="answer", backends=(backend,))}))
    contender = Contender(kind, proxy, f"http://127.0.0.1:{port}/")
    contender.pin()
    return contender


def _measure(contender: Contender, root: Path, seconds: int) -> None:
    single = contender.take(wrk.run(contender.url, LOAD_CORE, 1, seconds))
    contender.p50_ms.append(single.p50_ms)
    before_s, beside_before_s = contender.processor_s()
    busy = contender.take(wrk.run(contender.url, LOAD_CORE, BUSY, seconds))
    after_s, beside_after_s = contender.processor_s()
    contender.per_s.append(busy.per_s)
    contender.processor_us.append((after_s - before_s) / busy.requests * 1e6)
    contender.beside_us.append((beside_after_s - beside_before_s) / busy.requests * 1e6)
    # each connection waits so that all together ask half as often
    wait_ms = BUSY / (busy.per_s / 2) * 1000 - busy.p50_ms
    script = root / "half.lua"
    script.write_text(f"function delay() return {max(1, round(wait_ms))} end\n")
    half = contender.take(wrk.run(contender.url, LOAD_CORE, BUSY, seconds, script))
    contender.half_p50_ms.append(half.p50_ms)


def _endure(contender: Contender, seconds: int) -> None:
    asked = 0
    while asked < MILLION:
        asked += contender.take(wrk.run(contender.url, LOAD_CORE, BUSY, seconds)).requests
        print(f"{asked:,} of {MILLION:,} requests, {contender.errors} errors", flush=True)


def _shown(ours: Contender, haproxy: Contender) -> int:
    for one in (ours, haproxy):
        print(
            f"{one.kind:8} p50 {median(one.p50_ms):.3f} ms at 1 connection, "
            f"{median(one.half_p50_ms):.3f} ms at half load; {median(one.per_s):,.0f} requests/s; "
            f"processor {median(one.processor_us):.1f} us a request "
            f"(beside it {median(one.beside_us):.1f}); "
            f"{one.errors} errors in {one.requests:,} requests"
        )
    single_ms = median(ours.p50_ms) - median(haproxy.p50_ms)
    half_ms = median(ours.half_p50_ms) - median(haproxy.half_p50_ms)
    processor = median(ours.processor_us) / median(haproxy.processor_us)
    bars = (
        (f"p50 at 1 connection: haproxy's {single_ms:+.3f} ms", single_ms, P50_BAR_MS),
        (f"p50 at half load: haproxy's {half_ms:+.3f} ms", half_ms, HALF_BAR_MS),
        (f"processor time a request: {processor:.2f} x haproxy's", processor, PROCESSOR_BAR),
        (f"errors: {ours.errors}", ours.errors, 0),
    )
    for text, measured, bar in bars:
        print(f"{'ok  ' if measured <= bar else 'MISS'} {text} (bar {bar:g})")
    return int(any(measured > bar for _, measured, bar in bars))


def _processor_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    sys.exit(main())
