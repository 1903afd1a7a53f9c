"""Runs replicas as containers of an engine, Docker's or Podman's, from the published images by
their digests.

Each has a name made of its mark, by which one that was started and not recorded is found. The
engine starts one again that ends by itself. Docker's has to bring back, too, what it ended as it
was restarted itself, and that policy knows no bound but a wait that grows to a minute. Podman has
no engine to be restarted, waits for nothing, and so gets a supervisor's bound.

What a container is passed as a secret the engine keeps with it, and shows to whoever may ask it.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Iterable

import docker  # type: ignore[import-untyped]

from devflow.adapters.containers.docker import MIB, PIDS, inspected, own_platform
from devflow.adapters.containers.pulling import pulled
from devflow.adapters.deploys import commands, supervise
from devflow.adapters.deploys.docker_told import told_of
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.state import Deployment, Slot
from devflow.adapters.deploys.target import Told
from devflow.adapters.images.engine.client import SILENT, Engines, asking
from devflow.adapters.machine import private
from devflow.adapters.machine.children import Processes
from devflow.adapters.masking.secrets import Mask
from devflow.model.bounds.commands import argv_of, fill_in, text_of
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Start

LABEL: Final = "devflow.deploy"  # whose container or network it is: the mark of a replica
STATE: Final = "/state"
GRACE_S: Final = 5  # s between the image's signal and SIGKILL, as a process gets
CALL_S: Final = 30.0  # s of one call to the engine
LOG_SIZE: Final = "10m"  # of a container's output, twice
LINES: Final = 2000  # of what is shown of it
TEMPORARY: Final = {"/tmp": "rw,nosuid,nodev,mode=1777,size=64m"}  # nosec B108


@dataclass(frozen=True)
class DockerTarget:
    """The target ``docker`` of one environment."""

    home: Home
    engines: Engines

    name = "docker"

    def prepare(self, deployment: Deployment) -> None:
        """See ``Target``. Raises ``Unavailable`` where no engine answers."""
        with self.engines.connected() as client:
            for service in deployment.services:
                pulled(client, self._start(client, deployment, service))
            self._network(client)

    def run_before(
        self, deployment: Deployment, service: str, mask: Mask, running: Processes
    ) -> None:
        """See ``Target``: in a container of the service's image."""
        declared = deployment.services[service]
        slot = Slot(service=service, index=0, port=0)
        with self.engines.connected(declared.before_timeout_s + CALL_S) as client:
            name = self._create(client, deployment, slot, argv_of(declared.before))
            try:
                client.start(name)
                code = client.wait(name, timeout=declared.before_timeout_s)["StatusCode"]
                text = mask(client.logs(name).decode("utf-8", "replace"))
            finally:
                client.remove_container(name, v=True, force=True)
        log = self.home.log(deployment.version, f"{service}.before")
        private.make_folder(log.parent)
        private.write_text(log, text)
        if code != 0:
            what = f"{text_of(declared.before)}, which has to run before {service}, ended with"
            problem = f"{what} {code}{commands.last_lines(text)}"
            hint = f"mend it, then: {command_line('ship')}"
            raise StepFailed(problem, where=str(log), hint=hint)

    def start(self, deployment: Deployment, slot: Slot) -> Slot:
        """See ``Target``. What is left of one of its name is taken away first."""
        image = deployment.services[slot.service].image
        command = argv_of(image.command) if image else ()
        with self.engines.connected(CALL_S) as client:
            name = self._create(client, deployment, slot, command)
            try:
                client.start(name)
            except docker.errors.APIError as error:
                problem = f"{slot.service} cannot be started: {error.explanation or error}"
                raise StepFailed(problem, where=name) from error
        return slot.model_copy(update={"container": name})

    def found(self, deployment: Deployment, slot: Slot) -> Slot:
        """See ``Target``."""
        name = self._name(deployment, slot)
        return slot.model_copy(update={"container": name if self._inspect(name) else ""})

    def told(self, deployment: Deployment, slot: Slot) -> Told:
        """See ``Target``. An engine that does not answer says nothing, and that is told."""
        try:
            found = self._inspect(self._name(deployment, slot))
        except Unavailable as error:
            return Told(is_alive=False, problem=error.message)
        if not found:
            return Told(is_alive=False, problem="its container is gone")
        return told_of(found)

    def listens(self, slot: Slot) -> bool:
        """See ``Target``: the engine holds the port for this container."""
        found = self._inspect(slot.container) if slot.container else None
        ports = (found or {}).get("NetworkSettings", {}).get("Ports") or {}
        bound = [one for ones in ports.values() for one in ones or ()]
        return any(one.get("HostPort") == str(slot.port) for one in bound)

    def end(self, deployment: Deployment, slots: Iterable[Slot]) -> None:
        """See ``Target``."""
        names = [self._name(deployment, slot) for slot in slots]
        if not names:
            return
        with self.engines.connected(CALL_S) as client, ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(lambda name: _end(client, name), names))

    def log(self, deployment: Deployment, slot: Slot) -> str:
        """See ``Target``."""
        with self.engines.connected(CALL_S) as client:
            with suppress(docker.errors.NotFound):
                printed: bytes = client.logs(self._name(deployment, slot), tail=LINES)
                return printed.decode("utf-8", "replace")
        return ""

    def printed(self, deployment: Deployment, slot: Slot) -> str:
        """See ``Target``."""
        return self.log(deployment, slot)

    def log_place(self, deployment: Deployment, slot: Slot) -> str:
        """See ``Target``: what a person types."""
        engine = self.engines.find()
        return f"{engine.kind if engine else 'docker'} logs {self._name(deployment, slot)}"

    def forget(self, deployment: Deployment) -> None:
        """See ``Target``. The image stays where another version of here has it too."""
        self.home.forget(deployment.version)
        state = self.home.load()
        others = [one for one in state.held if one.version != deployment.version] if state else []
        kept: set[str] = set()
        for other in others:
            for image in other.images:
                kept.update(image.manifests.values())
        with suppress(Unavailable), closing(self.engines.client(CALL_S)) as client:
            for image in deployment.images:
                for digest in image.manifests.values():
                    if digest not in kept:
                        with suppress(*SILENT):
                            client.remove_image(f"{image.repository}@{digest}")

    def leave(self) -> None:
        """See ``Target``."""
        with self.engines.connected(CALL_S) as client, suppress(docker.errors.NotFound):
            client.remove_network(self._network_name)

    def _inspect(self, name: str) -> dict[str, Any] | None:
        with self.engines.connected(CALL_S) as client:
            try:
                return inspected(client, name)
            except docker.errors.NotFound:
                return None

    def _start(self, client: Any, deployment: Deployment, service: str) -> Start:
        """Where the image of a service lies. Raises ``StepFailed`` where there is none for this
        engine."""
        published = deployment.image(service)
        where = f"project.services.{service}.image"
        if published is None:
            problem = f"{service} has no published image, which target: docker runs"
            raise StepFailed(problem, where=where, hint="have the entries images and publish")
        digest = deployment.digests.get(published.service, published.digest)
        if digest != published.digest:
            problem = f"the image of {service} was published anew since: {published.digest}"
            raise StepFailed(problem, where=f"{published.repository}@{digest}")
        platform = own_platform(client)
        if platform not in published.manifests:
            there = ", ".join(published.manifests) or "none"
            problem = f"the image of {service} is for {there}, and the engine runs {platform}"
            raise StepFailed(problem, where=where, hint=f"set image.platforms: [{platform}]")
        manifest = published.manifests[platform]
        port = deployment.services[service].port
        return Start(service, published.repository, manifest, platform, port)

    def _create(
        self, client: Any, deployment: Deployment, slot: Slot, command: tuple[str, ...]
    ) -> str:
        start = self._start(client, deployment, slot.service)
        image = pulled(client, start)
        name = self._name(deployment, slot)
        with suppress(docker.errors.NotFound):
            client.remove_container(name, v=True, force=True)
        values = self._values(deployment, slot.service)
        client.create_container(
            str(image["Id"]),
            name=name,
            command=[fill_in(word, values) for word in command] or None,
            environment=self._variables(deployment, slot, values),
            ports=[start.port],
            host_config=self._host_config(client, deployment, slot, start.port),
            networking_config=self._networking(client, deployment, slot),
            labels={LABEL: self.home.marker(deployment.version, slot.name)},
            # asked by us, of this very version
            healthcheck={"test": ["NONE"]},
        )
        return name

    def _host_config(self, client: Any, deployment: Deployment, slot: Slot, port: int) -> Any:
        data = self.home.data(slot.service)
        private.make_folder(data)
        # whoever the image runs as; nobody else comes by its parents
        data.chmod(0o1777)
        memory_mb = deployment.settings.memory_mb
        limit_bytes = int(memory_mb * MIB) if memory_mb else None
        return client.create_host_config(
            port_bindings={port: ("127.0.0.1", slot.port)} if slot.port else None,
            binds={str(Path(data).resolve()): {"bind": STATE, "mode": "rw"}},
            read_only=True,
            tmpfs=TEMPORARY,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=limit_bytes,
            memswap_limit=limit_bytes,
            pids_limit=PIDS,
            restart_policy=self._restart_policy if slot.port else None,
            log_config={"Type": "json-file", "Config": {"max-size": LOG_SIZE, "max-file": "2"}},
        )

    @cached_property
    def _restart_policy(self) -> dict[str, Any]:
        # asked once: Podman may take seconds to say what it is
        engine = self.engines.find()
        if engine and engine.kind == "podman":
            return {"Name": "on-failure", "MaximumRetryCount": supervise.RESTARTS}
        return {"Name": "unless-stopped"}

    def _networking(self, client: Any, deployment: Deployment, slot: Slot) -> Any:
        aliases = [self._alias(deployment, slot.service)] if slot.port else []
        endpoint = client.create_endpoint_config(aliases=aliases)
        return client.create_networking_config({self._network(client): endpoint})

    def _network(self, client: Any) -> str:
        """The environment's own network, made where it is not there."""
        if not client.networks(names=[self._network_name]):
            client.create_network(
                self._network_name,
                driver="bridge",
                check_duplicate=True,
                labels={LABEL: self._network_mark},
            )
        return self._network_name

    def _variables(
        self, deployment: Deployment, slot: Slot, values: dict[str, str]
    ) -> dict[str, str]:
        declared = deployment.services[slot.service]
        settings = deployment.settings
        told = {**declared.env, **settings.env}
        own = {name: fill_in(text, values) for name, text in told.items()}
        names = (*declared.pass_env, *settings.pass_env)
        return {**own, **{name: os.environ.get(name, "") for name in names}}

    def _values(self, deployment: Deployment, service: str) -> dict[str, str]:
        values = {"port": str(deployment.services[service].port), "state": STATE}
        for name, declared in deployment.services.items():
            values[f"{name}_url"] = f"http://{self._alias(deployment, name)}:{declared.port}"
        return values

    def _alias(self, deployment: Deployment, service: str) -> str:
        """By which containers of one version reach each other."""
        digest = hashlib.sha256(deployment.version.encode()).hexdigest()[:12]
        return f"{service}-{digest}".replace("_", "-").replace(".", "-")

    def _name(self, deployment: Deployment, slot: Slot) -> str:
        mark = self.home.marker(deployment.version, slot.name)
        digest = hashlib.sha256(mark.encode()).hexdigest()[:12]
        return f"devflow-{self.home.name}-{slot.name}-{digest}"

    @property
    def _network_name(self) -> str:
        digest = hashlib.sha256(self._network_mark.encode()).hexdigest()[:12]
        return f"devflow-{self.home.name}-{digest}"

    @property
    def _network_mark(self) -> str:
        return self.home.marker("", "network")


def _end(client: Any, name: str) -> None:
    with asking(name), suppress(docker.errors.NotFound):
        client.stop(name, timeout=GRACE_S)
        client.remove_container(name, v=True, force=True)
