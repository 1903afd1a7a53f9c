"""Content of this machine by its digest: what was built, what was pulled, and documents about it.

The folder is an OCI image layout's ``blobs``: other tools read it too. A blob appears under its
name only once it is whole and has the digest that the name says.
"""

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Iterable, Iterator

from devflow.adapters.images.cache import touch
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed, StorageFailed, Unavailable

CHUNK_BYTES: Final = 1024 * 1024


class Store:
    """A store by its folder, which needs not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._blobs = folder / "blobs" / "sha256"
        self._opened: set[str] = set()
        self._dropped: list[str] = []

    def path(self, digest: str) -> Path:
        """Where content lies, held or not. The name is checked: it comes from others' documents."""
        name = digest.removeprefix("sha256:")
        if len(name) != 64 or set(name) - set("0123456789abcdef"):
            raise StepFailed(f"{digest!r} is no sha256 digest", where=str(self.folder))
        return self._blobs / name

    def open(self, digest: str) -> BinaryIO:
        """The content, seekable. Raises ``Unavailable`` where it is not held."""
        try:
            path = self.path(digest)
            content = path.open("rb")
            touch(path)
            self._opened.add(digest)
            return content
        except FileNotFoundError:
            missing = f"{digest} is no longer in the cache of images"
            hint = f"{command_line('ship')} builds it anew"
            raise Unavailable(missing, where=str(self.folder), hint=hint) from None

    def size_bytes(self, digest: str) -> int | None:
        """How large it is, ``None`` where it is not held."""
        path = self.path(digest)
        if not path.is_file():
            return None
        touch(path)
        return path.stat().st_size

    def read(self, digest: str) -> bytes:
        """The whole content of a document. Raises as ``open`` does, and ``StepFailed`` where it is
        not what its name says: it is removed then, and the next build makes it again."""
        with self.open(digest) as content:
            body = content.read()
        if f"sha256:{hashlib.sha256(body).hexdigest()}" != digest:
            self._drop(digest)
            problem = f"{digest} was damaged in the cache of images, and is removed"
            hint = f"{command_line('ship')} makes it again"
            raise StepFailed(problem, where=str(self.path(digest)), hint=hint)
        return body

    def is_sound(self, digest: str) -> bool:
        """Whether content is held that is what its name says; what is not is removed. All of it is
        read: 1 s a GB."""
        try:
            with self.path(digest).open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
        except FileNotFoundError:
            return False
        if f"sha256:{found}" != digest:
            self._drop(digest)
        return f"sha256:{found}" == digest

    def drop_damaged(self) -> tuple[str, ...]:
        """Looks at everything that was opened here, for when something that was made of it failed;
        answers the paths of what was damaged, all of it removed."""
        for digest in sorted(self._opened):
            self.is_sound(digest)
        self._opened.clear()
        paths = tuple(dict.fromkeys(self._dropped))
        self._dropped.clear()
        return paths

    def _drop(self, digest: str) -> None:
        path = self.path(digest)
        path.unlink(missing_ok=True)
        self._dropped.append(str(path))

    def keep(self, content: bytes) -> str:
        """Puts content in and answers its digest."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        # a document of some kB: looked at each time, so that a damaged one does not stay
        if self.size_bytes(digest) is None or not self.is_sound(digest):
            with self.writing() as part:
                part.write(content)
                self.commit(part, digest)
        return digest

    def receive(self, chunks: Iterable[bytes], digest: str) -> None:
        """Takes content that must have this digest. Raises ``StepFailed`` where it has another."""
        with self.writing() as part:
            actual = hashlib.sha256()
            for chunk in chunks:
                actual.update(chunk)
                part.write(chunk)
            found = f"sha256:{actual.hexdigest()}"
            if found != digest:
                problem = f"what came is not what was asked for: {found}, not {digest}"
                raise StepFailed(problem, hint="ask again, or look at the registry's own disk")
            self.commit(part, digest)

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """A file that becomes content by ``commit``, and is gone without it. Raises
        ``StorageFailed`` where the disk is full."""
        try:
            self._blobs.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                dir=self._blobs, prefix=".part-", delete=False
            ) as part:
                try:
                    yield part  # type: ignore[misc]
                finally:
                    Path(part.name).unlink(missing_ok=True)
        except OSError as error:
            hint = "free some space, then type the same command again"
            where = str(self.folder)
            raise StorageFailed(
                f"the image store cannot be written: {error}", where=where, hint=hint
            ) from error

    def commit(self, part: BinaryIO, digest: str) -> None:
        """Gives what was written its name; whoever has put the same there before did the same."""
        part.flush()
        os.chmod(part.name, 0o644)
        os.replace(part.name, self.path(digest))
