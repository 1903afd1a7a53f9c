"""`devflow analyse`: of a layout and a tar, in each output, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from devflow.commands.analyse import Wanted, analyse
from devflow.model.errors import UsageError
from devflow.wiring.options import Options, OutputMode
from tests.standins.image_files import File, Golden, file, index_of

FILES = (file("app/main.py", b"a" * 7000), file("usr/lib/x", b"x" * 3000))


def saved(at: Path, *files: File) -> Path:
    """An OCI layout of one image for both platforms."""
    image = Golden()
    platforms = {}
    for architecture in ("amd64", "arm64"):
        one = Golden(blobs=image.blobs, architecture=architecture).layer(*(files or FILES))
        platforms[f"linux/{architecture}"] = one.made()
    digest = index_of(image.blobs, platforms)
    blobs = at / "layout" / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for name, body in image.blobs.held.items():
        (blobs / name[7:]).write_bytes(body)
    described = {
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "digest": digest,
        "size": len(image.blobs.held[digest]),
        "annotations": {"org.opencontainers.image.ref.name": "app"},
    }
    index = {"schemaVersion": 2, "manifests": [described]}
    (at / "layout" / "index.json").write_text(json.dumps(index))
    return at


def run(at: Path, image: str, output: OutputMode = "plain", **wanted: Any) -> int:
    return analyse(Options(at, output=output), Wanted(image, **wanted))


def test_an_image_is_shown_for_each_of_its_platforms(tmp_path: Path, capsys: Any) -> None:
    assert run(saved(tmp_path), "layout") == 0
    shown = capsys.readouterr().out
    assert "layout linux/amd64 grade A+, 100 of 100" in shown
    assert "layout linux/arm64 application 7000 B 70.0%" in shown


def test_the_picture_and_the_object_say_the_same(tmp_path: Path, capsys: Any) -> None:
    saved(tmp_path)
    assert run(tmp_path, "layout:app", "tree", platform="linux/arm64") == 0
    picture = capsys.readouterr().out
    assert "grade A+" in picture and "linux/amd64" not in picture
    assert run(tmp_path, "layout:app", "json") == 0
    body = json.loads(capsys.readouterr().out)
    assert [one["platform"] for one in body["reports"]] == ["linux/amd64", "linux/arm64"]
    assert body["reports"][0]["size_bytes"] == 10_000


def test_a_secret_ends_with_1(tmp_path: Path) -> None:
    assert run(saved(tmp_path, file("app/.env", b"A=b")), "layout") == 1


@pytest.mark.parametrize(("budget_mb", "code"), ((0.01, 0), (0.0099, 1)))
def test_a_missed_budget_ends_with_1(tmp_path: Path, budget_mb: float, code: int) -> None:
    assert run(saved(tmp_path), "layout", budget_mb=budget_mb) == code


def test_a_platform_that_the_image_does_not_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2 platforms: linux/amd64, linux/arm64"):
        run(saved(tmp_path), "layout", platform="linux/s390x")


def test_what_is_neither_a_file_nor_a_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no image's name, and no file"):
        run(tmp_path, "./image.tar")
