"""A repository whose one service runs from an image of a shell, deployed by containers."""

import json
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from devflow.adapters.deploys.chosen import ChosenDeploys
from devflow.adapters.deploys.docker_target import LABEL
from devflow.adapters.deploys.home import Home
from devflow.adapters.images.engine.client import Engines
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.project import ImageSettings, Service
from devflow.model.environments import Environment, Replica
from devflow.model.errors import Unavailable
from devflow.model.images import PublishedImage
from devflow.ports.deploys import Release
from tests.contract.deploys.world import ENV
from tests.contract.images.namespace_world import SHELL
from tests.contract.images.tiny import OTHER, OWN, push
from tests.ports import free_port

SERVE = (
    'mkdir /tmp/www; echo \'{"version": "%s"}\' > /tmp/www/health; echo up as $TOLD; '
    "trap 'exit 0' TERM; httpd -f -p {port} -h /tmp/www & wait"
)

# an engine makes one without a name for each container
VOLUME: dict[str, object] = {"Volumes": {"/cache": {}}}


class Engine:
    """A repository whose one service runs from an image of a shell."""

    def __init__(self, path: Path, engines: Engines, registry: str) -> None:
        self.engines = engines
        self.root = path / "repo"
        self.root.mkdir()
        self.git("init", "-q", "-b", "main")
        self.deploys = ChosenDeploys(self.root, path / "deploys")
        self.home = Home(path / "deploys", ENV)
        self.port = free_port()
        self.settings = EnvironmentSettings(target="docker", replicas=2, memory_mb=64)
        name = f"deployed-{os.getpid()}"
        index, manifests = push(registry, name, "1", (OWN, OTHER), {**SHELL, **VOLUME})
        self.image = PublishedImage(
            service="api",
            repository=f"{registry}/{name}",
            digest=index,
            tags=("1",),
            manifests=manifests,
        )

    def git(self, *argv: str) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        command = ("git", *identity, *argv)
        ended = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True)
        return ended.stdout.strip()

    def release(
        self, version: str, line: str = "", within_s: float = 20.0, **image: Any
    ) -> Release:
        self.git("commit", "-q", "--allow-empty", "-m", version)
        command = (line or SERVE % version,)
        service = Service(
            path=".",
            port=self.port,
            env={"TOLD": "{state}"},
            image=ImageSettings(command=command),
        )
        published = self.image.model_copy(update=image)
        return Release(
            self.git("rev-parse", "HEAD"),
            version,
            {"api": service},
            ready_within_s=within_s,
            digests={"api": published.digest},
            settings=self.settings,
            images=(published,),
        )

    @property
    def kind(self) -> str:
        """Docker's engine or Podman's."""
        found = self.engines.find()
        assert found is not None
        return found.kind

    def served(self) -> object:
        url = f"http://127.0.0.1:{self.port}/health"
        with closing(urllib.request.urlopen(url, timeout=5)) as answer:
            return json.load(answer)["version"]

    @property
    def environment(self) -> Environment:
        environment = self.deploys.environment(ENV)
        assert environment is not None
        return environment

    def replicas(self, version: str) -> tuple[Replica, ...]:
        return next(one.replicas for one in self.environment.held if one.version == version)

    def volumes(self) -> set[str]:
        """Those of this repository's containers."""
        mark = self.home.marker("", "").partition(":")[0]
        with self.engines.connected() as client:
            every = client.containers(all=True, filters={"label": LABEL})
            own = [one for one in every if one["Labels"][LABEL].startswith(mark)]
            mounts = [
                mount for one in own for mount in client.inspect_container(one["Id"])["Mounts"]
            ]
        return {mount["Name"] for mount in mounts if mount["Type"] == "volume"}

    def left(self) -> list[object]:
        """Containers and networks of this repository."""
        mark = self.home.marker("", "").partition(":")[0]
        with self.engines.connected() as client:
            every = client.containers(all=True, filters={"label": LABEL})
            containers = [one for one in every if one["Labels"][LABEL].startswith(mark)]
            networks = client.networks(filters={"label": LABEL})
        return [*containers, *(one for one in networks if one["Labels"][LABEL].startswith(mark))]

    def with_digest(self, release: Release, digest: str) -> Release:
        """The release as a run remembers it whose image was another."""
        return replace(release, digests={"api": digest})

    def when_started(self, version: str, act: Callable[[], None]) -> threading.Thread:
        """Acts once a container of the version runs, whatever devflow does meanwhile."""
        marks = tuple(self.home.marker(version, f"api.{index}") for index in (1, 2))

        def wait() -> None:
            with self.engines.connected() as client:
                while not any(
                    one["Labels"][LABEL] in marks
                    for one in client.containers(filters={"label": LABEL})
                ):
                    time.sleep(0.02)
            act()

        watcher = threading.Thread(target=wait, daemon=True)
        watcher.start()
        return watcher


def brought_down(engine: Engine) -> None:
    """Ends it, and nothing may be left."""
    with suppress(Unavailable):
        volumes = engine.volumes()
        engine.deploys.down(ENV)
        assert engine.left() == []
        with engine.engines.connected() as client:
            there = {one["Name"] for one in client.volumes()["Volumes"] or ()}
        assert not volumes & there
