"""Where a path that a package list names is in the image: folders may be symbolic links, and a
merged /usr makes two names of one file."""

import posixpath
from typing import Final, Mapping

from devflow.craft.oci.layers import Kind
from devflow.craft.oci.overlay import Seen

LINKS_MAX: Final = 40  # as many as Linux follows before it says that there is a loop
_MERGED: Final = ("bin/", "sbin/", "lib/", "lib32/", "lib64/", "libx32/")


class Paths:
    """The visible paths of an image, asked by the names that packages give them."""

    def __init__(self, seen: Mapping[str, Seen]) -> None:
        self._seen = seen
        self._folders: dict[str, str] = {"": ""}

    def find(self, name: str) -> str:
        """The visible path that a name leads to, its last part not followed; empty where there is
        none or it is a folder."""
        path = name.strip("/").removeprefix("./")
        for candidate in self._candidates(path):
            seen = self._seen.get(candidate)
            if seen is not None and seen.entry.kind is not Kind.DIRECTORY:
                return candidate
        return ""

    def _candidates(self, path: str) -> tuple[str, ...]:
        folder, _, last = path.rpartition("/")
        real = posixpath.join(self._real(folder, 0), last)
        if path.startswith(_MERGED):
            return path, real, f"usr/{path}"
        return path, real

    def _real(self, folder: str, depth: int) -> str:
        known = self._folders.get(folder)
        if known is not None:
            return known
        parent, _, last = folder.rpartition("/")
        path = posixpath.join(self._real(parent, depth), last)
        seen = self._seen.get(path)
        is_link = seen is not None and seen.entry.kind is Kind.SYMLINK
        if seen is not None and is_link and depth < LINKS_MAX:
            target = posixpath.join("/", posixpath.dirname(path), seen.entry.link)
            path = self._real(posixpath.normpath(target).strip("/"), depth + 1)
        self._folders[folder] = path
        return path
