"""Published images run without an engine: the image's own files under namespaces that any user may
make, or under bubblewrap where only that may.

The network is this machine's: a container listens on a free port of it.
"""

import os
import platform as machine
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Iterator

from devflow.adapters.containers import kernel
from devflow.adapters.containers.namespace_run import (
    BUBBLEWRAP,
    BWRAP,
    NAMESPACES,
    POLL_S,
    START_WITHIN_S,
    Run,
    end,
    spawned,
    spec_of,
)
from devflow.adapters.containers.unpacking import unpack
from devflow.adapters.images.store import Store
from devflow.adapters.machine import processes
from devflow.adapters.machine.scratch_folder import ScratchFolder
from devflow.craft.oci.formats import ImageConfig, Manifest, read_config, read_document
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Container, Start
from devflow.ports.registry import RegistryReads

WAYS: Final = (NAMESPACES, BUBBLEWRAP)  # the first that works is taken
NOBODY: Final = 65534
# a program that is not there: its name is said only after all that comes before it has worked
NOTHING: Final = "/devflow-none"
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


class NamespaceContainers:
    """Runs what ``registry`` gives; ``store`` keeps the layers."""

    def __init__(self, store: Store, registry: RegistryReads, ways: tuple[str, ...] = WAYS) -> None:
        self._store = store
        self._registry = registry
        self._ways = ways
        self._scratch = ScratchFolder()

    def runtime(self, platform: str) -> str:
        """Namespaces or bubblewrap. Raises ``Unavailable`` where neither is possible, or where the
        kernel does not run programs of that platform."""
        self._check_platform(platform)
        way = self._way()
        return f"{way}, without an engine, on this machine's network"

    def listening_port(self, port: int) -> int:
        """A free port: the network is this machine's."""
        return processes.free_ports(1)[0]

    @contextmanager
    def started(self, start: Start) -> Iterator[Container]:
        """A container for the time of a block. Raises as the port says."""
        self._check_platform(start.platform)
        way = self._way()
        _check_port(start)
        manifest, config = self._pulled(start)
        folder = Path(tempfile.mkdtemp(dir=self._scratch.path, prefix="container-"))
        try:
            root = folder / "root"
            root.mkdir()
            spec = spec_of(start, config, folder)
            unpack(self._store, manifest, root, start.state, spec["workdir"])
            run = Run(start, spec, folder)
            try:
                run.begin(way)
                yield run
            finally:
                run.remove()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _check_platform(self, platform: str) -> None:
        if sys.platform != "linux":
            hint = "start Docker or Podman"
            raise Unavailable("images run without an engine on Linux alone", hint=hint)
        own = _ARCHITECTURES.get(machine.machine(), machine.machine())
        architecture = platform.split("/")[1]
        if architecture != own and not kernel.runs_here(architecture):
            problem = f"this machine runs linux/{own}, and no qemu is registered for {platform}"
            raise Unavailable(problem, hint="apt-get install qemu-user-static binfmt-support")

    def _way(self) -> str:
        """What works here, tried now on nothing: a program that is installed may be refused what it
        needs."""
        refused = []
        for way in self._ways:
            why_not = _refused(self._scratch.path, way)
            if not why_not:
                return way
            refused.append(f"{way}: {why_not}")
        said = "; ".join(refused) or "they are not wanted"
        problem = f"the kernel gives this user no namespaces: {said}"
        hint = "apt-get install bubblewrap, or start Docker or Podman"
        raise Unavailable(problem, hint=hint)

    def _pulled(self, start: Start) -> tuple[Manifest, ImageConfig]:
        """The image, from the registry: what is in the store of this machine proves nothing."""
        repository = start.repository
        held = self._registry.find(repository, start.image)
        if held is None:
            problem = f"the registry has no {start.image}"
            raise StepFailed(problem, where=repository, hint="publish it again")
        document = read_document(held.body, start.image)
        if not isinstance(document, Manifest):
            raise StepFailed("this is an index, not one platform's image", where=start.image)
        for one in (document.config, *document.layers):
            self._registry.blob(repository, one.digest).close()
        config = read_config(self._store.read(document.config.digest), start.image)
        if config.platform.text != start.platform:
            problem = f"the image of {start.service} for {start.platform} is one for "
            raise StepFailed(f"{problem}{config.platform.text}", where=start.image)
        return document, config


def _check_port(start: Start) -> None:
    """Raises ``Unavailable`` where somebody else would answer in the container's place."""
    taken = processes.taken_by(start.port)
    if taken:
        problem = f"{start.service} would listen on port {start.port}, which {taken} has"
        hint = "say {port} in its image.command, and a free one is found; or start an engine"
        raise Unavailable(problem, where=f"127.0.0.1:{start.port}", hint=hint)


def _refused(folder: Path, way: str) -> str:
    """Why a container cannot be made in one way; empty where it can."""
    if way == BUBBLEWRAP and not shutil.which(BWRAP):
        return "it is not installed"
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        for part in ("proc", "dev", "state"):
            (place / "root" / part).mkdir(parents=True)
        spec = {
            "root": str(place / "root"),
            "state": "/state",
            "uid": NOBODY,
            "gid": NOBODY,
            "workdir": "/",
            # there is nothing to be run: to come so far is enough
            "argv": [NOTHING],
            "env": {},
            "status": str(place / "status"),
            "parent": os.getpid(),
        }
        log = place / "log"
        started = spawned(way, spec, place, log)
        deadline = time.monotonic() + START_WITHIN_S
        while processes.alive(started) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        end(started)
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        return "" if NOTHING in said else said or "no answer"
