"""What the analysis of an image takes, against inflating and hashing the same layers:
`python -m benchmarks.images.analysis [LAYOUT|TAR ...]`.

Without an image it makes two: this interpreter's own packages in three layers, and one of 2 GB in
60,000 files. Each measure runs in a process of its own, so that its memory is its own.
"""

import argparse
import hashlib
import io
import json
import random
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
import zlib
from functools import partial
from pathlib import Path
from statistics import median
from typing import BinaryIO, Final, Iterator

from devflow.adapters.images.saved import chosen, saved_at
from devflow.adapters.images.store import Store
from devflow.craft.analysis.reading import manifests_of
from devflow.craft.analysis.report import Subject, analysed
from devflow.craft.oci.formats import (
    CONFIG,
    LAYER_GZIP,
    MANIFEST,
    Descriptor,
    History,
    ImageConfig,
    Index,
    Manifest,
    RootFilesystem,
    encoded,
    read_document,
)
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source, write_layer

ROUNDS: Final = 3
TIMES_BAR: Final = 4.0  # times the processor time of inflating and hashing alone
MEMORY_BAR_MB: Final = 64.0  # of the whole process
CHUNK_BYTES: Final = 256 * 1024
LARGE_FILES: Final = 60_000
LARGE_BYTES: Final = 2_000_000_000


def main() -> int:
    """Measures and prints; returns 1 where a bar is missed."""
    options = _options()
    if options.measure:
        print(json.dumps(_measured(options.measure, options.images[0])))
        return 0
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as folder:
        images = options.images or [_packages(Path(folder)), _large(Path(folder))]
        missed = [image for image in images if not _is_met(image)]
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.images.analysis",
        description="Compare the analysis of images with inflating and hashing their layers.",
    )
    parser.add_argument("images", nargs="*", type=Path, help="default: two that are made here")
    parser.add_argument("--measure", choices=("reading", "analysis"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _is_met(image: Path) -> bool:
    reading = [_in_a_process("reading", image) for _ in range(ROUNDS)]
    analysis = [_in_a_process("analysis", image) for _ in range(ROUNDS)]
    times = median(one["cpu_s"] for one in analysis) / median(one["cpu_s"] for one in reading)
    memory_mb = max(one["memory_mb"] for one in analysis)
    first = analysis[0]
    print(f"{image.name}: {first['size_mb']:.0f} MB unpacked, {first['files']:.0f} files")
    print(f"  inflating and hashing  {median(one['cpu_s'] for one in reading):.2f} s")
    print(f"  analysis               {median(one['cpu_s'] for one in analysis):.2f} s")
    is_met = times <= TIMES_BAR and memory_mb <= MEMORY_BAR_MB
    bars = f"at most {TIMES_BAR:g} times and {MEMORY_BAR_MB:g} MB"
    print(f"  {times:.2f} times, {memory_mb:.0f} MB; {bars}: {'met' if is_met else 'missed'}")
    return is_met


def _in_a_process(measure: str, image: Path) -> dict[str, float]:
    argv = [sys.executable, "-m", "benchmarks.images.analysis", "--measure", measure, str(image)]
    ran = subprocess.run(argv, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


def _measured(measure: str, image: Path) -> dict[str, float]:
    began_s = time.process_time()
    figures = _read(image) if measure == "reading" else _analyse(image)
    used_s = time.process_time() - began_s
    return {**figures, "cpu_s": used_s, "memory_mb": _most_memory_bytes() / 1e6}


def _most_memory_bytes() -> int:
    """Of this program since it was loaded; ``ru_maxrss`` has what its parent took before."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def _read(image: Path) -> dict[str, float]:
    """Inflates every layer, and hashes it as it is stored and as it is unpacked."""
    saved = saved_at(image)
    for _, digest in manifests_of(saved, chosen(saved, "", "").digest):
        with saved.open(digest) as content:
            manifest = read_document(content.read(), digest)
        assert isinstance(manifest, Manifest)
        for layer in manifest.layers:
            stored = hashlib.sha256()
            unpacked = hashlib.sha256()
            inflate = zlib.decompressobj(wbits=31)
            with saved.open(layer.digest) as content:
                while piece := content.read(CHUNK_BYTES):
                    stored.update(piece)
                    while piece:
                        unpacked.update(inflate.decompress(piece, CHUNK_BYTES))
                        piece = inflate.unconsumed_tail
    return {}


def _analyse(image: Path) -> dict[str, float]:
    saved = saved_at(image)
    files = 0
    size_bytes = 0
    for _, digest in manifests_of(saved, chosen(saved, "", "").digest):
        report = analysed(saved, Subject(digest))
        files += sum(layer.files for layer in report.layers)
        size_bytes += report.size_bytes
    return {"files": files, "size_mb": size_bytes / 1e6}


def _packages(folder: Path) -> Path:
    """This interpreter's library and its packages, and some of them again."""
    library = Path(sysconfig.get_path("stdlib"))
    packages = Path(sysconfig.get_path("purelib"))
    layers = [
        list(_of_folder(library, "usr/lib/python3", packages)),
        list(_of_folder(packages, "usr/lib/python3/site-packages", None)),
        list(_of_folder(packages / "pydantic", "usr/lib/python3/site-packages/pydantic", None)),
    ]
    return _layout(folder / "packages", layers)


def _of_folder(root: Path, to: str, without: Path | None) -> Iterator[Source]:
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.is_symlink() or (without and without in path.parents):
            continue
        name = f"{to}/{path.relative_to(root).as_posix()}"
        entry = Entry(name, Kind.FILE, size_bytes=path.stat().st_size)
        yield Source(entry, partial(_opened, path))


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _large(folder: Path) -> Path:
    """Files of random length and content that compresses by half."""
    chance = random.Random(1)
    half = LARGE_BYTES // LARGE_FILES // 2
    sources = []
    for number in range(LARGE_FILES):
        noise = chance.randbytes(chance.randrange(half // 2, half * 3 // 2))
        entry = Entry(f"srv/{number % 500}/{number}.bin", Kind.FILE, size_bytes=2 * len(noise))
        sources.append(_generated(entry, number, len(noise)))
    return _layout(folder / "large", [sources])


def _generated(entry: Entry, number: int, half: int) -> Source:
    def content() -> io.BytesIO:
        return io.BytesIO(random.Random(number).randbytes(half) + bytes(half))

    return Source(entry, content)


def _layout(at: Path, layers: list[list[Source]]) -> Path:
    store = Store(at)
    descriptors = []
    diff_ids = []
    for sources in layers:
        with store.writing() as part:
            written = write_layer(sources, part)
            store.commit(part, written.digest)
        size_bytes = written.size_bytes
        descriptors.append(
            Descriptor(media_type=LAYER_GZIP, digest=written.digest, size_bytes=size_bytes)
        )
        diff_ids.append(written.diff_id)
    config = ImageConfig(
        architecture="amd64",
        os="linux",
        rootfs=RootFilesystem(diff_ids=tuple(diff_ids)),
        history=tuple(History(created_by="COPY . /") for _ in layers),
    )
    own = _kept(store, CONFIG, encoded(config))
    manifest = _kept(store, MANIFEST, encoded(Manifest(config=own, layers=tuple(descriptors))))
    (at / "index.json").write_bytes(encoded(Index(manifests=(manifest,))))
    return at


def _kept(store: Store, media_type: str, body: bytes) -> Descriptor:
    return Descriptor(media_type=media_type, digest=store.keep(body), size_bytes=len(body))


if __name__ == "__main__":
    sys.exit(main())
