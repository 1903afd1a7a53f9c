"""Each recommendation is applied to the image that it is made of, and saves what it says."""

from dataclasses import replace
from typing import Dict, List, Set, Tuple

import pytest

from devflow.craft.analysis.reading import read_image
from devflow.craft.analysis.report import Subject, analysed, reported
from devflow.craft.analysis.rules import REWRITTEN, RULES, SAME_CONTENT, Saving, savings
from devflow.craft.oci.layers import Entry, Kind
from tests.standins.image_files import File, Golden, file, hardlink, symlink

SITE = "usr/lib/python3.11/site-packages"
BIG = b"shared object " * 4000
# one file or more for each rule, with sizes that no sum of others gives
LAYERS: Tuple[Tuple[File, ...], ...] = (
    (
        file("var/lib/apt/lists/deb.list", b"l" * 1001),
        file("root/.cache/pip/http/ab", b"c" * 2003),
        file(f"{SITE}/numpy/tests/test_a.py", b"t" * 4007),
        file(f"{SITE}/numpy/core.py", b"n" * 90),
        file("usr/share/doc/git/README", b"d" * 8009),
        file("usr/share/man/man1/git.1", b"m" * 16),
        file("usr/include/stdio.h", b"i" * 32003),
        file("usr/bin/gcc-12", b"g" * 7),
        file(f"{SITE}/numpy/__pycache__/core.cpython-311.pyc", b"p" * 50),
        file(f"{SITE}/numpy/__pycache__/core.cpython-39.pyc", b"p" * 64007),
        file(f"{SITE}/numpy/__pycache__/gone.cpython-311.pyc", b"q" * 3),
        file("app/lib/a.so.1", BIG),
        file("app/lib/a.so", BIG),
        file("app/main.py", b"a" * 11),
        file("app/big", b"b" * 128021),
        file("app/dead", b"x" * 256019),
    ),
    (file("app/big", b"B" * 5), file("app/.wh.dead")),
)
EXPECTED = {
    "deleted": 256019,
    REWRITTEN: 128021,
    "byte-code": 64010,
    "build-tools": 32010,
    "docs": 8025,
    SAME_CONTENT: len(BIG),
    "tests": 4007,
    "package-cache": 3004,
}


def golden(layers: Tuple[Tuple[File, ...], ...] = LAYERS) -> Golden:
    image = Golden()
    for files in layers:
        image.layer(*files)
    return image


def sized(image: Golden) -> int:
    return analysed(image.blobs, Subject(image.made())).size_bytes


def applied(layers: Tuple[Tuple[File, ...], ...], saving: Saving) -> Golden:
    """The image without the files that a rule names; a link stands in for a file of the same
    content, and what only deleted or replaced them stays harmlessly."""
    gone: Dict[int, Set[str]] = {}
    for _, (layer, path) in saving.files:
        gone.setdefault(layer, set()).add(path)
    changed: List[Tuple[File, ...]] = []
    for number, files in enumerate(layers):
        kept = []
        for entry, content in files:
            if entry.path not in gone.get(number, set()):
                kept.append((entry, content))
            elif saving.rule == SAME_CONTENT:
                kept.append(symlink(entry.path, "a.so"))
        changed.append(tuple(kept))
    return golden(tuple(changed))


def found(layers: Tuple[Tuple[File, ...], ...], base_layers: int = 0) -> Dict[str, Saving]:
    image = golden(layers)
    every = savings(read_image(image.blobs, image.made()), base_layers)
    return {saving.rule: saving for saving in every}


def test_every_rule_finds_its_files_and_the_largest_saving_comes_first() -> None:
    image = golden()
    report = analysed(image.blobs, Subject(image.made()))
    saves = {one.rule: one.saves_bytes for one in report.recommendations}
    assert saves == EXPECTED
    assert set(saves) == set(RULES)
    sizes = [one.saves_bytes for one in report.recommendations]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("rule", EXPECTED)
def test_what_a_recommendation_says_is_saved_to_the_byte(rule: str) -> None:
    before = sized(golden())
    saving = found(LAYERS)[rule]
    after = applied(LAYERS, saving)
    assert before - sized(after) == saving.saves_bytes == EXPECTED[rule]
    left = savings(read_image(after.blobs, after.made()))
    assert rule not in {one.rule for one in left}


def test_recommendations_do_not_count_a_byte_twice() -> None:
    """Tests with the same content as others, in documentation: one rule alone has them."""
    same = b"s" * 50_000
    layers = (
        (
            file(f"{SITE}/a/tests/x.py", same),
            file(f"{SITE}/b/tests/x.py", same),
            file("usr/share/doc/tests/x.py", same),
        ),
    )
    total = sum(saving.saves_bytes for saving in found(layers).values())
    assert total == 3 * len(same)


def test_a_file_with_a_hard_link_elsewhere_saves_nothing() -> None:
    doc = file("usr/share/doc/a", b"d" * 100)
    assert "docs" not in found(((doc, hardlink("usr/share/z", "usr/share/doc/a")),))
    both = (doc, hardlink("usr/share/doc/b", "usr/share/doc/a"))
    assert found((both,))["docs"].saves_bytes == 100


def test_the_base_images_own_layers_can_be_spared_by_nobody_above() -> None:
    assert not found(LAYERS, base_layers=len(LAYERS))
    assert set(found(LAYERS, base_layers=1)) <= {REWRITTEN, "deleted", SAME_CONTENT}
    image = golden()
    report = reported(read_image(image.blobs, image.made()), Subject(""), base_layers=2)
    assert report.recommendations == ()
    assert report.hidden_bytes == 128021 + 256019


def test_a_path_that_a_layer_holds_twice_is_told_and_unpacked_once() -> None:
    image = Golden().layer(file("app/a", b"1" * 10), file("app/a", b"2" * 20), by="COPY", raw=True)
    report = analysed(image.blobs, Subject(image.made()))
    assert report.size_bytes == 20
    twice = next(one for one in report.findings if one.rule == "twice-in-layer")
    assert (twice.paths, twice.size_bytes) == (("app/a (layer 1)",), 10)


def test_byte_code_of_the_images_own_interpreter_beside_its_source_is_only_noted() -> None:
    layers = ((file("app/m.py", b"m"), file("app/__pycache__/m.cpython-311.pyc", b"p" * 9)),)
    assert "byte-code" not in found(layers)
    image = golden(layers)
    report = analysed(image.blobs, Subject(image.made()))
    assert [(one.rule, one.kind, one.size_bytes) for one in report.findings] == [
        ("byte-code", "note", 9)
    ]


def test_byte_code_alone_is_told() -> None:
    image = golden(((file("app/m.pyc", b"p"),),))
    report = analysed(image.blobs, Subject(image.made()))
    assert [(one.rule, one.paths) for one in report.findings] == [("no-source", ("app/m.pyc",))]


def test_set_uid_and_what_everybody_may_write_are_told() -> None:
    plain = Entry("tmp", Kind.DIRECTORY, 0o1777)
    image = golden(
        (
            (
                file("bin/su", b"s", 0o4755),
                file("bin/wall", b"w", 0o2755),
                file("app/data", b"", 0o666),
                (plain, b""),
                (replace(plain, path="open", mode=0o777), b""),
                symlink("app/l", "x"),
            ),
        )
    )
    report = analysed(image.blobs, Subject(image.made()))
    paths = {one.rule: one.paths for one in report.findings}
    assert paths == {"set-uid": ("bin/su", "bin/wall"), "world-writable": ("app/data", "open")}


def test_a_name_that_is_not_unicode_can_be_told() -> None:
    image = golden(((file("app/b\udcff", b"", 0o4755),),))
    report = analysed(image.blobs, Subject(image.made()))
    assert report.findings[0].paths == ("app/b\\xff",)
    report.model_dump_json()
