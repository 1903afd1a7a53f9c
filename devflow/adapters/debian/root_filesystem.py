"""The files of Debian packages as they lie in a root file system, with what their installation
would have written: who is installed, users, the bundle of certificates.

Laid out as the official Python image is: Python in /usr/local, /usr merged. No documentation, no
locales, no tests; nothing is run.
"""

import io
import posixpath
import tarfile
from email.message import Message
from email.parser import HeaderParser
from typing import Final, Iterable, Iterator

from devflow.adapters.debian.ar import member
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source, file_of
from devflow.model.errors import StepFailed

MERGED: Final = ("bin", "sbin", "lib", "lib64")
_MOVED: Final = (
    ("usr/bin/python3.11", "usr/local/bin/python3.11"),
    ("usr/lib/python3.11", "usr/local/lib/python3.11"),
)
_LEFT_OUT: Final = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/lintian",
    "usr/share/info",
    "usr/share/bash-completion",
    "usr/local/lib/python3.11/test",
    # a link to a file of nothing
    "usr/local/lib/python3.11/sitecustomize.py",
    # pip is told by it to leave Debian's own Python alone; this one is nobody else's
    "usr/local/lib/python3.11/EXTERNALLY-MANAGED",
)
_FOLDERS: Final = ("dev", "etc", "home", "proc", "root", "run", "sys", "var/tmp")
_LINKS: Final = {
    **{name: f"usr/{name}" for name in MERGED},
    "usr/local/bin/python": "python3.11",
    "usr/local/bin/python3": "python3.11",
    "usr/bin/awk": "mawk",
}
_BUNDLE: Final = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATES: Final = "usr/share/ca-certificates/mozilla/"
# where names are looked up; libc-bin's own, which is not among the packages, says the same
_NAMES: Final = b"passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
# what the packages' own installation copies
_TEMPLATES: Final = {
    "etc/group": "usr/share/base-passwd/group.master",
    "etc/passwd": "usr/share/base-passwd/passwd.master",
}


def root_files(packages: Iterable[bytes]) -> dict[str, Source]:
    """Every file of the packages, and what stands beside them, by path. Raises ``StepFailed`` for
    what is no Debian package."""
    files: dict[str, Source] = {}
    status = []
    for deb in packages:
        control = _control(deb)
        paths = []
        for source in _contents(deb):
            files[source.entry.path] = source
            paths.append(f"/{source.entry.path}\n")
        name = _list_name(control)
        files[name] = file_of(name, "".join(sorted(paths)).encode())
        status.append(_stanza(control))
    status.sort()
    files["var/lib/dpkg/status"] = file_of("var/lib/dpkg/status", "\n".join(status).encode())
    _settle(files)
    return files


def _settle(files: dict[str, Source]) -> None:
    for path in (*_FOLDERS, "tmp"):
        mode = 0o1777 if path.endswith("tmp") else 0o755
        files[path] = Source(Entry(path, Kind.DIRECTORY, mode))
    for path, target in _LINKS.items():
        files.setdefault(path, Source(Entry(path, Kind.SYMLINK, 0o777, link=target)))
    for path, template in _TEMPLATES.items():
        master = files.get(template)
        if master is not None:
            with master.content() as content:
                files[path] = file_of(path, content.read())
    files["etc/nsswitch.conf"] = file_of("etc/nsswitch.conf", _NAMES)
    certificates = sorted(path for path in files if path.startswith(_CERTIFICATES))
    bundle = b""
    for path in certificates:
        if files[path].entry.kind is Kind.FILE:
            with files[path].content() as content:
                bundle += content.read()
    files[_BUNDLE] = file_of(_BUNDLE, bundle)
    for path in list(files):
        _add_parents(path, files)


def _add_parents(path: str, files: dict[str, Source]) -> None:
    parent = posixpath.dirname(path)
    while parent and parent not in files:
        files[parent] = Source(Entry(parent, Kind.DIRECTORY, 0o755))
        parent = posixpath.dirname(parent)


def _contents(deb: bytes) -> Iterator[Source]:
    data = member(deb, "data.tar")
    if data is None:
        raise StepFailed("this is no Debian package", hint="empty the cache of images")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as tar:
        for one in tar:
            path = _place(one.name)
            if path and path not in _LINKS:
                yield _source(tar, one, path)


def _source(tar: tarfile.TarFile, one: tarfile.TarInfo, path: str) -> Source:
    mode = one.mode & 0o7777
    if one.isdir():
        return Source(Entry(path, Kind.DIRECTORY, mode))
    if one.issym():
        return Source(Entry(path, Kind.SYMLINK, 0o777, link=_target(one)))
    # also a hard link's: what it leads to may be moved elsewhere
    stream = tar.extractfile(one)
    content = stream.read() if stream else b""
    entry = Entry(path, Kind.FILE, mode & ~0o6000, one.uid, one.gid, len(content))
    return Source(entry, lambda: io.BytesIO(content))


def _target(one: tarfile.TarInfo) -> str:
    """Where a link leads after its target was moved."""
    if not one.linkname.startswith("/"):
        return one.linkname
    return f"/{_place(one.linkname)}"


def _place(name: str) -> str:
    """Where a package's path lies here; empty for what is left out."""
    path = name.removeprefix("./").strip("/")
    top = path.partition("/")[0]
    if top in MERGED:
        path = f"usr/{path}"
    for before, after in _MOVED:
        if path == before or path.startswith(f"{before}/"):
            path = f"{after}{path.removeprefix(before)}"
    if any(path == one or path.startswith(f"{one}/") for one in _LEFT_OUT):
        return ""
    return path


def _control(deb: bytes) -> Message:
    control = member(deb, "control.tar")
    if control is None:
        raise StepFailed("this is no Debian package", hint="empty the cache of images")
    with tarfile.open(fileobj=io.BytesIO(control), mode="r:*") as tar:
        stream = tar.extractfile("./control")
        assert stream is not None
        return HeaderParser().parsestr(stream.read().decode())


def _stanza(control: Message) -> str:
    lines = [f"Package: {control['Package']}", "Status: install ok installed"]
    for key, value in control.items():
        if key != "Package":
            lines.append(f"{key}: {value}")
    return "\n".join(lines) + "\n"


def _list_name(control: Message) -> str:
    name = str(control["Package"])
    if control.get("Multi-Arch") == "same":
        name = f"{name}:{control['Architecture']}"
    return f"var/lib/dpkg/info/{name}.list"
