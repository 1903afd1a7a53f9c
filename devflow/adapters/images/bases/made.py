"""A base image made here of Debian packages, both platforms, where no registry has it.

Reproducible for the same packages. It is named for what it is: ``devflow/base-python``.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Iterable

from devflow.adapters.images.bases.apt import Apt, Package
from devflow.adapters.images.bases.debs import Deb
from devflow.adapters.images.bases.rootfs import RootFilesystem
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.craft.oci.formats import (
    CONFIG,
    LAYER_GZIP,
    MANIFEST,
    Descriptor,
    Execution,
    History,
    ImageConfig,
    Index,
    Manifest,
    Platform,
    RootFilesystem as LayerList,
    encoded,
)
from devflow.craft.oci.writing import write_layer
from devflow.ports.images import Say

NAME: Final = "devflow/base-python"
STANDS_FOR: Final = "python:3.11-slim"
_CREATED_BY: Final = "made by devflow of Debian packages: {packages}"
_ENV: Final = (
    "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG=C.UTF-8",
    "PYTHON_VERSION=3.11",
)
_LABELS: Final = {
    "org.opencontainers.image.title": NAME,
    "org.opencontainers.image.description": "Debian's Python, laid out as python:3.11-slim",
}


@dataclass(frozen=True)
class Made:
    """The index in the store, and when the newest of its packages was built."""

    digest: str
    created: datetime


class MadeBase:
    """Makes the base in a store. ``say`` is told of packages."""

    def __init__(self, store: Store, processes: Processes) -> None:
        self._store = store
        self._processes = processes

    def make(self, platforms: Iterable[str], say: Say) -> Made:
        """Raises ``Unavailable`` where there is no apt, or the archive cannot be reached."""
        names = tuple(platforms)
        with TemporaryDirectory(prefix="devflow-base-") as folder:
            say(f"making {NAME} of Debian packages", 0, len(names))
            with ThreadPoolExecutor(len(names)) as side_by_side:
                jobs = [(name, Path(folder) / name.replace("/", "-")) for name in names]
                made = list(side_by_side.map(lambda job: self._platform(*job), jobs))
        say(f"made {NAME}", len(names), len(names))
        index = Index(manifests=tuple(descriptor for descriptor, _ in made))
        created = max(seconds for _, seconds in made)
        return Made(self._store.keep(encoded(index)), datetime.fromtimestamp(created, UTC))

    def _platform(self, platform: str, folder: Path) -> tuple[Descriptor, int]:
        architecture = platform.partition("/")[2].partition("/")[0]
        apt = Apt(self._processes, folder, architecture)
        packages = apt.closure()
        tree = RootFilesystem()
        for path in apt.fetch():
            tree.add(Deb(path))
        with self._store.writing() as part:
            written = write_layer(tree.finish(), part)
            self._store.commit(part, written.digest)
        created = _time_text(tree.created)
        config = ImageConfig(
            created=created,
            architecture=architecture,
            os="linux",
            config=Execution(env=_ENV, cmd=("python3",), labels=_LABELS),
            rootfs=LayerList(diff_ids=(written.diff_id,)),
            history=(History(created=created, created_by=_created_by(packages)),),
        )
        layer = Descriptor(media_type=LAYER_GZIP, digest=written.digest, size_bytes=written.size_bytes)
        document = Manifest(config=self._keep(CONFIG, encoded(config)), layers=(layer,))
        body = encoded(document)
        found = self._keep(MANIFEST, body)
        where = Platform(os="linux", architecture=architecture)
        return found.model_copy(update={"platform": where}), tree.created

    def _keep(self, media_type: str, body: bytes) -> Descriptor:
        digest = self._store.keep(body)
        return Descriptor(media_type=media_type, digest=digest, size_bytes=len(body))


def _created_by(packages: Iterable[Package]) -> str:
    names = [package.file.removesuffix(".deb") for package in packages]
    return _CREATED_BY.format(packages=" ".join(names))


def _time_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
