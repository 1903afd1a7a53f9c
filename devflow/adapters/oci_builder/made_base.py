"""A base image made here of Debian packages, for machines that reach no registry with
``python:3.11-slim``; laid out as that is, and called by a name of its own."""

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Final, Iterable

from devflow.adapters.debian.ar import made_s
from devflow.adapters.debian.download import SUITE, AptDownloads
from devflow.adapters.debian.root_filesystem import root_files
from devflow.adapters.images.store import Store
from devflow.adapters.oci_builder.wheels import Target, Wheels, laid_out, locked
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
    RootFilesystem,
    encoded,
)
from devflow.craft.oci.references import Reference
from devflow.craft.oci.writing import Source, write_layer

MADE: Final = "devflow/base-python"
# raised where the same packages become another image: by what is here, in debian/root_filesystem,
# in how wheels are laid out or layers written; a base of another version is made anew
VERSION: Final = 1
# what commands of a RUN expect in the official image is here too: an engine may build on this base
PACKAGES: Final = (
    "base-files",
    "base-passwd",
    "ca-certificates",
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "libc-bin",
    "libgomp1",
    "libpython3.11-stdlib",
    "libstdc++6",
    "python3.11",
    "python3.11-minimal",
    "sed",
    "tar",
)
# pip, which the official image carries and Debian's python3.11 does not
PIP: Final = (
    "pip==25.3 --hash=sha256:9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
)
SITE: Final = "usr/local/lib/python3.11/dist-packages"  # where Debian's Python looks
PATH: Final = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
# that it was made for, and programs of it run; Debian's names of these are Go's
PLATFORMS: Final = ("linux/amd64", "linux/arm64", "linux/arm64/v8")
_ANY: Final = Target((3, 11), (), ())
_NAME: Final = re.compile(r"3\.11(\.\d+)?-slim(-bookworm)?")


def can_be_made(reference: Reference) -> bool:
    """Whether this base is the one that can be made here."""
    is_python = reference.repository == "library/python"
    return is_python and _NAME.fullmatch(reference.version) is not None


def recipe() -> str:
    """What a base is made by: the same recipe makes the same base of the same packages."""
    about = json.dumps([VERSION, SUITE, PACKAGES, PIP, SITE, PATH])
    return hashlib.sha256(about.encode()).hexdigest()


def why_not(platforms: Iterable[str]) -> str:
    """What keeps the base from being made for these; empty where nothing does."""
    lacking = [one for one in platforms if one not in PLATFORMS]
    if not lacking:
        return ""
    made = " and ".join(PLATFORMS[:2])
    return f"of Debian's packages it is made for {made}, not for {', '.join(lacking)}"


class MadeBase:
    """Makes it; ``wheels`` brings pip."""

    def __init__(self, store: Store, downloads: AptDownloads, wheels: Wheels) -> None:
        self._store = store
        self._downloads = downloads
        self._wheels = wheels

    def make(self, platforms: tuple[str, ...], say: Callable[..., None]) -> str:
        """The digest of its index; the same packages give the same one. Raises ``Unavailable``
        where Debian's archive is out of reach."""
        downloaded = {}
        # read as long as nobody else can begin a download, which takes away what is there
        with self._downloads.alone():
            for platform in platforms:
                say(f"Debian packages for {platform}")
                architecture = platform.split("/")[1]
                found = self._downloads.closure(architecture, PACKAGES)
                downloaded[platform] = [path.read_bytes() for path in found]
        pip = self._wheels.fetch(locked(PIP, _ANY, "pip"), _ANY, say)[0][1]
        with ThreadPoolExecutor(len(platforms)) as pool:
            described = pool.map(
                lambda platform: self._platform(platform, downloaded[platform], pip), platforms
            )
            index = Index(manifests=tuple(described))
        return self._store.keep(encoded(index))

    def _platform(self, platform: str, packages: Iterable[bytes], pip: str) -> Descriptor:
        packages = list(packages)
        files = root_files(packages)
        for source in laid_out(self._store, pip, SITE, "/usr/local/bin/python3.11"):
            files[source.entry.path] = source
        created = datetime.fromtimestamp(max(map(made_s, packages)), timezone.utc)
        return self._kept(platform, files.values(), created.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def _kept(self, platform: str, files: Iterable[Source], created: str) -> Descriptor:
        with self._store.writing() as part:
            written = write_layer(files, part)
            self._store.commit(part, written.digest)
        os_name, architecture, *variant = platform.split("/")
        config = ImageConfig(
            created=created,
            architecture=architecture,
            os=os_name,
            variant="".join(variant),
            config=Execution(env=(PATH, "LANG=C.UTF-8"), cmd=("python3",)),
            rootfs=RootFilesystem(diff_ids=(written.diff_id,)),
            history=(History(created=created, created_by=f"{MADE}: Debian packages"),),
        )
        body = encoded(config)
        layer = Descriptor(
            media_type=LAYER_GZIP, digest=written.digest, size_bytes=written.size_bytes
        )
        about = Descriptor(media_type=CONFIG, digest=self._store.keep(body), size_bytes=len(body))
        manifest = encoded(Manifest(config=about, layers=(layer,)))
        return Descriptor(
            media_type=MANIFEST,
            digest=self._store.keep(manifest),
            size_bytes=len(manifest),
            platform=config.platform,
        )


def downloads_folder(cache: Path) -> Path:
    """Where apt-get keeps its lists and packages for it."""
    return cache / "debian"
