"""Layers are read as any tool writes them, and refused where they would harm."""

import gzip
import io
import resource
import struct
import tarfile
import zlib
from typing import Any, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.oci import tar as blocks
from devflow.craft.oci.layers import (
    Bounds,
    Entry,
    Inflated,
    Kind,
    entries,
    safe_path,
)
from devflow.craft.oci.overlay import Overlay
from devflow.model.errors import StepFailed, Unavailable

LONG = "/".join(("d" * 90, "e" * 90, "f" * 120))
FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def written(members: List[Tuple[str, Any, bytes]], tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """A plain tar; the second of each is what the member's attributes are."""
    to = io.BytesIO()
    with tarfile.open(fileobj=to, mode="w", format=tar_format) as tar:
        for name, attributes, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for key, value in attributes.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(content))
    return to.getvalue()


def read(layer: bytes, **options: Any) -> List[Tuple[Entry, Optional[bytes]]]:
    found = []
    for entry, content in entries(io.BytesIO(layer), "sha256:x", **options):
        found.append((entry, None if content is None else content.read()))
    return found


@pytest.mark.parametrize("tar_format", FORMATS)
def test_what_the_standard_library_writes_is_read(tar_format: int) -> None:
    long = LONG if tar_format != tarfile.USTAR_FORMAT else LONG[:180]
    members = [
        ("./usr/", {"type": tarfile.DIRTYPE, "mode": 0o755}, b""),
        ("usr/a", {"mode": 0o4755, "uid": 7, "gid": 8}, b"content"),
        (f"usr/{long}", {}, b"x" * 1500),
        ("usr/l", {"type": tarfile.SYMTYPE, "linkname": "../etc/x"}, b""),
        ("usr/h", {"type": tarfile.LNKTYPE, "linkname": "./usr/a"}, b""),
        ("usr/f", {"type": tarfile.FIFOTYPE}, b""),
    ]
    found = read(gzip.compress(written(members, tar_format)))
    assert [entry.path for entry, _ in found][:2] == ["usr", "usr/a"]
    assert found[1] == (Entry("usr/a", Kind.FILE, 0o4755, 7, 8, 7), b"content")
    assert found[2][0].path == f"usr/{long}" and found[2][1] == b"x" * 1500
    links = [(entry.kind, entry.link) for entry, _ in found[3:]]
    assert links == [(Kind.SYMLINK, "../etc/x"), (Kind.HARDLINK, "usr/a"), (Kind.FIFO, "")]


@given(
    st.lists(
        st.tuples(
            st.text("abé/._-", min_size=1, max_size=150).map(lambda name: f"d/{name}"),
            st.binary(max_size=1200),
            st.integers(0, 2**40),
        ),
        max_size=5,
    ),
    st.sampled_from((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)),
)
def test_whatever_the_standard_library_reads_is_read_alike(
    files: List[Tuple[str, bytes, int]], tar_format: int
) -> None:
    wanted = [(name, {"uid": uid}, content) for name, content, uid in files if ".." not in name]
    plain = written(wanted, tar_format)
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        expected = []
        for member in tar:
            extracted = tar.extractfile(member)
            content = extracted.read() if extracted else None
            expected.append((safe_path(member.name, ""), member.uid, content))
    found = [(entry.path, entry.uid, content) for entry, content in read(plain)]
    assert found == expected


def test_a_file_that_is_not_read_is_skipped_and_a_hashed_one_has_its_hash() -> None:
    plain = written([("a", {}, b"1" * 700), ("b", {}, b"22")])
    skipped = [entry.path for entry, _ in entries(io.BytesIO(plain), "x")]
    assert skipped == ["a", "b"]
    hashed = [entry.sha256 for entry, _ in entries(io.BytesIO(plain), "x", hashed=True)]
    assert hashed[1] == "785f3ec7eb32f30b90cd0fcf3657d388b5ff4297f2f9716ff66e9b69c05ddd09"


def test_gzip_members_one_after_another_are_one_layer() -> None:
    plain = written([("a", {}, b"1" * 3000)])
    halves = gzip.compress(plain[:1000]) + b"\0\0" + gzip.compress(plain[1000:]) + b"\0" * 9
    assert read(halves)[0][1] == b"1" * 3000


def test_what_follows_the_archives_end_is_not_seen() -> None:
    assert len(read(written([("a", {}, b"")]) + written([("b", {}, b"")]))) == 1


def test_an_empty_layer_has_no_entry() -> None:
    assert read(written([])) == []
    assert read(gzip.compress(written([]))) == []


def device(kind: bytes) -> bytes:
    return written([("dev/x", {"type": kind, "devmajor": 1}, b"")])


REFUSED = (
    (written([("/etc/passwd", {}, b"x")]), "leaves the image's root"),
    (written([("a/../../etc/passwd", {}, b"x")]), "leaves the image's root"),
    (written([("..", {"type": tarfile.DIRTYPE}, b"")]), "leaves the image's root"),
    (written([("a" * 5000, {}, b"x")]), "leaves the image's root"),
    (written([("h", {"type": tarfile.LNKTYPE, "linkname": "/etc/shadow"}, b"")]), "root"),
    (written([("h", {"type": tarfile.LNKTYPE, "linkname": "../x"}, b"")]), "root"),
    (device(tarfile.CHRTYPE), "is a device"),
    (device(tarfile.BLKTYPE), "is a device"),
    (written([("x", {"type": b"Z"}, b"")]), "of no known type"),
    (written([("a/.wh.", {}, b"")]), "deletes nothing"),
    (written([("a/.wh...", {}, b"")]), "deletes nothing"),
    (b"no tar at all" * 100, "number is none"),
    (b"\1" + written([("a", {}, b"x")])[1:], "checksum is wrong"),
    (b"short", "ends within a header"),
    (written([("a", {}, b"x" * 5000)])[:3000], "ends within a file"),
    (gzip.compress(written([("a", {}, b"x" * 5000)]), mtime=0)[:-9], "end marker"),
    (gzip.compress(b"x", mtime=0)[:-6] + b"\0" * 6, ""),
    (gzip.compress(written([]), mtime=0) + b"garbage", ""),
)


@pytest.mark.parametrize(("layer", "why"), REFUSED)
def test_a_layer_that_would_harm_is_refused(layer: bytes, why: str) -> None:
    with pytest.raises(StepFailed) as refused:
        read(layer)
    assert why in refused.value.message
    assert refused.value.where == "sha256:x"


def test_a_zstd_layer_is_unavailable_and_says_how_to_get_another() -> None:
    with pytest.raises(Unavailable, match="zstd") as raised:
        read(b"\x28\xb5\x2f\xfd" + b"\0" * 20)
    assert "gzip" in raised.value.hint


@pytest.mark.parametrize("bounds", (Bounds(entries=2), Bounds(size_bytes=20)))
def test_a_layer_beyond_its_bounds_is_refused(bounds: Bounds) -> None:
    plain = written([(str(number), {}, b"x" * 10) for number in range(3)])
    with pytest.raises(StepFailed, match="more than its bound"):
        read(plain, bounds=bounds)


def test_zeros_without_end_behind_the_archive_are_refused() -> None:
    bomb = gzip.compress(written([]) + bytes(3_000_000))
    with pytest.raises(StepFailed, match="more follows"):
        read(bomb, bounds=Bounds(size_bytes=1000))


def header(size: bytes, kind: bytes = b"0", name: bytes = b"a") -> bytes:
    """A ustar header with a size field as it is given."""
    packed = struct.pack(
        "100s8s8s8s12s12s8sc100s6s2s32s32s8s8s155s12x",
        *(name, b"644", b"0", b"0", size, b"0", b" " * 8, kind, b"", b"ustar\0", b"00"),
        *(b"", b"", b"", b"", b""),
    )
    return packed[:148] + b"%06o\0 " % sum(packed) + packed[156:]


@pytest.mark.parametrize(
    ("layer", "why"),
    (
        (header(b"\xff" * 12), "below nothing"),
        (header(b"9"), "number is none"),
        (header(b"77777777777", b"x"), "beyond its bound"),
        (header(b"10", b"x") + b"9 path=\n".ljust(512, b"\0"), "malformed"),
        (header(b"15", b"x") + b"13 uid=seven\n".ljust(512, b"\0"), "uid .* no number"),
        (header(b"1000", b"x") + (b"9" * 5000).ljust(5120, b"\0"), "malformed"),
        # a second record that says no length
        (header(b"12", b"x") + b"9 path=x\nx".ljust(512, b"\0"), "malformed"),
        (header(b"0", b"S"), "sparse"),
    ),
)
def test_a_header_that_lies_is_refused(layer: bytes, why: str) -> None:
    with pytest.raises(StepFailed, match=why):
        read(layer + header(b"0"))


def test_a_size_in_base_256_is_read() -> None:
    assert read(header(b"\x80" + b"\0" * 10 + b"\3") + b"abc".ljust(512, b"\0"))[0][1] == b"abc"


def test_an_old_archives_directory_is_one() -> None:
    assert read(header(b"0", b"\0", b"dir/"))[0][0].kind is Kind.DIRECTORY


def test_a_large_sparse_layer_takes_little_memory() -> None:
    """300 MB of zeros, written and read as streams: what is kept is a chunk."""
    size_bytes = 300_000_000
    packer = zlib.compressobj(1, wbits=31)
    zipped = packer.compress(header(b"%o" % size_bytes))
    zeros = bytes(1_000_000)
    for _ in range(300):
        zipped += packer.compress(zeros)
    zipped += packer.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(StepFailed):
        # the last block is not padded: the content was read to its very end first
        for entry, content in entries(io.BytesIO(zipped), "x", hashed=True):
            assert entry.size_bytes == size_bytes
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 20_000


def test_a_gzip_bomb_is_inflated_in_pieces() -> None:
    inflated = Inflated(io.BytesIO(gzip.compress(bytes(5_000_000))))
    assert len(inflated.read(1000)) == 1000
    assert len(inflated.read()) == 5_000_000 - 1000


def test_a_member_answers_as_a_file_does() -> None:
    stream = blocks.Blocks(io.BytesIO(written([("a", {}, b"line 1\nline 2\n")])))
    (_, content), *_ = blocks.members(stream)
    assert content is not None and content.readable()
    # the generator has gone on, and what was not read went by
    assert content.left == 14


WHOLE = written(
    [
        ("usr/", {"type": tarfile.DIRTYPE}, b""),
        (f"usr/{LONG}", {"uid": 2**33}, b"content" * 90),
        ("usr/h", {"type": tarfile.LNKTYPE, "linkname": f"usr/{LONG}"}, b""),
        ("usr/l", {"type": tarfile.SYMTYPE, "linkname": "x" * 150}, b""),
        ("usr/.wh.gone", {}, b""),
    ]
)


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=30), st.booleans())
def test_whatever_was_changed_in_a_layer_is_read_or_refused_by_name(
    at: int, change: bytes, is_zipped: bool
) -> None:
    plain = WHOLE[:at] + change + WHOLE[at + len(change) :]
    layer = gzip.compress(plain) if is_zipped else plain
    try:
        Overlay().add(entry for entry, _ in entries(io.BytesIO(layer), "x"))
    except StepFailed as refused:
        assert refused.hint


@given(st.integers(0, len(gzip.compress(WHOLE, mtime=0)) - 1), st.binary(min_size=1, max_size=9))
def test_whatever_was_changed_in_compressed_data_is_read_or_refused_by_name(
    at: int, change: bytes
) -> None:
    zipped = gzip.compress(WHOLE, mtime=0)
    try:
        read(zipped[:at] + change + zipped[at + len(change) :])
    except (StepFailed, Unavailable) as refused:
        assert refused.hint


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    try:
        read(content)
    except (StepFailed, Unavailable) as refused:
        assert refused.hint
