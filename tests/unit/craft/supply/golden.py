"""Small images of known files, with several layers, and a place that they are attached to."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, Mapping

from devflow.adapters.signing.ecdsa import PrivateKey, new_key
from devflow.craft.oci.attachments import attachment_tag
from devflow.craft.oci.formats import (
    CONFIG,
    INDEX,
    LAYER_GZIP,
    MANIFEST,
    Execution,
    ImageConfig,
    Index,
    Manifest,
    Platform,
    RootFilesystem,
    digest_of,
    encoded,
    read_document,
)
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source, write_layer
from devflow.craft.supply.artifacts import Drawn
from devflow.craft.supply.attesting import signed
from devflow.craft.supply.documents import documents, inventory
from devflow.craft.supply.statements import Origin
from devflow.model.images import Audit, BaseImage, BuiltImage, PlatformImage, Vulnerability
from devflow.ports.registry import Held, Referrer
from devflow.testing.images import MemoryBlobs

# a file's content, or a symbolic link's target after an arrow
Layer = Mapping[str, str | bytes]
REPOSITORY = "registry.test:5000/acme/api"
CREATED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ORIGIN = Origin(
    repository="https://person:secret-word@code.test/acme/api",
    revision="5" * 40,
    created=CREATED,
    dockerfile="Dockerfile.api",
    target="final",
    args={"PORT": "8080", "API_TOKEN": "tttt"},
    builder="oci: no engine answers",
)
AUDIT = Audit(
    findings=(
        Vulnerability(id="CVE-2026-2", package="zlib1g", version="1", fixed_in="2"),
        Vulnerability(id="CVE-2026-1", package="libc6", version="1"),
    ),
    audited=2,
    unaudited=("npm left-pad 1.0",),
    sources=("Debian bookworm-security of 2026-03-01",),
)
OS_RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n'


def status(name: str, version: str, **more: str) -> str:
    fields = {"Package": name, "Status": "install ok installed", "Architecture": "amd64"}
    fields |= {"Version": version, **more}
    return "".join(f"{key}: {value}\n" for key, value in fields.items()) + "\n"


# a base's whole list, and the files of one of its packages
SCRATCH: tuple[Layer, ...] = (
    {
        "etc/os-release": OS_RELEASE,
        "var/lib/dpkg/status": status("libc6", "2.36-9", Source="glibc")
        + status("perl-base", "5.36.0-7")
        + status("gone", "1", Status="deinstall ok config-files"),
        "var/lib/dpkg/info/libc6:amd64.list": "/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n",
        "var/lib/dpkg/info/perl-base.list": "/.\n/usr/bin/perl\n/usr/share/doc/perl/copyright\n",
        "usr/share/doc/perl/copyright": "License: GPL-2\n",
        "usr/lib/x86_64-linux-gnu/libc.so.6": b"\x7fELF",
        "lib": "-> usr/lib",
    },
    {
        "app/lib/idna-3.10.dist-info/METADATA": "Name: idna\nVersion: 3.10\nLicense: MIT\n",
        "app/lib/idna-3.10.dist-info/RECORD": "idna/__init__.py,,\n../bin/idna,,\n",
        "app/lib/idna/__init__.py": "",
        "app/main.py": "print(1)\n",
        "app/main.pyc": b"\0",
    },
)


def add_platform(
    blobs: MemoryBlobs, layers: tuple[Layer, ...], name: str, env: tuple[str, ...] = ()
) -> PlatformImage:
    """One platform's image of these layers."""
    described = []
    diff_ids = []
    for layer in layers:
        written = io.BytesIO()
        diff_ids.append(write_layer(map(_source, layer.items()), written).diff_id)
        described.append(blobs.describe(LAYER_GZIP, written.getvalue()))
    os_name, architecture = name.split("/")
    config = ImageConfig(
        architecture=architecture,
        os=os_name,
        config=Execution(env=env),
        rootfs=RootFilesystem(diff_ids=tuple(diff_ids)),
    )
    described_config = blobs.describe(CONFIG, encoded(config))
    manifest = Manifest(config=described_config, layers=tuple(described))
    return PlatformImage(platform=name, digest=blobs.keep(encoded(manifest)))


def _source(item: tuple[str, str | bytes]) -> Source:
    path, said = item
    if isinstance(said, str) and said.startswith("-> "):
        return Source(Entry(path, Kind.SYMLINK, link=said.removeprefix("-> ")))
    content = said.encode() if isinstance(said, str) else said
    return Source(Entry(path, Kind.FILE, size_bytes=len(content)), lambda: io.BytesIO(content))


def add_image(blobs: MemoryBlobs, layers: tuple[Layer, ...] = SCRATCH) -> BuiltImage:
    """An image of two platforms."""
    platforms = tuple(add_platform(blobs, layers, f"linux/{one}") for one in ("amd64", "arm64"))
    entries = []
    for one in platforms:
        os_name, architecture = one.platform.split("/")
        platform = Platform(os=os_name, architecture=architecture)
        entries.append(blobs.describe(MANIFEST, blobs.held[one.digest], platform=platform))
    return BuiltImage(
        service="api",
        digest=blobs.keep(encoded(Index(manifests=tuple(entries)))),
        platforms=platforms,
        base=BaseImage(name="python:3.11-slim", digest=f"sha256:{'b' * 64}", made=True),
    )


def documented(blobs: MemoryBlobs, image: BuiltImage, origin: Origin = ORIGIN) -> BuiltImage:
    """The image with its documents kept."""
    inventories = {one.platform: inventory(blobs, one.digest) for one in image.platforms}
    audits = {one.platform: AUDIT for one in image.platforms}
    made = documents(blobs, image, inventories, audits, origin)
    keep(blobs, made)
    return image.model_copy(update={"documents": made.documents})


def keep(blobs: MemoryBlobs, made: Drawn) -> None:
    for content in made.contents:
        blobs.keep(content)


@dataclass
class Shelf:
    """A repository that can be tampered with: tags, and content that needs not have its digest."""

    held: dict[str, bytes]
    tags: dict[str, str] = field(default_factory=dict)
    attached: dict[str, list[Referrer]] = field(default_factory=dict)

    def find(self, reference: str) -> Held | None:
        digest = self.tags.get(reference, reference)
        body = self.held.get(digest)
        return Held(digest, "", body) if body is not None else None

    def blob(self, digest: str) -> BinaryIO:
        return io.BytesIO(self.held[digest])

    def referrers(self, digest: str) -> tuple[Referrer, ...]:
        return tuple(self.attached.get(digest, ()))

    def attach(self, artifact: str, *, listed: bool = True, tagged: bool = True) -> None:
        """As a registry takes it: listed by its subject, under the tag that is its own."""
        manifest = read_document(self.held[artifact], artifact)
        assert manifest.subject
        subject = manifest.subject.digest
        if listed:
            referrer = Referrer(artifact, manifest.artifact_type, manifest.annotations)
            self.attached.setdefault(subject, []).append(referrer)
        if tagged:
            self.tags[attachment_tag(subject, artifact, manifest.artifact_type)] = artifact

    def replace(self, digest: str, content: bytes) -> None:
        """Content that does not have its digest."""
        self.held[digest] = content


@dataclass
class Release:
    """A signed image in a repository, and the key."""

    key: PrivateKey
    blobs: MemoryBlobs
    image: BuiltImage
    made: Drawn
    shelf: Shelf


def released(name: str = REPOSITORY, key: PrivateKey | None = None) -> Release:
    """An image with everything that is attached to it."""
    key = key or new_key()
    blobs = MemoryBlobs()
    image = documented(blobs, add_image(blobs))
    made = signed(blobs, image, name, key)
    keep(blobs, made)
    shelf = Shelf(dict(blobs.held), {"1.0": image.digest})
    for one in (*image.documents, *made.documents):
        shelf.attach(one.digest)
    return Release(key, blobs, image, made, shelf)


def media_type_of(digest: str, blobs: MemoryBlobs) -> str:
    document = read_document(blobs.held[digest], digest)
    return document.media_type or INDEX


def is_kept(blobs: MemoryBlobs, digest: str) -> bool:
    return digest in blobs.held and digest_of(blobs.held[digest]) == digest
