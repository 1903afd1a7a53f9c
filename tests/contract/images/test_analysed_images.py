"""Golden images as Docker unpacks them, and as they are analysed in a registry and in an engine."""

import io
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import pytest

from devflow.adapters.images.engine.client import Engines
from devflow.commands.analyse import found
from devflow.craft.analysis.reading import manifests_of
from devflow.craft.analysis.report import Subject, analysed
from devflow.craft.oci.formats import MANIFEST
from devflow.model.images import ImageReport
from tests.contract.images.daemons import RunningRegistry, missing
from tests.contract.images.test_overlay_kernel import ABOVE, BASE, ours
from tests.standins.image_files import File, Golden, file
from tests.standins.saved_layouts import write_layout

TOP = "t"


def below_top(layer: Sequence[File]) -> List[File]:
    """A layer in a folder of its own, apart from what engines put into a container."""
    moved = []
    for entry, content in layer:
        link = f"{TOP}/{entry.link}" if entry.kind == "hardlink" else entry.link
        moved.append((replace(entry, path=f"{TOP}/{entry.path}", link=link), content))
    return moved


def pushed(image: Golden, registry: RunningRegistry, at: Path, name: str) -> str:
    """Copies an image into the registry by skopeo; answers its name."""
    skopeo = shutil.which("skopeo")
    if skopeo is None:
        missing("skopeo is not installed: apt-get install skopeo")
    layout = write_layout(image.blobs, image.made(), MANIFEST, at / "layout", "x")
    whole = f"{registry.address}/{name}:1"
    argv = [str(skopeo), "copy", "--quiet", "--dest-tls-verify=false"]
    subprocess.run([*argv, f"oci:{layout}:x", f"docker://{whole}"], check=True)
    return whole


def exported(engines: Engines, name: str) -> Dict[str, Tuple[str, Any]]:
    """What a container of the image has below its top folder."""
    shown: Dict[str, Tuple[str, Any]] = {}
    with engines.connected() as client:
        client.pull(name)
        container = client.create_container(name, command=["/x"])
        try:
            body = b"".join(client.export(container))
        finally:
            client.remove_container(container)
            client.remove_image(name, force=True)
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        for member in tar:
            path = member.name.rstrip("/").removeprefix(f"{TOP}/")
            if member.name.startswith(f"{TOP}/") and path != TOP:
                shown[path] = _shown(tar, member)
    return shown


def _shown(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Tuple[str, Any]:
    if member.issym():
        return "symlink", member.linkname
    content = tar.extractfile(member)
    return ("directory", None) if content is None else ("file", content.read())


TWICE = "the same file again"


@pytest.mark.parametrize("name", [name for name in ABOVE if name != TWICE])
def test_docker_unpacks_what_ours_adds_up(
    name: str, docker: Engines, registry: RunningRegistry, tmp_path: Path
) -> None:
    image = Golden()
    image.layer(*below_top(BASE), raw=True).layer(*below_top(ABOVE[name]), raw=True)
    reference = pushed(image, registry, tmp_path, f"golden/{list(ABOVE).index(name)}")
    assert exported(docker, reference) == ours((BASE, ABOVE[name]))


def test_docker_refuses_a_layer_that_holds_a_path_twice(
    docker: Engines, registry: RunningRegistry, tmp_path: Path
) -> None:
    """And says so in the stream, after the 200."""
    image = Golden().layer(*below_top(ABOVE[TWICE]), raw=True)
    reference = pushed(image, registry, tmp_path, "twice")
    with docker.connected() as client:
        lines = list(client.pull(reference, stream=True, decode=True))
    assert "duplicates of file paths not supported" in lines[-1]["error"]
    finding = next(one for one in report_of(tmp_path, "layout").findings if one.rule != "root")
    assert finding.rule == "twice-in-layer"


def test_an_image_is_the_same_in_a_layout_a_registry_and_an_engine(
    docker: Engines, registry: RunningRegistry, tmp_path: Path
) -> None:
    image = Golden().layer(*BASE, raw=True).layer(file("app/.wh.main.py"), file("app/x", b"x"))
    reference = pushed(image, registry, tmp_path, "analysed")
    with docker.connected() as client:
        client.pull(reference)
    try:
        reports = [
            report_of(tmp_path, "layout"),
            report_of(tmp_path, f"docker://{reference}"),
            report_of(tmp_path, reference),
        ]
    finally:
        with docker.connected() as client:
            client.remove_image(reference, force=True)
    figures = [(one.size_bytes, one.hidden_bytes, one.shares, one.grade) for one in reports]
    assert figures[0] == figures[1] == figures[2]
    # what the engine saves is not compressed
    assert reports[2].compressed_bytes > reports[1].compressed_bytes


def report_of(directory: Path, image: str) -> ImageReport:
    with found(directory, image) as (blobs, digest):
        ((_, manifest),) = manifests_of(blobs, digest)
        return analysed(blobs, Subject(manifest))
