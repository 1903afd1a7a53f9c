"""The smallest images that something can be run in: busybox, for this machine's processor; for the
others a file with the header of a program."""

import io
import json
import platform
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from devflow.craft.oci.formats import CONFIG, INDEX, LAYER_GZIP, MANIFEST, digest_of, json_bytes
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source, write_layer
from devflow.model.ids import Sha
from devflow.ports.images import Recipe
from tests.contract.images.daemons import missing

BUSYBOX: Final = Path("/bin/busybox")
COMMIT: Final = Sha("c" * 40)
CREATED: Final = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
_MACHINES: Final = {"amd64": 62, "arm64": 183}
OWN: Final = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
OTHER: Final = "arm64" if OWN == "amd64" else "amd64"
OWN_PLATFORM: Final = f"linux/{OWN}"
OTHER_PLATFORM: Final = f"linux/{OTHER}"
BOTH: Final = (OWN_PLATFORM, OTHER_PLATFORM)
APPLETS: Final = (
    "sh",
    "cat",
    "echo",
    "sleep",
    "httpd",
    "wget",
    "mkdir",
    "ls",
    "touch",
    "id",
    "kill",
    "dd",
)


def program(architecture: str) -> bytes:
    """A program of an architecture: one that runs, for the one that we are on."""
    if architecture != OWN:
        header = bytearray(b"\x7fELF\x02\x01\x01" + bytes(57))
        header[18] = _MACHINES[architecture]
        return bytes(header)
    if not BUSYBOX.is_file():
        missing("busybox is not installed: apt-get install busybox-static")
    return BUSYBOX.read_bytes()


def files(content: Mapping[str, str | bytes]) -> Iterable[tuple[str, int, object]]:
    """Files of a commit: a name that ends with ``*`` can be executed, ``->`` in it is a link."""
    for name, body in sorted(content.items()):
        data = body.encode() if isinstance(body, str) else body
        path, arrow, target = name.partition("->")
        if arrow:
            yield path, 0o120000, partial(bytes, target.encode())
        else:
            mode = 0o100755 if path.endswith("*") else 0o100644
            yield path.removesuffix("*"), mode, partial(bytes, data)


def recipe(platforms: tuple[str, ...] = BOTH, **changed: object) -> Recipe:
    """A recipe of a Dockerfile at the top."""
    values: dict[str, object] = {
        "service": "api",
        "commit": COMMIT,
        "dockerfile": "Dockerfile",
        "context": ".",
        "created": CREATED,
        "platforms": platforms,
        "labels": {"org.opencontainers.image.revision": COMMIT},
    }
    return Recipe(**{**values, **changed})  # type: ignore[arg-type]


def push(
    address: str, name: str, tag: str, architectures: tuple[str, ...], config: dict[str, object]
) -> tuple[str, dict[str, str]]:
    """Pushes an image of busybox with a shell; the index' digest, and the manifests' by platform.
    With one architecture alone, it is no index."""
    base = f"http://{address}/v2/{name}"
    manifests = {one: _push_platform(base, one, config) for one in architectures}
    if len(architectures) == 1:
        (body,) = manifests.values()
        _put(f"{base}/manifests/{tag}", MANIFEST, body)
        return digest_of(body), {f"linux/{architectures[0]}": digest_of(body)}
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [
            {**_described(MANIFEST, body), "platform": {"os": "linux", "architecture": one}}
            for one, body in manifests.items()
        ],
    }
    for body in manifests.values():
        _put(f"{base}/manifests/{digest_of(body)}", MANIFEST, body)
    written = json_bytes(index)
    _put(f"{base}/manifests/{tag}", INDEX, written)
    digests = {f"linux/{one}": digest_of(body) for one, body in manifests.items()}
    return digest_of(written), digests


def _push_platform(base: str, architecture: str, config: dict[str, object]) -> bytes:
    busybox = program(architecture)
    entry = Entry("bin/busybox", Kind.FILE, 0o755, size_bytes=len(busybox))
    links = [Source(Entry(f"bin/{name}", Kind.SYMLINK, 0o777, link="busybox")) for name in APPLETS]
    passwd = b"root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"
    sources = [
        Source(Entry("bin", Kind.DIRECTORY, 0o755)),
        Source(Entry("etc", Kind.DIRECTORY, 0o755)),
        Source(Entry("tmp", Kind.DIRECTORY, 0o1777)),
        Source(Entry("etc/passwd", Kind.FILE, size_bytes=len(passwd)), partial(io.BytesIO, passwd)),
        Source(entry, partial(io.BytesIO, busybox)),
        *links,
    ]
    buffer = io.BytesIO()
    layer = write_layer(sources, buffer)
    described = {
        "architecture": architecture,
        "os": "linux",
        "created": "2025-01-02T03:04:05Z",
        "config": {"Env": ["PATH=/bin"], **config},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        "history": [{"created": "2025-01-02T03:04:05Z", "created_by": "busybox"}],
    }
    written = json_bytes(described)
    _upload(base, buffer.getvalue())
    _upload(base, written)
    return json_bytes(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _described(CONFIG, written),
            "layers": [_described(LAYER_GZIP, buffer.getvalue())],
        }
    )


def _described(media_type: str, body: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(body), "size": len(body)}


def _upload(base: str, body: bytes) -> None:
    begun = httpx.post(f"{base}/blobs/uploads/")
    place = begun.headers["location"]
    joint = "&" if "?" in place else "?"
    answer = httpx.put(f"{place}{joint}digest={digest_of(body)}", content=body)
    assert answer.status_code == 201, answer.text


def _put(url: str, media_type: str, body: bytes) -> None:
    answer = httpx.put(url, content=body, headers={"content-type": media_type})
    assert answer.status_code == 201, answer.text


def spoken(collected: list[str]) -> object:
    """A ``say`` that collects."""

    def say(text: str, done: int | None = None, total: int | None = None) -> None:
        collected.append(text if done is None else f"{text} {json.dumps([done, total])}")

    return say
