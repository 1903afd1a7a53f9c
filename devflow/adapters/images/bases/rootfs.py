"""The file tree of a Python base made of Debian packages, laid out as ``python:3.11-slim`` is:
Python below /usr/local, /usr merged.

The same packages give the same tree. Debian's own Python finds its library beside its program, so
that it may stand in /usr/local.
"""

import io
import tarfile
import zipfile
from functools import partial
from typing import Final, Iterable

from devflow.adapters.images.bases.debs import Deb
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source

VERSION: Final = "3.11"
# where Debian's site.py looks below the prefix /usr/local
SITE: Final = "usr/local/lib/python3/dist-packages"
MERGED: Final = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
MOVED: Final = {
    f"usr/bin/python{VERSION}": f"usr/local/bin/python{VERSION}",
    f"usr/lib/python{VERSION}": f"usr/local/lib/python{VERSION}",
    "usr/lib/python3": "usr/local/lib/python3",
}
LEFT_OUT: Final = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/lintian",
    "usr/share/bug",
    "usr/share/python-wheels",
    # what a debhelper script would run, and what forbids pip to work at all
    "usr/share/python3",
    f"usr/local/lib/python{VERSION}/EXTERNALLY-MANAGED",
    f"usr/local/lib/python{VERSION}/sitecustomize.py",
)
LINKS: Final = {
    "usr/local/bin/python3": f"python{VERSION}",
    "usr/local/bin/python": f"python{VERSION}",
    "usr/bin/sh": "dash",
    "etc/os-release": "../usr/lib/os-release",
    "var/run": "/run",
    "var/lock": "/run/lock",
}
_BUNDLE: Final = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATES: Final = "usr/share/ca-certificates/"
_MASTERS: Final = "usr/share/base-passwd/"


class RootFilesystem:
    """Collects packages into one tree; ``created`` is the newest time that a file of them has, in
    seconds since 1970."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.created = 0
        self._content: dict[str, bytes] = {}
        self._status: list[str] = []

    def add(self, deb: Deb) -> None:
        """Lays one package into the tree, as dpkg would."""
        paths: list[str] = []
        for member, content in deb.members():
            self.created = max(self.created, int(member.mtime))
            path = moved(member.name)
            paths.append(path)
            if path.startswith("usr/share/python-wheels/pip-"):
                self._add_wheel(content)
            elif path and not _is_left_out(path):
                self._lay(path, member, content)
        name = deb.fields["Package"]
        same = deb.fields.get("Multi-Arch") == "same"
        listed = f"{name}:{deb.fields['Architecture']}" if same else name
        lines = [f"/{path}\n" for path in paths if path in self.sources]
        self.add_file(f"var/lib/dpkg/info/{listed}.list", "".join(lines).encode())
        package, _, rest = deb.control.strip().partition("\n")
        self._status.append(f"{package}\nStatus: install ok installed\n{rest}\n")

    def finish(self) -> list[Source]:
        """What the packages' own scripts would have made, and the whole tree."""
        self.add_file("var/lib/dpkg/status", "\n".join(sorted(self._status)).encode())
        for name in ("passwd", "group"):
            self.add_file(f"etc/{name}", self._content[f"{_MASTERS}{name}.master"])
        nsswitch = self._content.get("usr/share/base-files/nsswitch.conf", b"")
        self.add_file("etc/nsswitch.conf", nsswitch)
        certificates = [path for path in self._content if path.startswith(_CERTIFICATES)]
        bundle = [self._content[path].rstrip() + b"\n" for path in sorted(certificates)]
        self.add_file(_BUNDLE, b"".join(bundle))
        for path, target in LINKS.items():
            if path not in self.sources:
                self._put(Entry(path, Kind.SYMLINK, 0o777, link=target))
        for name in MERGED[:2] + ("lib", "lib64"):
            if f"usr/{name}" in self.sources:
                self._put(Entry(name, Kind.SYMLINK, 0o777, link=f"usr/{name}"))
        for name, mode in (("tmp", 0o1777), ("var/tmp", 0o1777), ("root", 0o700)):
            self._put(Entry(name, Kind.DIRECTORY, mode))
        self._add_folders()
        return list(self.sources.values())

    def add_file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """One file of the superuser's."""
        entry = Entry(path, Kind.FILE, mode, size_bytes=len(content))
        self.sources[path] = Source(entry, partial(io.BytesIO, content))
        self._content[path] = content

    def _put(self, entry: Entry) -> None:
        self.sources[entry.path] = Source(entry)

    def _lay(self, path: str, member: tarfile.TarInfo, content: bytes) -> None:
        mode = member.mode & 0o7777
        if member.isreg():
            entry = Entry(path, Kind.FILE, mode, member.uid, member.gid, len(content))
            self.sources[path] = Source(entry, partial(io.BytesIO, content))
            self._content[path] = content
        elif member.islnk():
            # a file of its own: a link would have to stand behind what it links to
            self.add_file(path, self._content[moved(member.linkname)], mode)
        elif member.issym():
            self._put(Entry(path, Kind.SYMLINK, 0o777, link=_link(path, member.linkname)))
        elif member.isdir() and path not in self.sources:
            self._put(Entry(path, Kind.DIRECTORY, mode, member.uid, member.gid))

    def _add_wheel(self, content: bytes) -> None:
        """pip itself, which a wheel holds as it is installed."""
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            for member in sorted(wheel.namelist()):
                if not member.endswith("/"):
                    self.add_file(f"{SITE}/{member}", wheel.read(member))

    def _add_folders(self) -> None:
        for path in list(self.sources):
            for folder in above(path):
                if folder not in self.sources:
                    self._put(Entry(folder, Kind.DIRECTORY, 0o755))


def above(path: str) -> Iterable[str]:
    """The folders that a path lies in, outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def moved(name: str) -> str:
    """Where a file of a package stands here."""
    path = "/".join(part for part in name.split("/") if part not in ("", "."))
    first = path.partition("/")[0]
    if first in MERGED:
        path = f"usr/{path}"
    for old, new in MOVED.items():
        if path == old or path.startswith(f"{old}/"):
            return new + path.removeprefix(old)
    return path


def _link(path: str, target: str) -> str:
    """A link's target, which moved with what it leads to."""
    if not target.startswith("/"):
        return target
    return f"/{moved(target)}"


def _is_left_out(path: str) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in LEFT_OUT)
