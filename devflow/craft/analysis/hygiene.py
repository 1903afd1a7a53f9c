"""What is noteworthy in an image beside bytes: secrets, set-uid programs, files that everybody may
write, byte code, and the user that it runs as."""

from collections import defaultdict
from typing import Final, Iterable, Iterator

from devflow.craft.analysis import secrets
from devflow.craft.analysis.origins import DEPENDENCIES, Origins
from devflow.craft.analysis.reading import ReadImage, Suspect
from devflow.craft.oci.formats import Execution
from devflow.craft.oci.layers import Entry, Kind
from devflow.model.images import ImageFinding
from devflow.model.wording import plural

PATHS: Final = 20  # shown of one finding; more would hide the others
SECRET_FILES: Final = "secret-files"
SECRET_WORDS: Final = "secret-words"
SET_UID: Final = "set-uid"
WORLD_WRITABLE: Final = "world-writable"
ROOT: Final = "root"
_SET_ID: Final = 0o6000
_STICKY: Final = 0o1000
_WRITABLE: Final = 0o002


def findings(image: ReadImage, origins: Origins) -> tuple[ImageFinding, ...]:
    """Everything, the gravest first."""
    found = [
        *_secret_files(image, origins),
        *_secret_words(image),
        *_modes(image),
        *_byte_code(image),
        *_twice(image),
        *_user(image.config.config),
    ]
    order = ("secret", "warning", "note")
    return tuple(sorted(found, key=lambda one: order.index(one.kind)))


def shown(path: str) -> str:
    """A path as text that any stream takes: names need not be Unicode."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _secret_files(image: ReadImage, origins: Origins) -> Iterator[ImageFinding]:
    secret: dict[str, list[str]] = defaultdict(list)
    public: list[str] = []
    for suspect in image.suspects:
        place = _place(image, suspect)
        if origins.of(suspect.path) == DEPENDENCIES:
            # everybody has what a public package brings: its tests' keys, its examples
            public.append(place)
        else:
            secret[suspect.holds or "credentials by name"].append(place)
    for kind, places in secret.items():
        text = f"{kind} in {plural(len(places), 'file')}: whoever pulls the image has it"
        yield _finding(SECRET_FILES, "secret", text, places)
    if public:
        files = plural(len(public), "file")
        yield _finding("public-keys", "note", f"keys that packages bring in {files}", public)


def _place(image: ReadImage, suspect: Suspect) -> str:
    seen = image.overlay.visible.get(suspect.path)
    path = shown(suspect.path)
    if seen is not None and seen.layer == suspect.layer:
        return path
    return f"{path} (layer {suspect.layer + 1}, deleted or replaced later, still shipped)"


def _secret_words(image: ReadImage) -> Iterator[ImageFinding]:
    execution = image.config.config
    words = [f"environment: {name}" for name in secrets.in_environment(execution.env or ())]
    for name, value in (execution.labels or {}).items():
        labelled = [*secrets.in_environment((f"{name}={value}",)), *secrets.in_text(value)]
        words += [f"label: {name}" for _ in labelled[:1]]
    for number, line in enumerate(image.config.history, 1):
        words += [f"history, line {number}: {name}" for name in secrets.in_text(line.created_by)]
    if words:
        text = "secrets in the configuration: whoever sees the image reads them"
        yield _finding(SECRET_WORDS, "secret", text, list(dict.fromkeys(words)))


def _modes(image: ReadImage) -> Iterator[ImageFinding]:
    set_id = []
    writable = []
    for path, seen in image.overlay.visible.items():
        if seen.entry.kind is Kind.FILE and seen.entry.mode & _SET_ID:
            set_id.append(shown(path))
        if _is_world_writable(seen.entry):
            writable.append(shown(path))
    if set_id:
        text = f"{plural(len(set_id), 'program')} with set-uid or set-gid: another way to be root"
        yield _finding(SET_UID, "warning", text, set_id)
    if writable:
        text = f"{plural(len(writable), 'path')} that everybody may write"
        yield _finding(WORLD_WRITABLE, "warning", text, writable)


def _is_world_writable(entry: Entry) -> bool:
    if entry.kind is Kind.DIRECTORY:
        # as /tmp is: everybody writes, nobody removes another's
        return bool(entry.mode & _WRITABLE) and not entry.mode & _STICKY
    return entry.kind is Kind.FILE and bool(entry.mode & _WRITABLE)


def _byte_code(image: ReadImage) -> Iterator[ImageFinding]:
    beside_bytes = 0
    alone = []
    for path, seen in image.overlay.visible.items():
        if not path.endswith(".pyc"):
            continue
        if "/__pycache__/" in f"/{path}":
            beside_bytes += seen.entry.size_bytes
        elif f"{path[:-1]}" not in image.overlay.visible:
            alone.append(shown(path))
    if beside_bytes:
        text = "byte code beside its source: it keeps the start short"
        yield ImageFinding(rule="byte-code", kind="note", text=text, size_bytes=beside_bytes)
    if alone:
        text = f"{plural(len(alone), 'module')} as byte code alone: traces show no lines"
        yield _finding("no-source", "note", text, alone)


def _twice(image: ReadImage) -> Iterator[ImageFinding]:
    twice = []
    size_bytes = 0
    for hidden in image.overlay.hidden:
        if hidden.layer == hidden.by_layer and hidden.entry.kind is not Kind.DIRECTORY:
            twice.append(f"{shown(hidden.entry.path)} (layer {hidden.layer + 1})")
            size_bytes += hidden.entry.size_bytes
    if twice:
        # seen with Docker 20.10 and Podman 4.3: "duplicates of file paths not supported"
        text = f"{plural(len(twice), 'path')} that one layer holds twice: engines do not pull it"
        found = _finding("twice-in-layer", "warning", text, twice)
        yield found.model_copy(update={"size_bytes": size_bytes})


def _user(execution: Execution) -> Iterator[ImageFinding]:
    name = execution.user.partition(":")[0]
    if name in ("", "0", "root"):
        yield ImageFinding(rule=ROOT, kind="warning", text="it runs as root: say USER", count=1)


def _finding(rule: str, kind: str, text: str, paths: Iterable[str]) -> ImageFinding:
    every = sorted(paths)
    first = tuple(every[:PATHS])
    values = {"rule": rule, "kind": kind, "text": text, "paths": first, "count": len(every)}
    return ImageFinding.model_validate(values)
