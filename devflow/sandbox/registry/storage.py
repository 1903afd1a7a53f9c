"""The registry's folder: contents once, and for each repository what it holds of them.

Contents are named by their digest and appear whole. A repository's folders begin with ``_``, as no
part of a repository's name can.
"""

import hashlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from devflow.sandbox.registry.answers import Refused

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
NAME: Final = re.compile(rf"{_PART}(?:/{_PART})*")
TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
UPLOAD_S: Final = 24 * 3600  # s; an upload that rests for a day is over
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def checked_digest(digest: str) -> str:
    """Its hexadecimal part, which is a file's name."""
    if not DIGEST.fullmatch(digest):
        raise Refused("DIGEST_INVALID", "this is no sha256 digest", digest)
    return digest.partition(":")[2]


class Storage:
    """Everything that the registry holds; the folder is made by the first write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blobs = folder / "blobs" / "sha256"
        # apart, so that a copy of the sandbox can leave the large contents where they are
        self._manifests = folder / "manifests" / "sha256"
        self._repositories = folder / "repositories"
        self._uploads = folder / "uploads"

    def forget_old_uploads(self) -> None:
        """Ends sessions that nobody goes on with."""
        oldest = time.time() - UPLOAD_S
        for path in self._uploads.glob("*"):
            if path.stat().st_mtime < oldest:
                path.unlink()

    def repository(self, name: str) -> "Repository":
        """One repository, held or not."""
        if not NAME.fullmatch(name):
            raise Refused("NAME_INVALID", "this is no repository's name", name)
        return Repository(self, name, self._repositories / name)

    def names(self) -> list[str]:
        """Every repository that has a manifest or a blob."""
        found = {path.parent for path in self._repositories.glob("**/_*")}
        return sorted(str(path.relative_to(self._repositories)) for path in found)

    def blob(self, hex_digest: str) -> Path:
        """Where a content lies, there or not."""
        return self._blobs / hex_digest

    def manifest(self, hex_digest: str) -> Path:
        """Where a document lies, there or not."""
        return self._manifests / hex_digest

    def upload(self, session: str) -> Path:
        """The file of a session. A session's name comes from the client."""
        try:
            name = str(uuid.UUID(session))
        except ValueError:
            raise Refused("BLOB_UPLOAD_UNKNOWN", "there is no such upload", session) from None
        return self._uploads / name


class Repository:
    """What one repository holds."""

    def __init__(self, storage: Storage, name: str, folder: Path) -> None:
        self.name = name
        self._storage = storage
        self._folder = folder

    def exists(self) -> bool:
        """Whether anything was ever put here."""
        return any(self._folder.glob("_*"))

    def blob(self, digest: str) -> Path | None:
        """A content that is held here."""
        name = checked_digest(digest)
        path = self._storage.blob(name)
        is_here = (self._folder / "_blobs" / name).exists() and path.exists()
        return path if is_here else None

    def take_over(self, digest: str, other: "Repository") -> bool:
        """Mounts a content that another repository holds."""
        if other.blob(digest) is None:
            return False
        self._link("_blobs", checked_digest(digest), "")
        return True

    def begin(self) -> str:
        """A new session's name."""
        session = str(uuid.uuid4())
        path = self._storage.upload(session)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        # a session belongs to the repository in which it was begun
        self._link("_uploads", session, "")
        return session

    def session(self, session: str) -> Path:
        """The file of a session of this repository."""
        path = self._storage.upload(session)
        if not path.exists() or not (self._folder / "_uploads" / path.name).exists():
            raise Refused("BLOB_UPLOAD_UNKNOWN", "there is no such upload", session)
        return path

    def forget(self, session: str) -> None:
        """Ends a session, and what it has sent."""
        self.session(session).unlink()
        (self._folder / "_uploads" / session).unlink()

    def finish(self, session: str, digest: str) -> None:
        """Makes what a session has sent a content, where it has this digest; else it is gone."""
        path = self.session(session)
        name = checked_digest(digest)
        with path.open("rb") as content:
            actual = hashlib.file_digest(content, "sha256").hexdigest()
        if actual != name:
            self.forget(session)
            text = "provided digest did not match uploaded content"
            raise Refused("DIGEST_INVALID", text, {"got": f"sha256:{actual}"})
        target = self._storage.blob(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        # a copied sandbox may have its contents on another disk
        shutil.move(path, target)
        (self._folder / "_uploads" / session).unlink()
        self._link("_blobs", name, "")

    def manifest(self, reference: str) -> tuple[str, str, Path] | None:
        """The digest, type and file of what a tag or digest leads to."""
        digest = reference
        if not DIGEST.fullmatch(reference):
            if not TAG.fullmatch(reference):
                raise Refused("TAG_INVALID", "this is neither a tag nor a digest", reference)
            digest = self._read("_tags", reference)
        name = digest.partition(":")[2]
        media_type = self._read("_manifests", name) if name else ""
        return (digest, media_type, self._storage.manifest(name)) if media_type else None

    def keep_manifest(self, digest: str, media_type: str, body: bytes) -> None:
        """Holds a document."""
        name = checked_digest(digest)
        _write(self._storage.manifest(name), body)
        self._link("_manifests", name, media_type)

    def tag(self, tag: str, digest: str) -> None:
        """Makes a tag lead to a document."""
        if not TAG.fullmatch(tag):
            raise Refused("TAG_INVALID", "this is no tag", tag)
        self._link("_tags", tag, digest)

    def tags(self) -> list[str]:
        """Every tag, sorted as the specification has it."""
        return sorted(self._names("_tags"))

    def attach(self, subject: str, digest: str) -> None:
        """Notes that a document is about another one, which may not be there yet."""
        self._link(f"_referrers/{checked_digest(subject)}", checked_digest(digest), "")

    def attached(self, subject: str) -> Iterator[tuple[str, str, Path]]:
        """The documents about another one."""
        for name in sorted(self._names(f"_referrers/{checked_digest(subject)}")):
            held = self.manifest(f"sha256:{name}")
            if held is not None:
                yield held

    def _names(self, kind: str) -> list[str]:
        folder = self._folder / kind
        if not folder.is_dir():
            return []
        # what a write that was killed has left behind begins with a dot
        return [path.name for path in folder.iterdir() if not path.name.startswith(".")]

    def _read(self, kind: str, name: str) -> str:
        path = self._folder / kind / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _link(self, kind: str, name: str, text: str) -> None:
        _write(self._folder / kind / name, text.encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4()}")
    part.write_bytes(content)
    os.replace(part, path)
