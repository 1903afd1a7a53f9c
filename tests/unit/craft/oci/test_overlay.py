"""Layers add up as engines and the kernel add them up, not as one tar over another."""

from typing import Any, Dict, List, Sequence, Tuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.overlay import REPLACED_MAX, Folder, Overlay, Seen, merged
from devflow.model.errors import StepFailed
from tests.standins.image_files import File, file, folder, hardlink, symlink
from tests.standins.unpacking import Refused, shown

Layers = Sequence[Sequence[File]]


def overlay_of(*layers: Sequence[File]) -> Overlay:
    overlay = Overlay()
    for layer in layers:
        overlay.add(entry for entry, _ in layer)
    return overlay


def paths(*layers: Sequence[File]) -> List[str]:
    return sorted(overlay_of(*layers).visible)


def files_of(layers: Layers) -> Dict[str, Tuple[str, Any]]:
    """What ours shows, with each file's content as its layer's tar has it last."""
    found: Dict[str, Tuple[str, Any]] = {}
    for path, seen in merged([[entry for entry, _ in layer] for layer in layers]).items():
        entry = seen.entry
        if entry.kind is Kind.DIRECTORY:
            found[path] = ("directory", None)
        elif entry.kind is Kind.SYMLINK:
            found[path] = ("symlink", entry.link)
        else:
            found[path] = ("file", _content(layers[seen.layer], seen))
    return found


def _content(layer: Sequence[File], seen: Seen) -> bytes:
    wanted = seen.entry.link if seen.entry.kind is Kind.HARDLINK else seen.entry.path
    for entry, content in reversed(layer):
        if entry.path == wanted and entry.kind is Kind.FILE:
            return content
    raise AssertionError(wanted)


def test_a_whiteout_deletes_what_is_below_and_nothing_of_its_own_layer() -> None:
    below = (file("a/x", b"1"), file("a/y", b"2"))
    assert paths(below, (file("a/.wh.x"),)) == ["a", "a/y"]
    assert paths(below, (file(".wh.a"),)) == []
    assert paths(below, (file("a/.wh.z"),)) == ["a", "a/x", "a/y"]


def test_an_opaque_marker_hides_what_is_below_wherever_in_the_tar_it_stands() -> None:
    below = (file("a/x", b"1"), file("a/b/y", b"2"))
    for above in (
        (file("a/new", b"3"), file("a/.wh..wh..opq")),
        (file("a/.wh..wh..opq"), file("a/new", b"3")),
    ):
        assert paths(below, above) == ["a", "a/new"]
    assert paths(below, (file(".wh..wh..opq"), file("n", b""))) == ["n"]


def test_a_whiteout_beside_a_directory_of_its_name_deletes_nothing() -> None:
    """The device that the marker became gives way to a directory that is not opaque."""
    below = (file("a/old", b"1"),)
    assert paths(below, (file(".wh.a"), folder("a"), file("a/new", b"2"))) == [
        "a",
        "a/new",
        "a/old",
    ]
    assert paths(below, (file(".wh.a"), file("a", b"3"))) == ["a"]


def test_an_entry_below_a_symbolic_link_of_a_lower_layer_hides_the_link() -> None:
    below = (file("usr/lib/libc.so", b"c"), symlink("lib", "usr/lib"))
    overlay = overlay_of(below, (file("lib/x", b"x"),))
    assert overlay.visible["lib"].entry.kind is Kind.DIRECTORY
    assert "lib/libc.so" not in overlay.visible
    assert [hidden.entry.path for hidden in overlay.hidden] == ["lib"]


def test_an_entry_below_a_symbolic_link_of_its_own_layer_lands_where_it_leads() -> None:
    layer = (folder("usr/lib"), symlink("lib", "usr/lib"), file("lib/x", b"x"))
    assert paths(layer) == ["lib", "usr", "usr/lib", "usr/lib/x"]
    up = (folder("a/b"), symlink("a/c", "../a/b"), symlink("d", "/a/c"), file("d/x", b"x"))
    assert "a/b/x" in paths(up)


def test_a_loop_of_symbolic_links_is_refused() -> None:
    with pytest.raises(StepFailed, match="loop"):
        paths((symlink("a", "b"), symlink("b", "a"), file("a/x", b"")))


def test_a_file_over_a_directory_hides_all_of_it_and_the_other_way() -> None:
    below = (file("a/x", b"1"), file("a/b/y", b"2"))
    overlay = overlay_of(below, (file("a", b"3"),), (file("a/z", b"4"),))
    assert sorted(overlay.visible) == ["a", "a/z"]
    hidden = [(one.entry.path, one.layer, one.by_layer, one.deleted) for one in overlay.hidden]
    assert hidden == [
        ("a", 0, 1, False),
        ("a/b", 0, 1, False),
        ("a/b/y", 0, 1, False),
        ("a/x", 0, 1, False),
        ("a", 1, 2, False),
    ]


def test_a_directory_over_a_directory_keeps_what_is_below_and_takes_its_mode() -> None:
    overlay = overlay_of((folder("a", 0o700), file("a/x", b"")), (folder("a", 0o755),))
    assert overlay.visible["a"] == Seen(Entry("a", Kind.DIRECTORY, 0o755), 1)
    assert not overlay.hidden
    # a parent that no entry names says nothing of owner and mode
    overlay = overlay_of((folder("tmp", 0o1777),), (file("tmp/x", b""),))
    assert overlay.visible["tmp"].entry.mode == 0o1777


def test_a_path_that_one_layer_holds_twice_is_its_last() -> None:
    overlay = overlay_of((file("a", b"1"), file("a", b"22"), folder("d"), file("d", b"333")))
    assert overlay.visible["a"].entry.size_bytes == 2
    assert [(one.entry.size_bytes, one.by_layer) for one in overlay.hidden] == [(1, 0)]


def test_a_hard_link_leads_to_the_file_itself_and_outlives_it() -> None:
    layer = Folder(
        entry
        for entry, _ in (
            file("a", b"x" * 9),
            hardlink("b", "a"),
            hardlink("c", "b"),
            file("a", b"y"),
        )
    )
    handed_over = layer.seen["b"].entry
    assert (handed_over.kind, handed_over.size_bytes) == (Kind.FILE, 9)
    assert layer.seen["c"].entry.link == "b"
    assert layer.links == {"b": ["c"]}


@pytest.mark.parametrize(
    "layer",
    (
        (hardlink("b", "a"),),
        (hardlink("b", "a"), file("a", b"")),
        (folder("a"), hardlink("b", "a")),
    ),
)
def test_a_hard_link_to_what_its_layer_does_not_hold_is_refused(layer: Sequence[File]) -> None:
    with pytest.raises(StepFailed, match="hard link") as refused:
        paths((file("a", b"below"),), layer)
    assert refused.value.where == "layer 2"


def test_an_entry_below_a_file_of_its_own_layer_is_refused() -> None:
    with pytest.raises(StepFailed, match="is no directory"):
        paths((file("a", b""), file("a/b", b"")))


def test_a_layer_that_replaces_directories_without_end_is_refused() -> None:
    layer = [file("a", b"") if number % 2 else folder("a") for number in range(3 * REPLACED_MAX)]
    with pytest.raises(StepFailed, match="too many"):
        paths(layer)


def test_markers_of_other_file_systems_are_left_out() -> None:
    layer = (file(".wh..wh.plnk/1", b""), file(".wh..wh.aufs", b""), file("a", b""))
    assert paths(layer) == ["a"]


NAMES = st.sampled_from(("a", "b", "c"))
PLACES = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@st.composite
def entries(draw: st.DrawFn) -> File:
    """One entry of a small world, so that layers meet."""
    path = draw(PLACES)
    kind = draw(st.sampled_from(("file", "folder", "symlink", "hardlink", "whiteout", "opaque")))
    above, _, name = path.rpartition("/")
    prefix = f"{above}/" if above else ""
    if kind == "whiteout":
        return file(f"{prefix}.wh.{name}")
    if kind == "opaque":
        return file(f"{path}/.wh..wh..opq")
    if kind == "symlink":
        return symlink(path, draw(PLACES))
    if kind == "hardlink":
        return hardlink(path, draw(PLACES))
    if kind == "folder":
        return folder(path)
    return file(path, draw(st.binary(max_size=3)))


@given(st.lists(st.lists(entries(), max_size=6), max_size=4))
def test_layers_add_up_as_nested_folders_do(layers: List[List[File]]) -> None:
    try:
        expected = shown(layers)
    except Refused:
        assume(False)
        return
    assert files_of(_without_rewritten(layers)) == expected


def _without_rewritten(layers: List[List[File]]) -> List[List[File]]:
    """A file that is linked to and then replaced has its content where it was linked first."""
    for layer in layers:
        linked = {entry.link for entry, _ in layer if entry.kind is Kind.HARDLINK}
        names = [entry.path for entry, _ in layer]
        assume(not any(names.count(name) > 1 for name in linked))
        assume(not any(name in linked for name in _replaced(names)))
    return layers


def _replaced(names: List[str]) -> List[str]:
    folders = tuple(f"{name}/" for name in names)
    return [name for name in names if name.startswith(folders)]


@given(st.lists(st.lists(entries(), max_size=6), max_size=4))
def test_no_byte_is_lost_between_what_is_seen_and_what_is_hidden(layers: List[List[File]]) -> None:
    overlay = Overlay()
    shipped = 0
    try:
        for layer in layers:
            unpacked = Folder((entry for entry, _ in layer), overlay.layers)
            shipped += sum(seen.entry.size_bytes for seen in unpacked.seen.values())
            overlay.lay(unpacked)
    except StepFailed:
        assume(False)
    seen = sum(one.entry.size_bytes for one in overlay.visible.values())
    hidden = sum(one.entry.size_bytes for one in overlay.hidden if one.layer != one.by_layer)
    assert seen + hidden == shipped
