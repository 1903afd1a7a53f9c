"""Wheels of a lock with hashes, as ``pip install --target`` would lay them out: downloaded from the
index that pip is configured for, kept by their hash, and never unpacked on a disk."""

import base64
import configparser
import csv
import hashlib
import io
import re
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Callable, Final, Iterable, Iterator, Mapping

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from devflow.adapters.images.store import Store
from devflow.adapters.machine.once import Once
from devflow.adapters.oci_builder.package_index import Offered, PackageIndex
from devflow.craft.oci.layers import Entry, Kind, safe_path
from devflow.craft.oci.writing import Source, file_of
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.images import Wheel

DOWNLOADS: Final = 8  # at once; more wins nothing against one index
# bytes; the files of a wheel that are kept in memory, since opening it anew for each takes a second
SMALL_BYTES: Final = 1024 * 1024
_HASH: Final = re.compile(r"--hash[= ]sha256:([0-9a-f]{64})")
_CONTINUED: Final = re.compile(r"\\\r?\n")
# as pip 25 writes it
_SCRIPT: Final = """#!{python}
import sys
from {module} import {first}
if __name__ == '__main__':
    if sys.argv[0].endswith('.exe'):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit({call}())
"""


@dataclass(frozen=True)
class Target:
    """For which Python and platforms wheels are wanted: what pip's options of these names say."""

    python: tuple[int, int]
    platforms: tuple[str, ...]
    abis: tuple[str, ...]

    def tags(self) -> list[Tag]:
        """The tags that fit, the best first."""
        version = self.python
        interpreter = f"cp{version[0]}{version[1]}"
        own = cpython_tags(version, abis=self.abis or None, platforms=self.platforms)
        return [*own, *compatible_tags(version, interpreter, self.platforms)]


@dataclass(frozen=True)
class Locked:
    """One line of a lock."""

    name: str
    version: str
    hashes: frozenset[str]

    def wheel(self, digest: str) -> Wheel:
        """Its wheel of this digest."""
        return Wheel(name=self.name, version=self.version, sha256=digest.removeprefix("sha256:"))


def locked(text: str, target: Target, where: str) -> list[Locked]:
    """The packages of a lock that the target takes. Raises ``StepFailed`` for a line without an
    exact version and a hash: such a build is another one tomorrow."""
    found = []
    for line in _CONTINUED.sub(" ", text).splitlines():
        content = line.partition(" #")[0].strip()
        if not content or content.startswith("#"):
            continue
        hashes = frozenset(_HASH.findall(content))
        try:
            requirement = Requirement(content.partition(" --hash")[0].strip())
        except InvalidRequirement as error:
            raise _not_locked(content, where) from error
        exact = [one.version for one in requirement.specifier if one.operator == "=="]
        if len(exact) != 1 or not hashes:
            raise _not_locked(content, where)
        if requirement.marker is None or requirement.marker.evaluate(_environment(target)):
            found.append(Locked(canonicalize_name(requirement.name), exact[0], hashes))
    return found


def _environment(target: Target) -> dict[str, str]:
    """The markers' variables on the target."""
    version = f"{target.python[0]}.{target.python[1]}"
    machine = target.platforms[0].split("_", 3)[-1] if target.platforms else ""
    known = {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": machine,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    return {**{key: str(value) for key, value in default_environment().items()}, **known}


def _not_locked(line: str, where: str) -> StepFailed:
    hint = "make the lock with: uv pip compile --generate-hashes --universal, or pip-compile"
    shown = line if len(line) < 60 else f"{line[:59]}…"
    return StepFailed(f"not locked to one version with hashes: {shown}", where=where, hint=hint)


def in_order(wheels: Iterable[Wheel]) -> tuple[Wheel, ...]:
    """The same wheels in the same order, each once."""
    return tuple(sorted(set(wheels), key=lambda one: (one.name, one.version, one.sha256)))


class Wheels:
    """Wheels of one index, kept in the store."""

    def __init__(self, store: Store, index: PackageIndex) -> None:
        self._store = store
        self._index = index
        self._received: Once[str] = Once()

    def fetch(
        self, packages: Iterable[Locked], target: Target, say: Callable[..., None]
    ) -> list[tuple[Locked, str]]:
        """The digest of each package's wheel, which is in the store then.

        Raises ``Unavailable`` where the index is out of reach or has no wheel that fits.
        """
        wanted = list(packages)
        tags = {tag: rank for rank, tag in enumerate(target.tags())}
        with ThreadPoolExecutor(DOWNLOADS) as pool:
            fetched = pool.map(lambda one: self._wheel(one, tags), wanted)
            result = []
            for count, pair in enumerate(zip(wanted, fetched), 1):
                say(f"wheels: {pair[0].name} {pair[0].version}", count, len(wanted))
                result.append(pair)
        return result

    def _wheel(self, package: Locked, tags: Mapping[Tag, int]) -> str:
        offered = self._index.files(package.name)
        fitting = []
        for one in offered:
            rank = _rank(one, package, tags)
            if rank is not None:
                fitting.append((rank, one))
        if not fitting:
            problem = f"the index has no wheel of {package.name} {package.version} that fits"
            hint = "lock another version, or build with an engine"
            raise Unavailable(problem, where=self._index.address, hint=hint)
        best = min(fitting, key=lambda pair: pair[0])[1]
        digest = f"sha256:{best.sha256}"
        return self._received.get(digest, lambda: self._receive(best, digest))

    def _receive(self, offered: Offered, digest: str) -> str:
        # as pip does: what a lock names by its hash is compared where it is installed
        if not self._store.is_sound(digest):
            self._store.receive(self._index.download(offered), digest)
        return digest


def _rank(offered: Offered, package: Locked, tags: Mapping[Tag, int]) -> int | None:
    if offered.sha256 not in package.hashes or not offered.name.endswith(".whl"):
        return None
    try:
        own = parse_wheel_filename(offered.name)[3]
    except InvalidWheelFilename:
        return None
    ranks = [tags[tag] for tag in own if tag in tags]
    return min(ranks) if ranks else None


def laid_out(store: Store, digest: str, folder: str, python: str) -> Iterator[Source]:
    """The files of a wheel below ``folder``, as pip lays them out for ``--target``; ``python`` is
    the interpreter of its scripts. ``RECORD`` is written anew, as pip does. Raises ``StepFailed``
    for what is no wheel."""
    with store.open(digest) as stream, _opened(stream, digest) as wheel:
        names = wheel.namelist()
        info = next(name.partition("/")[0] for name in names if ".dist-info/RECORD" in name)
        record = Record(wheel.read(f"{info}/RECORD").decode())
        for one in wheel.infolist():
            if one.is_dir() or one.filename == f"{info}/RECORD":
                continue
            # an absolute path, or one that leads out of the folder, is refused
            safe_path(one.filename, digest)
            record.keep(one.filename, _place(one.filename))
            if one.file_size <= SMALL_BYTES:
                yield Source(_entry(one, folder), partial(io.BytesIO, wheel.read(one)))
            else:
                yield _large(store, digest, one, folder)
        entry_points = f"{info}/entry_points.txt"
        scripts = wheel.read(entry_points).decode() if entry_points in names else ""
        for path, content, mode in _added(info, scripts, python):
            record.add(path, content)
            yield file_of(f"{folder}/{path}", content, mode)
        yield file_of(f"{folder}/{info}/RECORD", record.text(f"{info}/RECORD"))


def _added(info: str, scripts: str, python: str) -> Iterator[tuple[str, bytes, int]]:
    """What pip adds to a wheel's own files."""
    yield f"{info}/INSTALLER", b"pip\n", 0o644
    yield f"{info}/REQUESTED", b"", 0o644
    if scripts:
        yield from _scripts(scripts, python)


@contextmanager
def _opened(stream: IO[bytes], where: str) -> Iterator[zipfile.ZipFile]:
    """Raises ``StepFailed`` for what is no wheel."""
    try:
        with zipfile.ZipFile(stream) as wheel:
            yield wheel
    except (zipfile.BadZipFile, zlib.error, StopIteration, UnicodeDecodeError) as error:
        raise StepFailed(f"this is no wheel: {error}", where=where) from error


class Record:
    """The list of a wheel's files, as pip writes it after installing them."""

    def __init__(self, text: str) -> None:
        self._before = {row[0]: row for row in csv.reader(io.StringIO(text)) if row}
        self._rows: list[list[str]] = []

    def keep(self, name: str, path: str) -> None:
        """A file of the wheel, at its place."""
        row = self._before.get(name)
        if row is not None:
            self._rows.append([_recorded(path), *row[1:]])

    def add(self, path: str, content: bytes) -> None:
        """A file that the installation made."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
        name = f"sha256={digest.decode().rstrip('=')}"
        self._rows.append([_recorded(path), name, str(len(content))])

    def text(self, own: str) -> bytes:
        """All of it; ``own`` is its path."""
        result = io.StringIO()
        rows = sorted([*self._rows, [own, "", ""]])
        csv.writer(result).writerows(rows)
        return result.getvalue().encode()


def _recorded(path: str) -> str:
    """Scripts lie beside the library that pip installs into before it moves all to the target."""
    return f"../../{path}" if path.startswith("bin/") else path


def _entry(one: zipfile.ZipInfo, folder: str) -> Entry:
    path = _place(one.filename)
    is_script = path.startswith("bin/") or (one.external_attr >> 16) & 0o111
    mode = 0o755 if is_script else 0o644
    return Entry(f"{folder}/{path}", Kind.FILE, mode, size_bytes=one.file_size)


def _large(store: Store, digest: str, one: zipfile.ZipInfo, folder: str) -> Source:
    def content() -> io.BytesIO:
        with store.open(digest) as stream, _opened(stream, digest) as wheel:
            return io.BytesIO(wheel.read(one.filename))

    return Source(_entry(one, folder), content)


def _place(name: str) -> str:
    top, _, rest = name.partition("/")
    if not top.endswith(".data"):
        return name
    kind, _, path = rest.partition("/")
    return {"scripts": f"bin/{path}", "headers": f"include/{path}"}.get(kind, path)


def _scripts(text: str, python: str) -> Iterator[tuple[str, bytes, int]]:
    """The path, content and mode of each script."""
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    if not parser.has_section("console_scripts"):
        return
    for name, value in parser.items("console_scripts"):
        module, _, call = value.partition("[")[0].strip().partition(":")
        first = call.partition(".")[0]
        script = _SCRIPT.format(python=python, module=module, first=first, call=call)
        yield f"bin/{name}", script.encode(), 0o755
