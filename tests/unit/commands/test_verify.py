"""`verify` and `keys`: every check is printed, and the exit code says what came of them."""

import json
from pathlib import Path

import pytest

from devflow.commands.keys import keys
from devflow.commands.verify import verify
from devflow.model.errors import Unavailable, UsageError
from devflow.wiring.options import Options
from tests.e2e.checkout import tiny_checkout
from tests.unit.craft.supply import layout
from tests.unit.craft.supply.golden import REPOSITORY, Release, released


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DEVFLOW_SIGNING_KEY", raising=False)
    monkeypatch.delenv("DEVFLOW_SIGNING_KEY_FILE", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


@pytest.fixture
def release() -> Release:
    return released()


def public(release: Release, folder: Path) -> Path:
    path = folder / "key.pub"
    path.write_text(release.key.public_pem, encoding="utf-8")
    return path


def test_a_folder_is_verified_with_a_key(
    home: Path, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.write(release, home / "image")
    code = verify(Options(home), "image", public(release, home), REPOSITORY)
    said = capsys.readouterr().out
    assert code == 0
    assert f"key: {release.key.key_id}" in said and f"signed as: {REPOSITORY}" in said
    assert "index signature: sha256:" in said and "verified by the key" in said
    assert "✘" not in said and "NOT OK" not in said


@pytest.mark.parametrize("typed", ("image:1.0", "image@{digest}", "./image", "{home}/image"))
def test_an_image_of_a_folder_is_named(home: Path, release: Release, typed: str) -> None:
    layout.write(release, home / "image")
    name = typed.format(digest=release.image.digest, home=home)
    assert verify(Options(home), name, public(release, home), "") == 0


def test_a_changed_layer_ends_with_1(
    home: Path, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = layout.write(release, home / "image")
    manifest = json.loads(release.shelf.held[release.image.platforms[0].digest])
    layout.blob(folder, manifest["layers"][0]["digest"]).write_bytes(b"other")
    assert verify(Options(home), "image", public(release, home), "") == 1
    assert "a layer does not have its digest" in capsys.readouterr().out


def test_without_a_key_it_ends_with_5(
    home: Path, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.write(release, home / "image")
    assert verify(Options(home), "image", None, "") == 5
    assert "not verified: no key was given" in capsys.readouterr().out


def test_an_unsigned_folder_ends_with_1(home: Path, release: Release) -> None:
    layout.write(release, home / "image", attachments=False)
    assert verify(Options(home), "image", public(release, home), "") == 1


def test_ones_own_key_is_taken_where_none_is_named(home: Path, release: Release) -> None:
    file = home / "config" / "devflow" / "signing.key"
    file.parent.mkdir(parents=True)
    file.touch(0o600)
    file.write_bytes(release.key.pem())
    layout.write(release, home / "image")
    assert verify(Options(home), "image", None, REPOSITORY) == 0
    assert verify(Options(home), "image", None, "registry.test/other") == 1


def test_the_checks_are_an_object_each(
    home: Path, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.write(release, home / "image")
    verify(Options(home, output="json"), "image", public(release, home), "")
    checks = json.loads(capsys.readouterr().out)
    assert {"label", "ok", "measured", "source"} <= set(checks[0])


def test_what_is_no_image_and_no_key_is_a_mistake_in_typing(home: Path, release: Release) -> None:
    with pytest.raises(UsageError, match="no image's name"):
        verify(Options(home), "No Such Image", None, "")
    layout.write(release, home / "image")
    with pytest.raises(UsageError, match="cannot be read"):
        verify(Options(home), "image", home / "none.pub", "")
    (home / "bad.pub").write_text("nonsense", encoding="utf-8")
    with pytest.raises(UsageError, match="no public key"):
        verify(Options(home), "image", home / "bad.pub", "")


def test_a_folder_of_several_images_asks_for_one(home: Path, release: Release) -> None:
    folder = layout.write(release, home / "image")
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    other = json.loads(release.shelf.held[release.image.digest])["manifests"][0]
    index["manifests"].append({**other, "annotations": {}})
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(UsageError, match="2 images"):
        verify(Options(home), "image", None, "")


def test_keys_makes_one_and_then_shows_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable):
        keys(Options(home), public_alone=True)
    assert keys(Options(home), public_alone=False) == 0
    first = capsys.readouterr().out
    assert "made now" in first and "PRIVATE KEY" not in first
    assert str(home / "config" / "devflow" / "signing.key") in first
    assert keys(Options(home), public_alone=False) == 0
    assert "made now" not in capsys.readouterr().out
    assert keys(Options(home), public_alone=True) == 0
    alone = capsys.readouterr().out
    assert alone.startswith("-----BEGIN PUBLIC KEY-----\n") and alone in first


def test_the_sandbox_has_a_key_of_its_own(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkout = tiny_checkout(home / "checkout")
    options = Options(checkout.folder, sandbox=True)
    assert keys(options, public_alone=False) == 0
    said = capsys.readouterr().out
    assert str(checkout.folder / ".git" / "devflow" / "sandbox" / "signing.key") in said
    assert not (home / "config").exists()


def test_keys_are_told_as_an_object_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = Options(home, output="json")
    keys(options, public_alone=False)
    made = json.loads(capsys.readouterr().out)
    assert made["made_now"] and made["fingerprint"].startswith("SHA256:")
    keys(options, public_alone=True)
    told = json.loads(capsys.readouterr().out)
    assert told["public_key"] == made["public_key"] and "private_key" not in told


def test_plain_checks_are_one_line_each(
    home: Path,
    release: Release,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    layout.write(release, home / "image")
    verify(Options(home, output="plain"), "image", public(release, home), "")
    lines = capsys.readouterr().out.splitlines()
    assert [
        line for line in lines if not line.startswith(("ok: ", "note: ", "not measured: "))
    ] == []
