"""The files of an image that runs without an engine: layers merged as engines do, and nothing that
leads out of it."""

from pathlib import Path

import pytest

from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed
from devflow.testing import MemoryRegistry
from tests.contract.images.namespace_world import busybox, file, said, start

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.mark.parametrize("path", ["/etc/absolute", "../outside", "etc/../../outside"])
def test_a_layer_that_leaves_the_root_is_refused(
    containers: NamespaceContainers, memory_registry: MemoryRegistry, path: str
) -> None:
    image = start(memory_registry, [busybox(), [file(path, b"x")]])
    with pytest.raises(StepFailed, match="leaves the image's root"), containers.started(image):
        pass


@pytest.mark.parametrize("place", ["proc", "dev", "state"])
def test_a_link_in_the_place_of_a_mount_is_refused(
    containers: NamespaceContainers, memory_registry: MemoryRegistry, place: str, tmp_path: Path
) -> None:
    link = Source(Entry(place, Kind.SYMLINK, 0o777, link=str(tmp_path / "outside")))
    image = start(memory_registry, [busybox(), [link]])
    with pytest.raises(StepFailed, match=f"where a folder is needed: /{place}"):
        with containers.started(image):
            pass
    assert not (tmp_path / "outside").exists()


def test_a_link_that_leads_out_is_not_followed_while_files_are_written(
    containers: NamespaceContainers, memory_registry: MemoryRegistry, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = Source(Entry("way", Kind.SYMLINK, 0o777, link=str(outside)))
    image = start(memory_registry, [busybox(), [link], [file("way/file", b"x")], [link]])
    said(containers, image, "ls /")
    assert list(outside.iterdir()) == []


def test_layers_are_merged_as_an_engine_does(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    hard_link = Source(Entry("data/link", Kind.HARDLINK, link="data/file"))
    lower = [
        Source(Entry("data", Kind.DIRECTORY, 0o755)),
        file("data/file", b"of the link\n"),
        hard_link,
        file("data/gone", b"x"),
        file("old/gone", b"x"),
        file("new", b"lower\n"),
    ]
    upper = [file("data/.wh.gone", b""), file("old/.wh..wh..opq", b""), file("new", b"upper\n")]
    deletes = [file("data/.wh.file", b"")]
    image = start(memory_registry, [busybox(), lower, upper, deletes])
    words = said(containers, image, "ls /data /old; cat /data/link /new")
    assert words.split("\n") == ["/data:", "link", "", "/old:", "of the link", "upper"]


def test_a_file_below_a_link_of_its_own_layer_lands_where_the_link_leads(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    landing = [
        Source(Entry("usr/lib", Kind.DIRECTORY, 0o755)),
        Source(Entry("lib", Kind.SYMLINK, 0o777, link="usr/lib")),
        # sorted after its link, as it is written
        file("lib/text", b"landed\n"),
    ]
    image = start(memory_registry, [busybox(), landing])
    assert said(containers, image, "cat /usr/lib/text /lib/text") == "landed\nlanded"


def test_a_working_directory_that_is_not_there_is_made(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], WorkingDir="/srv/app")
    assert said(containers, image, "echo $PWD") == "/srv/app"


def test_a_set_uid_bit_is_not_kept(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox(), [file("bin/su", b"x", 0o4755)]])
    assert said(containers, image, "ls -l /bin/su").startswith("-rwxr-xr-x")
