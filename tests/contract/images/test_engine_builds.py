"""Where building by an engine goes wrong, each seen on a real one: what is refused, with which
line, and where a secret is not."""

import gzip
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devflow.adapters.images.engine.builder import EngineBuilder
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import Manifest, read_document
from devflow.model.errors import StepFailed, Unavailable, UsageError
from devflow.model.images import BuiltImage
from devflow.step import silent
from tests.contract.images.daemons import RunningRegistry, missing
from tests.contract.images.tiny import (
    OTHER_PLATFORM,
    OWN,
    OWN_PLATFORM,
    files,
    push,
    recipe,
    spoken,
)

Build = Callable[..., BuiltImage]
SECRET = "c4-r0t-unde5-tree"


@pytest.fixture
def build_on(store: Store) -> Callable[[Engines], Build]:
    def on(engines: Engines) -> Build:
        def build_files(
            content: dict[str, str | bytes], say: Any = silent, **changed: Any
        ) -> BuiltImage:
            builder = EngineBuilder(engines, store, lambda commit: files(content))  # type: ignore
            return builder.build(recipe(**changed), say)

        return build_files

    return on


@pytest.fixture
def build(engines: Engines, build_on: Callable[[Engines], Build]) -> Build:
    return build_on(engines)


@pytest.fixture
def base(registry: RunningRegistry) -> str:
    push(registry.address, "tiny", "1", (OWN, "arm64" if OWN == "amd64" else "amd64"), {})
    return f"{registry.address}/tiny:1"


@pytest.fixture
def one_platform(registry: RunningRegistry) -> str:
    """A base for this machine's processor alone, which is no index."""
    push(registry.address, "alone", "1", (OWN,), {})
    return f"{registry.address}/alone:1"


def test_a_base_of_one_platform_is_not_taken_for_another(build: Build, one_platform: str) -> None:
    content = {"Dockerfile": f"FROM {one_platform}\nCOPY x /x\n", "x": ""}
    assert build(content, platforms=(OWN_PLATFORM,)).platforms[0].machine == OWN
    with pytest.raises((StepFailed, Unavailable)) as refused:
        build(content, platforms=(OWN_PLATFORM, OTHER_PLATFORM))
    assert OTHER_PLATFORM in refused.value.message


def test_a_command_that_fails_is_told_with_its_line_and_its_last_output(
    build: Build, base: str
) -> None:
    dockerfile = (
        f"FROM {base} AS one\nRUN echo fine\n\n"
        "# and now\nFROM one\nRUN echo first; \\\n    echo last; exit 3\n"
    )
    with pytest.raises(StepFailed) as failed:
        build({"Dockerfile": dockerfile}, platforms=(OWN_PLATFORM,))
    assert failed.value.where == "Dockerfile:6"
    assert failed.value.message.splitlines()[-1].strip() == "last"
    assert "3" in failed.value.message.splitlines()[0]


def test_a_base_that_no_registry_has_is_unavailable_with_its_line(
    build: Build, registry: RunningRegistry
) -> None:
    with pytest.raises(Unavailable) as failed:
        build({"Dockerfile": f"FROM {registry.address}/never:1\n"}, platforms=(OWN_PLATFORM,))
    assert failed.value.where.startswith("Dockerfile")
    assert "never" in failed.value.message


def test_a_registry_that_is_not_there_is_unavailable(build: Build) -> None:
    with pytest.raises(Unavailable):
        build({"Dockerfile": "FROM 127.0.0.1:1/x:1\n"}, platforms=(OWN_PLATFORM,))


def test_arguments_and_a_target_are_those_of_the_recipe(
    build: Build, store: Store, base: str
) -> None:
    dockerfile = (
        f"FROM {base} AS first\nARG WHAT=none\nRUN echo $WHAT > /told\n"
        "FROM first AS last\nRUN exit 1\n"
    )
    changed = {"target": "first", "args": {"WHAT": "it"}, "platforms": (OWN_PLATFORM,)}
    image = build({"Dockerfile": dockerfile}, **changed).platforms[0]
    assert read_file(store, image.digest, "told") == b"it\n"


def test_what_was_built_is_removed_from_the_engine_and_what_others_named_is_not(
    docker: Engines, build_on: Callable[[Engines], Build], base: str, store: Store
) -> None:
    content = {"Dockerfile": f"FROM {base}\nCOPY x /x\n", "x": "1"}
    # other tests build at the same time: these two are this one's own
    with docker.connected() as client:
        client.pull(base)
        client.tag(base, "kept-by-somebody", "1")
        built = build_on(docker)(content, platforms=(OWN_PLATFORM,)).platforms[0]
        config = read_document(store.read(built.digest), built.digest).config.digest
        images = {image["Id"] for image in client.images(all=True)}
        assert config not in images
        assert client.images("kept-by-somebody:1")
        client.remove_image("kept-by-somebody:1")


def test_a_file_is_ignored_also_where_the_engine_reads_no_dockerignore(
    build: Build, store: Store, base: str
) -> None:
    content = {
        "Dockerfile": f"FROM {base}\nCOPY . /all\n",
        "Dockerfile.dockerignore": "no\n",
        ".dockerignore": "yes\n",
        "no": "",
        "yes": "",
    }
    image = build(content, platforms=(OWN_PLATFORM,)).platforms[0]
    assert read_file(store, image.digest, "all/yes") == b""
    assert read_file(store, image.digest, "all/no") is None


@pytest.fixture
def old_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A docker command that has BuildKit, whatever others are on PATH."""
    if not Path("/usr/bin/docker").exists():
        missing("no docker command is installed: apt-get install docker.io")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


def secret_files(folder: Path) -> dict[str, str]:
    path = folder / "token"
    path.write_text(f"{SECRET}\n")
    return {"token": str(path)}


def test_a_secret_reaches_the_command_and_nothing_else(
    docker: Engines,
    build_on: Callable[[Engines], Build],
    base: str,
    store: Store,
    tmp_path: Path,
    old_command: None,
) -> None:
    mount = "--mount=type=secret,id=token,required=true,mode=0444"
    dockerfile = f"FROM {base}\nCOPY x /x\nRUN {mount} cat /run/secrets/token; id > /was\n"
    collected: list[str] = []
    image = build_on(docker)(
        {"Dockerfile": dockerfile, "x": ""},
        say=spoken(collected),
        platforms=(OWN_PLATFORM,),
        secrets=secret_files(tmp_path),
    ).platforms[0]
    assert read_file(store, image.digest, "was") is not None
    assert collected
    assert SECRET not in "\n".join(collected)
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert SECRET.encode() not in (unpacked(body) or body)


def test_a_failing_command_does_not_print_the_secret(
    docker: Engines,
    build_on: Callable[[Engines], Build],
    base: str,
    tmp_path: Path,
    old_command: None,
) -> None:
    mount = "--mount=type=secret,id=token,mode=0444"
    dockerfile = f"FROM {base}\nRUN {mount} cat /run/secrets/token; echo sorry; exit 9\n"
    with pytest.raises(StepFailed) as failed:
        build_on(docker)(
            {"Dockerfile": dockerfile, "x": ""},
            platforms=(OWN_PLATFORM,),
            secrets=secret_files(tmp_path),
        )
    assert failed.value.where == "Dockerfile:2"
    assert "sorry" in failed.value.message
    assert SECRET not in failed.value.message


def test_a_secret_that_is_no_file_is_refused(build: Build, base: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="secret token"):
        build({"Dockerfile": f"FROM {base}\n"}, secrets={"token": str(tmp_path / "none")})


def test_secrets_are_not_built_where_they_would_stand_in_the_context(
    podman_engine: Any,
    monkeypatch: pytest.MonkeyPatch,
    build_on: Callable[[Engines], Build],
    base: str,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", podman_engine.host)
    with pytest.raises(Unavailable, match="podman .* context"):
        build_on(Engines())({"Dockerfile": f"FROM {base}\n"}, secrets=secret_files(tmp_path))


def test_secrets_without_a_docker_command_are_unavailable(
    docker: Engines,
    build_on: Callable[[Engines], Build],
    base: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no docker command"):
        build_on(docker)({"Dockerfile": f"FROM {base}\n"}, secrets=secret_files(tmp_path))


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else b""


def read_file(store: Store, digest: str, path: str) -> bytes | None:
    """A file of an image, from its uppermost layer that has it."""
    manifest = read_document(store.read(digest), digest)
    assert isinstance(manifest, Manifest)
    for layer in reversed(manifest.layers):
        with store.open(layer.digest) as content, tarfile.open(fileobj=content) as tar:
            for member in tar:
                if member.name.strip("/") == path:
                    extracted = tar.extractfile(member)
                    assert extracted is not None
                    return extracted.read()
    return None
