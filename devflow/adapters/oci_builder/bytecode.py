"""``python -m compileall --invalidation-mode unchecked-hash``, by the base image's own Python: the
same source is the same byte code for every platform and in every build."""

import hashlib
import io
import os
import posixpath
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final, Iterable, Iterator, Mapping

from devflow.adapters.machine.captured import NO_SECRETS, Captured
from devflow.adapters.machine.children import Processes, environment
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed

COMPILE_S: Final = 300.0  # s; a standard library takes 4
# Each source is compiled as what it is in the image: where it lies here is nowhere in the code.
# Each in a process of its own, forked at one state: which references marshal writes depends on what
# the process has met before, so that a file compiled after others is other bytes than alone.
# One file has all sources and one all results: a file for each took longer than compiling it.
_PROGRAM: Final = """
import importlib._bootstrap_external as b, _imp, sys, os
sources = os.open(sys.argv[1], os.O_RDONLY)
results = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
def write(number, place, begin, size):
    try:
        source = os.pread(sources, int(size), int(begin))
        code = compile(source, place, 'exec', dont_inherit=True, optimize=-1)
    except (SyntaxError, UnicodeError, ValueError):
        return
    data = bytes(b._code_to_hash_pyc(code, _imp.source_hash(b._RAW_MAGIC_NUMBER, source), False))
    # appended as a whole: many do so at once
    head = b'%d %d\\n' % (number, len(data))
    if os.write(results, head + data) != len(head) + len(data):
        raise OSError('the disk is full')
free = os.cpu_count() or 1
failed = 0
listed = open(sys.argv[3], encoding='utf-8').read().split('\\0')
for number, one in enumerate(zip(listed[::3], listed[1::3], listed[2::3])):
    if not free:
        failed |= os.wait()[1]
        free += 1
    if not os.fork():
        code = 1
        try:
            write(number, *one)
            code = 0
        finally:
            os._exit(code)
    free -= 1
while True:
    try:
        failed |= os.wait()[1]
    except ChildProcessError:
        break
sys.exit(1 if failed else 0)
"""


@dataclass(frozen=True)
class Interpreter:
    """What compiles: its command line, what its byte code is named by, and the digest of the image
    that it is from."""

    argv: tuple[str, ...]
    tag: str
    digest: str


class Compiler:
    """What was compiled is kept by its source, its place and the interpreter's image."""

    def __init__(self, kept: Path, processes: Processes) -> None:
        self._kept = kept
        self._processes = processes
        self._alone = Lock()

    def compiled(self, sources: Iterable[tuple[Source, str]], python: Interpreter) -> list[Source]:
        """The byte code of each source, beside its source; each source comes with the path that it
        will have in the image. A file that is no Python of this version has none."""
        places: list[tuple[Entry, str]] = []
        texts: dict[str, tuple[str, bytes]] = {}
        for source, place in sources:
            with source.content() as content:
                text = content.read()
            key = hashlib.sha256(f"{python.digest}\0{place}\0".encode() + text).hexdigest()
            places.append((source.entry, key))
            texts[key] = (place, text)
        # another platform has the same sources at the same time, and all processors for them
        with self._alone:
            codes = self._codes(texts, python.argv)
        return [_beside(entry, codes[key], python.tag) for entry, key in places if codes[key]]

    def _codes(
        self, texts: dict[str, tuple[str, bytes]], command: tuple[str, ...]
    ) -> dict[str, bytes]:
        codes: dict[str, bytes] = {}
        for key in texts:
            kept = self._kept_code(key)
            if kept is not None:
                codes[key] = kept
        wanted = {key: text for key, text in texts.items() if key not in codes}
        if wanted:
            codes.update(self._run(wanted, command))
        return codes

    def _kept_code(self, key: str) -> bytes | None:
        try:
            return (self._kept / key).read_bytes()
        except FileNotFoundError:
            return None

    def _run(
        self, wanted: dict[str, tuple[str, bytes]], command: tuple[str, ...]
    ) -> Mapping[str, bytes]:
        """Byte code by key; empty is that of what is no Python."""
        with tempfile.TemporaryDirectory(prefix="devflow-compile-") as name:
            folder = Path(name)
            sources = folder / "sources"
            results = folder / "results"
            listing = folder / "list"
            sources.write_bytes(b"".join(text for _, text in wanted.values()))
            results.touch()
            listing.write_text(_listed(wanted), encoding="utf-8")
            self._compile([*command, "-c", _PROGRAM, str(sources), str(results), str(listing)])
            found = dict(_read(results.read_bytes()))
        codes = {key: found.get(number, b"") for number, key in enumerate(wanted)}
        self._kept.mkdir(parents=True, exist_ok=True)
        for key, code in codes.items():
            self._keep(key, code)
        return codes

    def _compile(self, argv: list[str]) -> None:
        # the order of a set of texts in byte code hangs on it
        variables = environment({"PYTHONHASHSEED": "0"})
        said: list[str] = []
        sink = Captured(NO_SECRETS, said.append, None)
        ended = self._processes.run(argv, Path("/"), variables, COMPILE_S, sink)
        sink.close()
        if ended.code != 0:
            last = ended.problem or (said[-1].strip() if said else "it said nothing")
            raise StepFailed(f"the base image's Python could not compile: {last}")

    def _keep(self, key: str, code: bytes) -> None:
        part = self._kept / f".part-{key}-{os.getpid()}"
        part.write_bytes(code)
        part.replace(self._kept / key)


def _listed(wanted: Mapping[str, tuple[str, bytes]]) -> str:
    """Place, begin and size of each source; no path holds what stands between them."""
    found: list[str] = []
    begin = 0
    for place, text in wanted.values():
        found += [place, str(begin), str(len(text))]
        begin += len(text)
    return "\0".join(found)


def _read(results: bytes) -> Iterator[tuple[int, bytes]]:
    """Each result by the number of its source."""
    at = 0
    while at < len(results):
        end = results.index(b"\n", at)
        number, size_bytes = results[at:end].split()
        at = end + 1 + int(size_bytes)
        yield int(number), results[end + 1 : at]


def _beside(entry: Entry, code: bytes, tag: str) -> Source:
    folder, name = posixpath.split(entry.path)
    path = posixpath.join(folder, "__pycache__", f"{name.removesuffix('.py')}.{tag}.pyc")
    mode = entry.mode & 0o666
    compiled = Entry(path, Kind.FILE, mode, entry.uid, entry.gid, len(code))
    return Source(compiled, lambda: io.BytesIO(code))
