"""The composition of everything about container images: builders and their store, the registry,
what runs containers, advisories and the signing key.

Its libraries take long to import: ``lazy.py`` loads this module when one of these ports is first
asked for anything.
"""

import os
import platform
from dataclasses import replace
from functools import cached_property
from typing import Final, cast

from devflow.adapters.advisories.audit import DistributorAdvisories
from devflow.adapters.builders.chosen import BuilderChoice, ChosenImages
from devflow.adapters.builders.commit_files import CommitFiles
from devflow.adapters.containers.chosen import ChosenContainers
from devflow.adapters.containers.docker import DockerContainers
from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.adapters.debian.download import AptDownloads
from devflow.adapters.http.retry import Retry
from devflow.adapters.images.engine.builder import EngineBuilder
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.adapters.oci_builder.bases import Bases
from devflow.adapters.oci_builder.builder import OciBuilder
from devflow.adapters.oci_builder.made_base import MadeBase, downloads_folder
from devflow.adapters.oci_builder.package_index import PackageIndex
from devflow.adapters.oci_builder.wheels import Wheels
from devflow.adapters.registry.client import OciRegistry
from devflow.adapters.registry.credentials import DockerCredentials
from devflow.ports.advisories import Advisories
from devflow.ports.containers import Containers
from devflow.ports.images import Images
from devflow.ports.registry import Registry, RegistryReads
from devflow.ports.signing import Signing
from devflow.wiring.image_place import ImagePlace
from devflow.wiring.signing import RunKeys

BASE_GIVE_UP_S: Final = 5.0  # s


class ImageWorkshop:
    """The adapters of one run, each made once."""

    def __init__(self, place: ImagePlace) -> None:
        self._place = place
        self._processes = Processes()
        self._store = Store(place.cache / "images")
        self._engines = Engines()

    def stop_all(self) -> None:
        """Ends every child."""
        self._processes.stop_all()

    @cached_property
    def images(self) -> Images:
        """Both builders behind one port."""
        choice = cast(BuilderChoice, self._place.choice)
        engine = EngineBuilder(self._engines, self._store, self._commits, self._processes)
        return ChosenImages(self._store, self._engines, engine, self._oci, choice)

    @cached_property
    def _commits(self) -> CommitFiles:
        return CommitFiles(self._place.repository)

    @cached_property
    def _oci(self) -> OciBuilder:
        wheels = Wheels(self._store, PackageIndex(self._processes, os.environ))
        downloads = AptDownloads(downloads_folder(self._place.cache), self._processes)
        made = MadeBase(self._store, downloads, wheels)
        bases = Bases(self._store, self._registry_of, made, self._place.mirrors)
        machine = platform.machine()
        return OciBuilder(self._store, bases, wheels, self._commits, machine)

    @cached_property
    def registry(self) -> Registry:
        """The registry that images are published to."""
        return self._opened(self._place.registry, self._place.retry)

    @cached_property
    def containers(self) -> Containers:
        """An engine where one answers, else the kernel's namespaces."""
        engine = DockerContainers(self._engines)
        namespaces = NamespaceContainers(self._store, self.registry)
        return ChosenContainers(self._engines, engine, namespaces)

    @cached_property
    def advisories(self) -> Advisories:
        """Debian's archive and the package index."""
        return DistributorAdvisories(self._place.cache / "advisories")

    @cached_property
    def signing(self) -> Signing:
        """The signing key."""
        return RunKeys(self._place.keys, self._place.hide)

    def _registry_of(self, host: str) -> RegistryReads:
        # a base can be had elsewhere where its registry is out of reach, which is known soon
        retry = replace(self._place.retry, tries=2, give_up_after_s=BASE_GIVE_UP_S)
        return self._opened(host, retry)

    def _opened(self, name: str, retry: Retry) -> OciRegistry:
        credentials = DockerCredentials(os.environ, self._processes, self._place.hide)
        return OciRegistry(name, self._store, credentials, retry)
