"""A repository of a few files, and our own builder over it: no base image, no network."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from devflow.adapters.builders.commit_files import CommitFiles
from devflow.adapters.debian.download import AptDownloads
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.adapters.oci_builder.bases import Bases
from devflow.adapters.oci_builder.builder import OciBuilder
from devflow.adapters.oci_builder.made_base import MadeBase
from devflow.adapters.oci_builder.package_index import PackageIndex
from devflow.adapters.oci_builder.wheels import Wheels
from devflow.adapters.registry.client import OciRegistry
from devflow.adapters.registry.credentials import Anonymous
from devflow.craft.oci.formats import ImageConfig, Index, Manifest, read_config, read_document
from devflow.craft.oci.layers import Entry, entries
from devflow.craft.oci.overlay import Overlay
from devflow.model.ids import Sha
from devflow.model.images import BuiltImage
from devflow.ports.images import Recipe
from devflow.step import silent
from tests.contract.images.tiny import BOTH

CREATED: Final = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
_GIT: Final = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")


@dataclass
class SmallRepository:
    """Files under git, built by our own builder into a cache."""

    root: Path
    cache: Path
    machine: str = "x86_64"
    _indexes: list[PackageIndex] = field(default_factory=list)

    def commit(self, files: Mapping[str, str | bytes]) -> Sha:
        """Writes files and commits all; ``None`` would be no content."""
        if not (self.root / ".git").is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            self._git("init", "-q", "-b", "main")
        for name, content in files.items():
            path = self.root / name.removesuffix("*")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            if name.endswith("*"):
                path.chmod(0o755)
        self._git("add", "-A", "-f")
        self._git("commit", "-q", "-m", "files")
        return Sha(self._git("rev-parse", "HEAD").strip())

    @property
    def store(self) -> Store:
        """What was built."""
        return Store(self.cache / "images")

    def builder(self, store: Store | None = None) -> OciBuilder:
        """As a new process would have it."""
        processes = Processes()
        store = store or self.store
        index = PackageIndex(processes, os.environ)
        self._indexes.append(index)
        wheels = Wheels(store, index)
        downloads = AptDownloads(self.cache / "debian", processes)
        made = MadeBase(store, downloads, wheels)
        bases = Bases(store, self._registry, made)
        commits = CommitFiles(GitRepository(self.root, None))
        return OciBuilder(store, bases, wheels, commits, self.machine)

    def close(self) -> None:
        """Ends the connections to the package index, which else live as long as their process."""
        for index in self._indexes:
            if "_client" in vars(index):
                index._client.close()

    def build(self, commit: Sha, say: Any = silent, **changed: Any) -> BuiltImage:
        """Builds the Dockerfile at the top."""
        values: dict[str, Any] = {
            "service": "api",
            "commit": commit,
            "dockerfile": "Dockerfile",
            "context": ".",
            "created": CREATED,
            "platforms": BOTH,
        }
        return self.builder().build(Recipe(**{**values, **changed}), say)

    def files(self, image: BuiltImage, platform: str = BOTH[0]) -> dict[str, Entry]:
        """What is seen in one platform's image, by path, contents hashed."""
        overlay = Overlay()
        manifest, _ = self.documents(image, platform)
        for layer in manifest.layers:
            with self.store.open(layer.digest) as content:
                overlay.add([one for one, _ in entries(content, layer.digest, hashed=True)])
        return {path: seen.entry for path, seen in overlay.visible.items()}

    def documents(self, image: BuiltImage, platform: str = BOTH[0]) -> tuple[Manifest, ImageConfig]:
        """One platform's manifest and configuration."""
        index = read_document(self.store.read(image.digest), "index")
        assert isinstance(index, Index)
        found = {one.platform.text: one.digest for one in index.manifests if one.platform}
        manifest = read_document(self.store.read(found[platform]), "manifest")
        assert isinstance(manifest, Manifest)
        return manifest, read_config(self.store.read(manifest.config.digest), "config")

    def _registry(self, host: str) -> OciRegistry:
        retry = Retry(tries=1, give_up_after_s=0.5)
        return OciRegistry(host, self.store, Anonymous(), retry)

    def _git(self, *arguments: str) -> str:
        argv = [*_GIT, *arguments]
        return subprocess.run(
            argv, cwd=self.root, check=True, capture_output=True, text=True
        ).stdout
