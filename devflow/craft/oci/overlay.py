"""What layers add up to, by the rules of overlay file systems as engines apply them.

Plain extraction, one tar over another, gives other files: a directory over a file, an opaque
marker, an entry below a path that is a symbolic link in a lower layer. An engine unpacks each layer
into a folder of its own, and the kernel lays these folders over each other: so a layer is added up
by itself first, in the order of its tar, and then laid over what is below.
"""

from dataclasses import dataclass, replace
from typing import Final, Iterable, Mapping

from devflow.craft.oci.layers import OPAQUE, WHITEOUT, Entry, Kind
from devflow.model.errors import StepFailed

# names of the file system that engines had before overlay; they are left out, but for the opaque
# marker
_AUFS: Final = f"{WHITEOUT}{WHITEOUT}"
LINKS_MAX: Final = 40  # links followed for one path, as Linux does
# directories that one layer replaces by what is none; each costs a look at all entries, and no
# builder writes any
REPLACED_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that is visible in the image, and the layer that it comes from (0 the lowest)."""

    entry: Entry
    layer: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """An entry of a lower layer that a higher one replaced or deleted; its bytes are shipped and
    never seen. With ``by_layer`` its own layer, it stands there twice, and is in no size of it."""

    entry: Entry
    layer: int
    by_layer: int
    deleted: bool


class Folder:
    """One layer by itself, as an engine unpacks it into an empty folder: ``seen`` by path, in
    which a parent that the tar does not name is a directory; ``deleted`` paths; ``opaque``
    directories; ``again``, what the tar itself replaces; ``links``, the hard links by their file.
    """

    def __init__(self, entries: Iterable[Entry], layer: int = 0) -> None:
        self.seen: dict[str, Seen] = {}
        self._layer = layer
        self.implied: set[str] = set()
        self.deleted: set[str] = set()
        self.opaque: set[str] = set()
        self.again: list[Entry] = []
        self.links: dict[str, list[str]] = {}
        self._has_symlinks = False
        self._replacements = 0
        for entry in entries:
            self._unpack(entry)

    def _unpack(self, entry: Entry) -> None:
        if not entry.path or _is_aufs(entry.path):
            return
        path = self._landing(entry.path)
        folder, _, name = path.rpartition("/")
        if name.startswith(WHITEOUT):
            self._mark(folder, name)
            return
        if path is not entry.path:
            entry = replace(entry, path=path)
        if entry.kind is Kind.HARDLINK:
            entry = self._linked(entry)
        self._parents(folder)
        before = self.seen.get(path)
        if before is not None:
            self._replaced(before.entry, entry)
        # the marker was unpacked as a device, which gives way: what was below comes back where
        # both are directories
        self.deleted.discard(path)
        self.implied.discard(path)
        self.seen[path] = Seen(entry, self._layer)
        if entry.kind is Kind.SYMLINK:
            self._has_symlinks = True
        elif entry.kind is Kind.HARDLINK:
            self.links.setdefault(entry.link, []).append(path)

    def _linked(self, entry: Entry) -> Entry:
        """A hard link to what is one already is a link to the file itself, one to a symbolic link
        another of the same target."""
        held = self.seen.get(self._landing(entry.link))
        target = held.entry if held else None
        if target is None or target.kind is Kind.DIRECTORY:
            # engines link within the layer's own folder, in the order of the tar
            why = f"is a hard link to {entry.link}, which its layer does not hold before it"
            raise _impossible(entry.path, why)
        if target.kind is Kind.SYMLINK:
            return replace(entry, kind=Kind.SYMLINK, link=target.link)
        link = target.link if target.kind is Kind.HARDLINK else target.path
        return entry if link == entry.link else replace(entry, link=link)

    def _mark(self, folder: str, name: str) -> None:
        self._parents(folder)
        if name == OPAQUE:
            self.opaque.add(folder)
        else:
            target = name.removeprefix(WHITEOUT)
            path = f"{folder}/{target}" if folder else target
            if path not in self.seen:
                self.deleted.add(path)

    def _replaced(self, before: Entry, entry: Entry) -> None:
        if before.kind is not Kind.DIRECTORY:
            self._hand_over(before)
        elif entry.kind is not Kind.DIRECTORY:
            self._replacements += 1
            if self._replacements > REPLACED_MAX:
                raise _impossible(before.path, "is one of too many directories that it replaces")
            begin = f"{before.path}/"
            for path in [path for path in self.seen if path.startswith(begin)]:
                self._hand_over(self.seen.pop(path).entry)
            self.opaque = {path for path in self.opaque if path != before.path}
            self.opaque = {path for path in self.opaque if not path.startswith(begin)}
            self.deleted = {path for path in self.deleted if not path.startswith(begin)}

    def _hand_over(self, gone: Entry) -> None:
        """What a replaced file held lives on where a hard link to it does."""
        if gone.kind is Kind.HARDLINK:
            self.links[gone.link].remove(gone.path)
        links = self.links.pop(gone.path, None) if gone.kind is not Kind.HARDLINK else None
        if not links:
            self.again.append(gone)
            return
        first, *others = links
        self.seen[first] = Seen(replace(gone, path=first), self._layer)
        for path in others:
            entry = replace(self.seen[path].entry, link=first)
            self.seen[path] = Seen(entry, self._layer)
        if others:
            self.links[first] = others

    def _parents(self, folder: str) -> None:
        """Makes the directories that the tar does not name; a file gives way as little as it does
        in a file system."""
        missing = []
        while folder:
            held = self.seen.get(folder)
            if held is not None:
                if held.entry.kind is not Kind.DIRECTORY:
                    raise _impossible(folder, "is no directory, and has an entry below it")
                break
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        for path in reversed(missing):
            self.seen[path] = Seen(Entry(path, Kind.DIRECTORY, 0o755), self._layer)
            self.implied.add(path)
            self.deleted.discard(path)

    def _landing(self, path: str) -> str:
        """Where an entry below a symbolic link of the same layer lands."""
        if not self._has_symlinks:
            return path
        followed = 0
        at = path.find("/")
        while at >= 0:
            held = self.seen.get(path[:at])
            if held is not None and held.entry.kind is Kind.SYMLINK:
                followed += 1
                if followed > LINKS_MAX:
                    raise _impossible(path, "is below a loop of symbolic links")
                target = _joined(path[:at], held.entry.link)
                path = f"{target}{path[at:]}" if target else path[at + 1 :]
                at = path.find("/")
            else:
                at = path.find("/", at + 1)
        return path


class Overlay:
    """The merged view, layer by layer."""

    def __init__(self) -> None:
        self.visible: dict[str, Seen] = {}
        self.hidden: list[Hidden] = []
        self.layers = 0

    def add(self, entries: Iterable[Entry]) -> None:
        """Lays one layer over those before it; each path counts once, as its last entry. Raises
        ``StepFailed`` for a layer that no engine can unpack."""
        try:
            folder = Folder(entries, self.layers)
        except StepFailed as error:
            error.where = error.where or f"layer {self.layers + 1}"
            raise
        self.lay(folder)

    def lay(self, folder: Folder) -> None:
        """Lays an unpacked layer over those before it; what it saw is the overlay's from now on."""
        layer = self.layers
        self.layers += 1
        for entry in folder.again:
            self.hidden.append(Hidden(entry, layer, layer, deleted=False))
        if not self.visible:
            # not copied: most images have most of their files in the lowest layer
            self.visible = folder.seen
            return
        self._delete(folder, layer)
        self._replace(folder, layer)
        for path, seen in folder.seen.items():
            # below an implied parent is what keeps its owner and mode: engines set each in its way
            if path not in folder.implied or path not in self.visible:
                self.visible[path] = seen

    def _delete(self, folder: Folder, layer: int) -> None:
        gone = set()
        for path in folder.deleted:
            seen = self.visible.get(path)
            if seen is not None and seen.entry.kind is Kind.DIRECTORY:
                gone.add(path)
            elif seen is not None:
                self._hide(path, layer, deleted=True)
        if gone or folder.opaque:
            self._hide_below(gone, folder.opaque, layer, deleted=True)

    def _replace(self, folder: Folder, layer: int) -> None:
        gone = set()
        for path, above in folder.seen.items():
            seen = self.visible.get(path)
            if seen is None:
                continue
            is_directory = seen.entry.kind is Kind.DIRECTORY
            if is_directory and above.entry.kind is not Kind.DIRECTORY:
                gone.add(path)
            elif not is_directory:
                self._hide(path, layer, deleted=False)
        if gone:
            self._hide_below(gone, set(), layer, deleted=False)

    def _hide_below(self, gone: set[str], opaque: set[str], layer: int, *, deleted: bool) -> None:
        """Hides these with all that is below them, and all that is below opaque directories, in one
        pass: a layer may delete as many directories as it likes."""
        tops = gone | opaque
        hidden = [path for path in gone if path in self.visible]
        if "" in opaque:
            hidden = list(self.visible)
        else:
            hidden += [path for path in self.visible if _is_below(path, tops)]
        for path in sorted(set(hidden)):
            self._hide(path, layer, deleted=deleted)

    def _hide(self, path: str, layer: int, *, deleted: bool) -> None:
        seen = self.visible.pop(path)
        self.hidden.append(Hidden(seen.entry, seen.layer, layer, deleted))


def merged(layers: Iterable[Iterable[Entry]]) -> Mapping[str, Seen]:
    """The visible entries by path of layers, the lowest first."""
    overlay = Overlay()
    for layer in layers:
        overlay.add(layer)
    return overlay.visible


def _is_aufs(path: str) -> bool:
    name = path.rpartition("/")[2]
    return (path.startswith(_AUFS) or name.startswith(_AUFS)) and name != OPAQUE


def _is_below(path: str, tops: set[str]) -> bool:
    at = path.rfind("/")
    while at > 0:
        if path[:at] in tops:
            return True
        at = path.rfind("/", 0, at)
    return False


def _joined(link: str, target: str) -> str:
    """The path that a symbolic link leads to, within the root."""
    parts = [] if target.startswith("/") else link.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _impossible(path: str, why: str) -> StepFailed:
    message = f"this layer is refused: {path} {why}"
    return StepFailed(message, hint="build the image anew")
