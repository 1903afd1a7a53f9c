"""One suite of a Debian archive: its date, and what versions it has of some packages."""

import hashlib
import io
import lzma
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Iterable, Iterator, Mapping

from debian_inspector.version import (  # type: ignore[import-untyped]
    Version,
    compare_version_objects,
)

from devflow.adapters.advisories.archive_key import ArchiveKey, Signed
from devflow.adapters.advisories.fetching import Fetch, Missing, OutOfReach

# binary versions end in +b1 where one architecture alone was compiled anew; nothing was changed
_REBUILT: Final = re.compile(r"\+b\d+$")
_VERSION: Final = re.compile(r"(?:(\d+):)?(\d[A-Za-z0-9.+~-]*)")
# versions are the same on every architecture, but for rebuilds
_INDEX: Final = "main/binary-amd64/Packages.xz"
CHUNK_BYTES: Final = 1024 * 1024
_NAMES: Final = (b"Package", b"Source", b"Version", b"Filename", b"Size", b"SHA256")
_FIELD: Final = re.compile(rb"^(Package|Source|Version|Filename|Size|SHA256): ([^\t\n]*)$", re.M)


@dataclass(frozen=True)
class Archive:
    """A kind of archive: the addresses in the order in which they are asked, and whose signature
    its indexes have to have."""

    addresses: tuple[str, ...]
    key: ArchiveKey


@dataclass(frozen=True)
class Binary:
    """A package as the index has it; ``path`` is where in the archive."""

    name: str
    version: str
    source: str
    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Suite:
    """A suite as it was read: ``until`` is when it says that it is out of date, ``is_signed``
    whether Debian's signature of it could be checked."""

    name: str
    address: str
    date: datetime
    until: datetime | None
    is_signed: bool
    by_name: Mapping[str, Binary] = field(default_factory=dict)
    by_source: Mapping[str, tuple[Binary, ...]] = field(default_factory=dict)


def newer(version: str, than: str) -> bool:
    """Whether a version is newer, rebuilds apart. Raises ``ValueError`` for what is no version."""
    return bool(compare_version_objects(_version(version), _version(than)) > 0)


def _version(text: str) -> Version:
    """The library's own reader refuses what ends in a tilde; dpkg has an order for it."""
    match = _VERSION.fullmatch(_REBUILT.sub("", text))
    if match is None:
        raise ValueError(f"{text!r} is no Debian version")
    epoch, rest = match.groups()
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "0")
    return Version(epoch=int(epoch or 0), upstream=upstream, revision=revision)


def read_suite(fetch: Fetch, archive: Archive, name: str, wanted: set[str]) -> Suite:
    """The suite of the first archive that has it, with the packages of these names and of their
    sources. Raises ``OutOfReach`` where no archive answers for it."""
    problems = []
    for address in archive.addresses:
        try:
            whole = fetch.get(f"{address}/dists/{name}/InRelease")
            release = archive.key.signed(whole, address)
            return _read(fetch, address, name, (release, wanted))
        except OutOfReach as error:
            problems.append(str(error))
    raise OutOfReach(f"{name}: {'; '.join(problems)}")


def _read(fetch: Fetch, address: str, name: str, asked: tuple[Signed, set[str]]) -> Suite:
    release, wanted = asked
    values = _release_fields(release.text)
    if (values.get("Origin"), values.get("Codename")) != ("Debian", name):
        raise Missing(f"{address} has no {name} of Debian there")
    date = _moment(values.get("Date", ""))
    if date is None:
        raise OutOfReach(f"{address} does not date its suite {name}")
    content = fetch.get(f"{address}/dists/{name}/{_INDEX}")
    if hashlib.sha256(content).hexdigest() != _sum_of(release.text, _INDEX):
        raise OutOfReach(f"{address}: the package index of {name} is not the one that it names")
    by_source = _by_source(fetch.derived(content, reduced), wanted)
    return Suite(
        name=name,
        address=address,
        date=date,
        until=_moment(values.get("Valid-Until", "")),
        is_signed=release.is_checked,
        by_name=_newest(by_source.values()),
        by_source=by_source,
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _newest(groups: Iterable[tuple[Binary, ...]]) -> dict[str, Binary]:
    """By name: an index may have a package in several versions."""
    by_name: dict[str, Binary] = {}
    for binaries in groups:
        for one in binaries:
            before = by_name.setdefault(one.name, one)
            # what has no order is no newer
            with suppress(ValueError):
                if newer(one.version, before.version):
                    by_name[one.name] = one
    return by_name


def _release_fields(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, sign, value = line.partition(": ")
        if sign and not line.startswith(" "):
            values.setdefault(name, value.strip())
    return values


def _sum_of(release: str, path: str) -> str:
    section = release.partition("\nSHA256:\n")[2]
    match = re.search(rf"^ ([0-9a-f]{{64}})\s+\d+\s+{re.escape(path)}$", section, re.MULTILINE)
    return match[1] if match else ""


def reduced(content: bytes) -> bytes:
    """A package index as lines of what is needed of it: a tenth of the work for whoever reads it
    again. Raises ``OutOfReach`` for what cannot be read."""
    lines = []
    try:
        for stanza in _stanzas(content):
            fields = dict(_FIELD.findall(stanza))
            lines.append(b"\t".join(fields.get(name, b"") for name in _NAMES))
    except (lzma.LZMAError, EOFError) as error:
        raise OutOfReach(f"a package index cannot be read: {error}") from error
    return b"\n".join(lines)


def _stanzas(content: bytes) -> Iterator[bytes]:
    rest = b""
    with lzma.open(io.BytesIO(content)) as unpacked:
        while chunk := unpacked.read(CHUNK_BYTES):
            *whole, rest = (rest + chunk).split(b"\n\n")
            yield from whole
    if rest.strip():
        yield rest


def _by_source(lines: bytes, wanted: set[str]) -> dict[str, tuple[Binary, ...]]:
    """The binaries of these names, and of sources of these names."""
    found: dict[str, list[Binary]] = {}
    names = {name.encode() for name in wanted}
    for line in lines.split(b"\n"):
        # most lines are not asked for: their first two words alone are looked at
        name, _, rest = line.partition(b"\t")
        source = rest.partition(b"\t")[0].partition(b" ")[0]
        if name in names or source in names:
            one = _binary(line.decode("utf-8", "replace"))
            found.setdefault(one.source, []).append(one)
    return {source: tuple(binaries) for source, binaries in found.items()}


def _binary(line: str) -> Binary:
    name, source, version, path, size, sha256 = line.split("\t")
    return Binary(
        name=name,
        version=version,
        source=source.partition(" ")[0] or name,
        path=path,
        size_bytes=int(size) if size.isdecimal() else 0,
        sha256=sha256,
    )
