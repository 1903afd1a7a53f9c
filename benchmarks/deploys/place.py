"""A repository of two small services, and what is done to their versions there, by a process of its
own, so that its processor time is devflow's and nobody else's.

`python -m benchmarks.deploys.place FOLDER ACT` does an act that FOLDER's `act.json` describes, and
prints what it took.
"""

import json
import random
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.deploys import service
from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.machine import processes
from devflow.craft.deploy.strategies.blue_green import come_up
from devflow.craft.deploy.strategies.rolling import roll
from devflow.model.declared.environments import EnvironmentSettings, ProxyName
from devflow.model.declared.project import Service
from devflow.ports.deploys import Release

ENVIRONMENT: Final = "benchmark"
SERVICES: Final = ("api", "pages")
REPLICAS: Final = 2
KEEP: Final = 1
ACT_S: Final = 120.0  # s; the longest takes about 6


@dataclass(frozen=True)
class Took:
    """What an act took: ``wall_s`` of the clock; ``own_s`` of devflow's processor time, its start
    included; ``decided_s``, on the machine's clock, when it was about to switch."""

    wall_s: float
    own_s: float
    decided_s: float


class Place:
    """See above; ``proxy`` is what stands in front of the services."""

    def __init__(self, folder: Path, proxy: ProxyName) -> None:
        self._folder = folder
        self._proxy = proxy
        self._root = folder / "repository"
        self._root.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")
        shutil.copy(service.__file__, self._root / "service.py")
        (self._root / ".gitattributes").write_text("version.txt export-ignore\n")
        self.ports = _public_ports()
        self._number = 0

    def act(self, name: str) -> Took:
        """Brings the next version: ``roll`` or ``switch``. Raises ``OSError`` where it fails."""
        self._number += 1
        version = f"v{self._number}"
        (self._root / "version.txt").write_text(version)
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", version)
        told = {
            "root": str(self._root),
            "state": str(self._state),
            "commit": self._git("rev-parse", "HEAD"),
            "version": version,
            "ports": self.ports,
            "proxy": self._proxy,
        }
        (self._folder / "act.json").write_text(json.dumps(told))
        command = (sys.executable, "-m", "benchmarks.deploys.place", str(self._folder), name)
        ended = subprocess.run(command, capture_output=True, text=True, timeout=ACT_S, check=False)
        if ended.returncode:
            raise OSError(f"{name} of {version}: {ended.stderr[-2000:]}")
        return Took(**json.loads(ended.stdout))

    def start_s(self) -> float:
        """How long one of the services takes until it answers, started alone."""
        (port,) = processes.free_ports(1)
        command = (sys.executable, "service.py", str(port))
        begun_s = time.monotonic()
        with subprocess.Popen(command, cwd=self._root) as process:
            try:
                while not processes.taken_by(port):
                    time.sleep(0.005)
                return time.monotonic() - begun_s
            finally:
                process.kill()

    def close(self) -> None:
        """Ends everything."""
        LocalDeploys(self._root, self._state).down(ENVIRONMENT)

    @property
    def _state(self) -> Path:
        return self._folder / "deploys"

    def _git(self, *argv: str) -> str:
        identity = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com")
        command = ("git", *identity, *argv)
        ended = subprocess.run(command, cwd=self._root, check=True, capture_output=True, text=True)
        return ended.stdout.strip()


def _public_ports() -> list[int]:
    """Below those that the system gives out by itself."""
    every = random.sample(range(20000, 32000), 100)
    return [port for port in every if not processes.taken_by(port)][: len(SERVICES)]


def _release(told: dict[str, Any]) -> Release:
    run = ("python", "service.py", "{port}")
    services = {}
    for name, port in zip(SERVICES, told["ports"], strict=True):
        services[name] = Service(path=".", port=port, run=run)
    settings = EnvironmentSettings(replicas=REPLICAS, proxy=told["proxy"])
    return Release(told["commit"], told["version"], services, settings=settings)


def main() -> None:
    """Does the act."""
    folder, act = sys.argv[1:]
    told = json.loads((Path(folder) / "act.json").read_text())
    deploys = LocalDeploys(Path(told["root"]), Path(told["state"]))
    release = _release(told)
    begun_s = decided_s = time.monotonic()
    if act == "roll":
        roll(deploys, ENVIRONMENT, release, KEEP, lambda *_: None)
    else:
        come_up(deploys, ENVIRONMENT, release)
        decided_s = time.monotonic()
        deploys.share(ENVIRONMENT, {release.version: 100})
        deploys.retire(ENVIRONMENT, KEEP)
    used = resource.getrusage(resource.RUSAGE_SELF)
    took = Took(time.monotonic() - begun_s, used.ru_utime + used.ru_stime, decided_s)
    print(json.dumps(asdict(took)))


if __name__ == "__main__":
    main()
