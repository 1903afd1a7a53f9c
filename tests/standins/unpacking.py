"""How an engine unpacks a layer into a folder of its own, and what the kernel shows of these
folders over each other: once as nested dictionaries, once on a real disk.

Written from what engines do (moby ``pkg/archive``, containerd ``archive``), not from ours.
"""

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Sequence, Tuple

from devflow.craft.oci.layers import Entry, Kind

Node = Dict[str, Any]
WHITEOUT = {"kind": "whiteout"}


class Refused(Exception):
    """What an engine cannot unpack."""


def folder_node() -> Node:
    return {"kind": "directory", "children": {}, "opaque": False, "mode": None}


def unpacked(entries: Iterable[Tuple[Entry, bytes]]) -> Node:
    """One layer by itself, in the order of its tar."""
    root = folder_node()
    for entry, content in entries:
        *parents, name = entry.path.split("/")
        parent = _parent(root, parents)
        children = parent["children"]
        if name == ".wh..wh..opq":
            parent["opaque"] = True
        elif name.startswith(".wh.."):
            continue
        elif name.startswith(".wh."):
            children.setdefault(name[4:], WHITEOUT)
        elif entry.kind is Kind.DIRECTORY:
            before = children.get(name)
            if before is None or before["kind"] != "directory":
                children[name] = folder_node()
            children[name]["mode"] = entry.mode
        elif entry.kind is Kind.HARDLINK:
            *above, last = entry.link.split("/")
            target = _parent(root, above, make=False)["children"].get(last)
            if target is None or target["kind"] in ("directory", "whiteout"):
                raise Refused(entry.link)
            children[name] = target
        else:
            children[name] = {"kind": entry.kind.value, "link": entry.link, "content": content}
    return root


def _parent(root: Node, parents: Sequence[str], make: bool = True) -> Node:
    node = root
    for part in parents:
        child = node["children"].get(part)
        if child is None or (child is WHITEOUT and make):
            if not make:
                raise Refused(part)
            child = node["children"][part] = folder_node()
        if child["kind"] != "directory":
            raise Refused(part)
        node = child
    return node


def laid_over(lower: Node, upper: Node) -> Node:
    """What the kernel shows of an upper folder over a lower one."""
    merged = dict(upper)
    merged["children"] = dict({} if upper["opaque"] else lower["children"])
    if merged["mode"] is None:
        merged["mode"] = lower["mode"]
    for name, node in upper["children"].items():
        below = merged["children"].pop(name, None)
        if node["kind"] == "whiteout":
            continue
        if node["kind"] == "directory":
            is_directory = below is not None and below["kind"] == "directory"
            node = laid_over(below if is_directory and below else folder_node(), node)
        merged["children"][name] = node
    return merged


def shown(layers: Iterable[Sequence[Tuple[Entry, bytes]]]) -> Dict[str, Tuple[str, Any]]:
    """What is seen of layers: kind and content, or the target, by path."""
    root = folder_node()
    for layer in layers:
        root = laid_over(root, unpacked(layer))
    return dict(_walked(root, ""))


def _walked(node: Node, folder: str) -> Iterator[Tuple[str, Tuple[str, Any]]]:
    for name, child in node["children"].items():
        path = f"{folder}/{name}" if folder else name
        kind = child["kind"]
        if kind == "directory":
            yield path, (kind, None)
            yield from _walked(child, path)
        elif kind == "symlink":
            yield path, (kind, child["link"])
        else:
            yield path, (kind, child["content"])


def unpack_on_disk(entries: Sequence[Tuple[Entry, bytes]], folder: Path) -> None:
    """One layer as Docker 20.10 unpacks it for overlay2: whiteouts as devices 0/0, opaque markers
    as attributes. Needs root."""
    folder.mkdir()
    folder.chmod(0o755)
    for entry, content in entries:
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name == ".wh..wh..opq":
            os.setxattr(path.parent, "trusted.overlay.opaque", b"y")
        elif path.name.startswith(".wh.."):
            continue
        elif path.name.startswith(".wh."):
            target = path.with_name(path.name[4:])
            if not os.path.lexists(target):
                os.mknod(target, stat.S_IFCHR, os.makedev(0, 0))
        else:
            _put(entry, content, path, folder)


def _put(entry: Entry, content: bytes, path: Path, folder: Path) -> None:
    if os.path.lexists(path):
        is_directory = path.is_dir() and not path.is_symlink()
        if is_directory and entry.kind is Kind.DIRECTORY:
            path.chmod(entry.mode)
            return
        if is_directory:
            shutil.rmtree(path)
        else:
            path.unlink()
    if entry.kind is Kind.DIRECTORY:
        path.mkdir()
    elif entry.kind is Kind.SYMLINK:
        path.symlink_to(entry.link)
        return
    elif entry.kind is Kind.HARDLINK:
        os.link(folder / entry.link, path, follow_symlinks=False)
        return
    else:
        path.write_bytes(content)
    path.chmod(entry.mode)


def mounted(folders: List[Path], at: Path) -> None:
    """Lays folders over each other, the lowest first. Raises ``OSError`` where it is refused."""
    at.mkdir()
    lower = ":".join(str(folder) for folder in reversed(folders))
    command = ["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower}", str(at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip())


def unmounted(at: Path) -> None:
    """Takes the mount away again."""
    subprocess.run(["umount", str(at)], check=True)


def on_disk(at: Path) -> Dict[str, Tuple[str, Any]]:
    """What a folder shows: kind and content, or the target, by path."""
    found: Dict[str, Tuple[str, Any]] = {}
    for path in sorted(at.rglob("*")):
        name = path.relative_to(at).as_posix()
        if path.is_symlink():
            found[name] = ("symlink", os.readlink(path))
        elif path.is_dir():
            found[name] = ("directory", None)
        else:
            found[name] = ("file", path.read_bytes())
    return found
