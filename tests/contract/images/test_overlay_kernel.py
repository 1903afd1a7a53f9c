"""What layers add up to is what the kernel's own overlay file system shows of them."""

import os
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import pytest

from devflow.craft.oci.layers import Kind
from devflow.craft.oci.overlay import merged
from tests.standins.image_files import File, file, folder, hardlink, symlink
from tests.standins.unpacking import mounted, on_disk, unmounted, unpack_on_disk

BASE = (
    folder("usr"),
    folder("usr/lib"),
    file("usr/lib/libc.so", b"libc"),
    file("usr/lib/other.so", b"other"),
    symlink("lib", "usr/lib"),
    folder("var"),
    folder("var/cache"),
    file("var/cache/a", b"a"),
    file("var/cache/b", b"b"),
    file("etc/x", b"x"),
    hardlink("etc/y", "etc/x"),
    folder("app"),
    file("app/main.py", b"1"),
)
ABOVE: Dict[str, Tuple[File, ...]] = {
    "a file deleted": (file("var/cache/.wh.a"),),
    "a directory deleted": (file("var/.wh.cache"),),
    "an opaque directory": (folder("var/cache"), file("var/cache/.wh..wh..opq")),
    "an opaque directory with new files": (
        folder("var/cache"),
        file("var/cache/.wh..wh..opq"),
        file("var/cache/new", b"n"),
    ),
    "an opaque marker last": (
        folder("var/cache"),
        file("var/cache/new", b"n"),
        file("var/cache/.wh..wh..opq"),
    ),
    "a marker beside its directory": (
        file("var/.wh.cache"),
        folder("var/cache"),
        file("var/cache/new", b"n"),
    ),
    "a file over a directory": (file("var/cache", b"now a file"),),
    "a directory over a file": (folder("etc/x"), file("etc/x/in", b"i")),
    "below a symbolic link": (file("lib/x", b"below"),),
    "a symbolic link over a directory": (symlink("app", "usr"),),
    "a hard link's file replaced": (file("etc/x", b"2"),),
    "what is not there deleted": (file("usr/.wh.nothing"),),
    "the same file again": (file("app/main.py", b"2"), file("app/main.py", b"3")),
}


@pytest.fixture
def kernel(tmp_path: Path) -> Any:
    """Shows layers by the kernel; skips where it is not ours to mount."""

    def shown(layers: Sequence[Sequence[File]]) -> Dict[str, Tuple[str, Any]]:
        folders = []
        for number, layer in enumerate(layers):
            folders.append(tmp_path / str(number))
            unpack_on_disk(layer, folders[-1])
        at = tmp_path / "merged"
        try:
            mounted(folders, at)
        except OSError as error:
            pytest.skip(f"the kernel mounts no overlay here: {error}")
        try:
            return on_disk(at)
        finally:
            unmounted(at)

    if os.geteuid() != 0:
        pytest.skip("only root mounts overlays and makes whiteout devices")
    return shown


def ours(layers: Sequence[Sequence[File]]) -> Dict[str, Tuple[str, Any]]:
    found: Dict[str, Tuple[str, Any]] = {}
    for path, seen in merged([[entry for entry, _ in layer] for layer in layers]).items():
        entry = seen.entry
        if entry.kind is Kind.DIRECTORY:
            found[path] = ("directory", None)
        elif entry.kind is Kind.SYMLINK:
            found[path] = ("symlink", entry.link)
        else:
            wanted = entry.link or path
            contents: List[bytes] = []
            for one, content in layers[seen.layer]:
                if one.path == wanted:
                    contents.append(content)
            found[path] = ("file", contents[-1])
    return found


@pytest.mark.parametrize("name", ABOVE)
def test_the_kernel_shows_what_ours_adds_up(name: str, kernel: Any) -> None:
    layers = (BASE, ABOVE[name])
    assert kernel(layers) == ours(layers)


def test_the_kernel_shows_what_ours_adds_up_of_many_layers(kernel: Any) -> None:
    layers = [BASE, *ABOVE.values()]
    # a file takes a directory's place in one, and has a file below it in another
    assert kernel(layers) == ours(layers)
