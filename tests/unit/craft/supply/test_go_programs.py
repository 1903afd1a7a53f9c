"""Programs that Go has built say of which modules, as its linker wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.supply.go_blob import MAGIC, GoBlob
from tests.unit.craft.supply.test_components import found, names

# of a program by go 1.19.8, from its header to its end
MODULES = (
    "path\texample.com/shop\n"
    "mod\texample.com/shop\t(devel)\t\n"
    "dep\texample.com/dep\tv1.2.3\n"
    "=>\t./dep\t(devel)\t\n"
    "\n"
    "dep\tgithub.com/Gorilla/mux\tv1.8.0\th1:i40aqfkR1h2SlN9hojwV5ZA91wcXFOvkdNIeFDP5koI=\n"
    "dep\tgolang.org/x/net\tv0.1.0\th1:hZ/3BUoy5aId7sCpA/Tc5lt8DkFgdVS2onTpJsZ/fl0=\n"
    "=>\tgithub.com/fork/net\tv0.2.0\th1:sZfSu1wtKLGlWI4ZZayP0ck9Y73K1ynO6gqzTdBVdPU=\n"
    "build\t-compiler=gc\n"
    "build\tCGO_ENABLED=0\n"
)
BEGIN = b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6"
END = b"\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2"
# in programs that read such blobs the name stands as well, with anything behind it
NAME_ALONE = MAGIC + b"\x00\x00" + b"\xff" * 40


def text_of(value: bytes) -> bytes:
    length = len(value)
    varint = bytes([length]) if length < 0x80 else bytes([length & 0x7F | 0x80, length >> 7])
    return varint + value


def program(version: str = "go1.19.8", modules: str = MODULES, flags: int = 2) -> bytes:
    """What is read of it: the blob, where its address can be divided by 16."""
    blob = MAGIC + bytes([8, flags]) + bytes(16) + text_of(version.encode())
    blob += text_of(BEGIN + modules.encode() + END)
    return b"\x7fELF".ljust(37, b"\x01") + NAME_ALONE.ljust(91, b"\x02") + blob + bytes(40)


def taken(content: bytes, piece_bytes: int) -> str:
    blob = GoBlob()
    for start in range(0, len(content), piece_bytes):
        blob.take(content[start : start + piece_bytes])
    return blob.text


@given(st.integers(min_value=1, max_value=1200))
def test_it_is_found_however_the_program_comes(piece_bytes: int) -> None:
    assert taken(program(), piece_bytes) == f"go1.19.8\n{MODULES}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7fELF" + bytes(4000),
        NAME_ALONE,
        program(version="none"),
        program(flags=0),
        b"\x7fELF " + program()[4:],
        program()[:200],
        MAGIC + b"\x08\x02" + bytes(16) + b"\xff" * 40,
    ],
    ids=["nothing", "another", "name", "version", "addresses", "off", "cut", "length"],
)
def test_where_no_whole_blob_stands_there_is_none(content: bytes) -> None:
    assert taken(content, 64) == ""
    assert taken(content, 5000) == ""


def test_its_modules_are_components_by_what_replaced_them_and_the_projects_own_are_not() -> None:
    installed = found({"shop": program(), "copy": program(), "notes": b"no program"})
    assert names(installed) == {
        "github.com/Gorilla/mux v1.8.0": 2,
        "github.com/fork/net v0.2.0": 2,
        "stdlib 1.19.8": 2,
    }
    assert [one.purl for one in installed.components] == [
        "pkg:golang/github.com/fork/net@v0.2.0",
        "pkg:golang/github.com/gorilla/mux@v1.8.0",
        "pkg:golang/stdlib@1.19.8",
    ]
    # a program is a file of nobody's, too
    assert [one.path for one in installed.loose] == ["copy", "notes", "shop"]


def test_a_program_of_a_debian_package_is_that_package() -> None:
    status = "Package: caddy\nStatus: install ok installed\nVersion: 2.6.2\n"
    layer = {
        "var/lib/dpkg/status": status,
        "var/lib/dpkg/info/caddy.list": "/usr/bin/caddy\n",
        "usr/bin/caddy": program(version="go1.19.8 X:boringcrypto"),
    }
    assert names(found(layer)) == {"caddy 2.6.2": 1}


def test_a_program_that_a_higher_layer_replaced_says_nothing() -> None:
    assert names(found({"shop": program()}, {"shop": program(version="go1.22.0", modules="")})) == {
        "stdlib 1.22.0": 1
    }
