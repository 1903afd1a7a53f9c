"""``python -m compileall --invalidation-mode unchecked-hash``, by the base image's own Python: the
same source is the same byte code for every platform and in every build."""

import hashlib
import io
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterable

from devflow.adapters.machine.captured import Captured
from devflow.adapters.machine.children import Processes, environment
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed

COMPILE_S: Final = 300.0  # s; a standard library takes 4
# Each source is compiled as what it is in the image: where it lies here is nowhere in the code.
# Each
# in a process of its own, forked at one state: which references marshal writes depends on what the
# process has met before, so that a file compiled after others is other bytes than alone.
_PROGRAM: Final = """
import importlib._bootstrap_external as b, _imp, sys, os
def write(name, place):
    try:
        with open(os.path.join(sys.argv[1], name), 'rb') as f:
            source = f.read()
        code = compile(source, place, 'exec', dont_inherit=True, optimize=-1)
    except (SyntaxError, UnicodeError, ValueError):
        return
    data = b._code_to_hash_pyc(code, _imp.source_hash(b._RAW_MAGIC_NUMBER, source), False)
    with open(os.path.join(sys.argv[1], name + '.pyc'), 'wb') as f:
        f.write(data)
free = os.cpu_count() or 1
failed = 0
for line in open(sys.argv[2], encoding='utf-8').read().split('\\n'):
    if not line:
        continue
    if not free:
        failed |= os.wait()[1]
        free += 1
    if not os.fork():
        code = 1
        try:
            write(*line.split('\\t'))
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

    def __init__(self, kept: Path, scratch: Path, processes: Processes) -> None:
        self._kept = kept
        self._scratch = scratch
        self._processes = processes

    def compiled(self, sources: Iterable[tuple[Source, str]], python: Interpreter) -> list[Source]:
        """The byte code of each source, beside its source; each source comes with the path that it
        will have in the image. A file that is no Python of this version has none."""
        wanted: dict[str, tuple[str, bytes]] = {}
        places: list[tuple[Entry, str]] = []
        for source, place in sources:
            with source.content() as content:
                text = content.read()
            key = hashlib.sha256(f"{python.digest}\0{place}\0".encode() + text).hexdigest()
            places.append((source.entry, key))
            if not (self._kept / key).exists():
                wanted[key] = (place, text)
        if wanted:
            self._run(wanted, python.argv)
        return [
            self._beside(entry, key, python.tag) for entry, key in places if self._has_code(key)
        ]

    def _has_code(self, key: str) -> bool:
        return (self._kept / key).stat().st_size > 0

    def _beside(self, entry: Entry, key: str, tag: str) -> Source:
        content = (self._kept / key).read_bytes()
        folder, name = posixpath.split(entry.path)
        path = posixpath.join(folder, "__pycache__", f"{name.removesuffix('.py')}.{tag}.pyc")
        mode = entry.mode & 0o666
        compiled = Entry(path, Kind.FILE, mode, entry.uid, entry.gid, len(content))
        return Source(compiled, lambda: io.BytesIO(content))

    def _run(self, wanted: dict[str, tuple[str, bytes]], command: tuple[str, ...]) -> None:
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._kept.mkdir(parents=True, exist_ok=True)
        names = []
        for key, (place, text) in wanted.items():
            (self._scratch / key).write_bytes(text)
            names.append(f"{key}\t{place}")
        listing = self._scratch / "names"
        listing.write_text("\n".join(names), encoding="utf-8")
        argv = [*command, "-c", _PROGRAM, str(self._scratch), str(listing)]
        # the order of a set of texts in byte code hangs on it
        variables = environment({"PYTHONHASHSEED": "0"})
        said: list[str] = []
        sink = Captured(lambda text: text, said.append, None)
        ended = self._processes.run(argv, self._scratch, variables, COMPILE_S, sink)
        sink.close()
        if ended.code != 0:
            last = ended.problem or (said[-1].strip() if said else "it said nothing")
            raise StepFailed(f"the base image's Python could not compile: {last}")
        for key in wanted:
            self._keep(key)

    def _keep(self, key: str) -> None:
        """An empty file stands for what is no Python."""
        made = self._scratch / f"{key}.pyc"
        content = made.read_bytes() if made.exists() else b""
        part = self._kept / f".part-{key}"
        part.write_bytes(content)
        part.replace(self._kept / key)
