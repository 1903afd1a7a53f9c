"""Images in files: an OCI layout, a tar of one, what `docker save` writes, and what is none."""

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from devflow.adapters.images.saved import chosen, saved_at
from devflow.craft.analysis.reading import manifests_of
from devflow.craft.analysis.report import Subject, analysed
from devflow.craft.oci.formats import encoded
from devflow.model.errors import StepFailed, Unavailable, UsageError
from tests.standins.image_files import Golden, file, index_of

REF = "org.opencontainers.image.ref.name"
FILES = (file("app/main.py", b"a" * 70), file("usr/lib/x", b"x" * 30))


def layout_files(names: Tuple[str, ...] = ("app",)) -> Dict[str, bytes]:
    """An OCI layout by path, with one image of two platforms for each name."""
    image = Golden()
    manifests = []
    for name in names:
        platforms = {}
        for architecture in ("amd64", "arm64"):
            one = Golden(blobs=image.blobs, architecture=architecture)
            one.layer(*FILES, file("app/name", name.encode()))
            platforms[f"linux/{architecture}"] = one.made()
        digest = index_of(image.blobs, platforms)
        size_bytes = len(image.blobs.held[digest])
        media_type = "application/vnd.oci.image.index.v1+json"
        described = {"mediaType": media_type, "digest": digest, "size": size_bytes}
        manifests.append({**described, "annotations": {REF: name}})
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
    for digest, body in image.blobs.held.items():
        files[f"blobs/sha256/{digest[7:]}"] = body
    return files


def docker_files(image: Optional[Golden] = None) -> Dict[str, bytes]:
    """What Docker before 25 saves: no manifest, plain layers in folders."""
    image = image or Golden().layer(*FILES)
    files = {"c.json": encoded(image.config())}
    layers = []
    for number, (zipped, _) in enumerate(image.layers):
        layers.append(f"{number}/layer.tar")
        files[layers[-1]] = gzip.decompress(zipped)
    entry = {"Config": "c.json", "RepoTags": ["app:latest"], "Layers": layers}
    files["manifest.json"] = json.dumps([entry]).encode()
    return files


def in_folder(at: Path, files: Dict[str, bytes]) -> Path:
    for name, body in files.items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return at


def in_tar(at: Path, files: Dict[str, bytes], links: Tuple[Tuple[str, str], ...] = ()) -> Path:
    path = at / "image.tar"
    with tarfile.open(path, "w") as tar:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type = tarfile.SYMTYPE
            member.linkname = target
            tar.addfile(member)
    return path


def reports(path: Path, name: str = "") -> List[Any]:
    saved = saved_at(path)
    digest = chosen(saved, name, str(path)).digest
    return [analysed(saved, Subject(one)) for _, one in manifests_of(saved, digest)]


@pytest.mark.parametrize("place", (in_folder, in_tar))
def test_both_platforms_of_a_layout_are_read_in_a_folder_and_in_a_tar(
    tmp_path: Path, place: Any
) -> None:
    found = reports(place(tmp_path, layout_files()))
    assert [(one.platform, one.size_bytes) for one in found] == [
        ("linux/amd64", 103),
        ("linux/arm64", 103),
    ]


def test_what_docker_saves_is_read_though_it_has_no_manifest(tmp_path: Path) -> None:
    (report,) = reports(in_tar(tmp_path, docker_files()))
    assert (report.platform, report.size_bytes) == ("linux/amd64", 100)


def test_a_layer_that_docker_saved_as_a_link_is_followed(tmp_path: Path) -> None:
    files = docker_files()
    files["shared/layer.tar"] = files.pop("0/layer.tar")
    path = in_tar(tmp_path, files, (("0/layer.tar", "../shared/layer.tar"),))
    assert reports(path)[0].size_bytes == 100


def test_what_is_attached_to_an_image_is_no_second_one(tmp_path: Path) -> None:
    path = in_folder(tmp_path, layout_files(("app", f"sha256-{'a' * 64}.sig")))
    assert reports(path)[0].size_bytes == 103


@pytest.mark.parametrize("place", (in_folder, in_tar))
def test_one_of_several_images_is_chosen_by_its_name(tmp_path: Path, place: Any) -> None:
    path = place(tmp_path, layout_files(("one", "second")))
    assert reports(path, "second")[0].size_bytes == 106
    with pytest.raises(UsageError, match="several") as raised:
        reports(path)
    assert "one, second" in raised.value.hint
    with pytest.raises(UsageError, match='no image called "third"'):
        reports(path, "third")


def test_a_platform_that_was_not_saved_is_left_out(tmp_path: Path) -> None:
    files = layout_files()
    saved = saved_at(in_folder(tmp_path, files))
    digest = chosen(saved, "", "").digest
    arm64 = dict(manifests_of(saved, digest))["linux/arm64"]
    (tmp_path / "blobs/sha256" / arm64[7:]).unlink()
    assert [name for name, _ in manifests_of(saved, digest)] == ["linux/amd64"]


@pytest.mark.parametrize("place", (in_folder, in_tar))
def test_a_blob_that_is_missing_is_said(tmp_path: Path, place: Any) -> None:
    files = layout_files()
    largest = max(files, key=lambda name: len(files[name]) if "blobs" in name else 0)
    del files[largest]
    with pytest.raises(Unavailable, match="does not hold|no longer|it does not"):
        reports(place(tmp_path, files))


@pytest.mark.parametrize(
    "files",
    (
        {"a": b"b"},
        {"manifest.json": b"{"},
        {"manifest.json": b"{}"},
        {"manifest.json": b"[1]"},
        {"manifest.json": b'[{"Config": "c.json"}]'},
        {"manifest.json": b'[{"Config": "c.json", "Layers": []}]'},
        {"index.json": b"[]"},
        {"index.json": b'{"schemaVersion": 2, "config": {}, "layers": []}'},
    ),
)
def test_a_tar_that_holds_no_image_is_told_as_that(tmp_path: Path, files: Dict[str, bytes]) -> None:
    with pytest.raises(StepFailed):
        reports(in_tar(tmp_path, files))


def test_a_saved_image_with_other_layers_than_its_configuration_is_refused(tmp_path: Path) -> None:
    files = docker_files()
    entries = json.loads(files["manifest.json"])
    entries[0]["Layers"] *= 2
    files["manifest.json"] = json.dumps(entries).encode()
    with pytest.raises(StepFailed, match="other layers"):
        reports(in_tar(tmp_path, files))


def test_a_folder_that_is_no_layout_and_a_file_that_is_no_tar_are_told(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="OCI layout has an index.json"):
        saved_at(tmp_path)
    (tmp_path / "x.tar.gz").write_bytes(b"\x1f\x8b" + b"x" * 600)
    with pytest.raises(StepFailed, match="unpack it first"):
        saved_at(tmp_path / "x.tar.gz")
