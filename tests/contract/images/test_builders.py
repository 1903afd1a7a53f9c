"""What every builder promises: the same suite over Docker Engine's, Podman's and ours."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from devflow.adapters.images.engine.builder import EngineBuilder
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import Index, Manifest, read_config, read_document
from devflow.craft.oci.layers import entries
from devflow.model.errors import StepFailed
from devflow.model.images import BuiltImage
from devflow.step import silent
from tests.contract.images.daemons import RunningRegistry
from tests.contract.images.tiny import (
    BOTH,
    OWN,
    OWN_PLATFORM,
    files,
    push,
    recipe,
    spoken,
)

Build = Callable[..., BuiltImage]


@pytest.fixture
def base(registry: RunningRegistry) -> str:
    push(registry.address, "tiny", "1", (OWN, "arm64" if OWN == "amd64" else "amd64"), {})
    return f"{registry.address}/tiny:1"


@pytest.fixture
def build(engines: Engines, store: Store, base: str) -> Build:
    def build_files(
        content: dict[str, str | bytes], say: Any = silent, **changed: Any
    ) -> BuiltImage:
        whole = {
            name: body.replace("{BASE}", base) if isinstance(body, str) else body
            for name, body in content.items()
        }
        builder = EngineBuilder(engines, store, lambda commit: files(whole))  # type: ignore
        return builder.build(recipe(**changed), say)

    return build_files


DOCKERFILE = """\
FROM {BASE}
COPY app /app/
COPY --chown=1000:1000 own /own
USER 1000
ENTRYPOINT ["/app/run"]
"""
COMMIT_FILES: dict[str, str | bytes] = {
    "Dockerfile": DOCKERFILE,
    "app/run*": "#!/bin/sh\n",
    "app/data": "data\n",
    "app/link->data": "",
    "own/file": "mine\n",
}


def contents(store: Store, digest: str) -> dict[str, Any]:
    """Every entry of a platform's image by its path, with its content's hash."""
    manifest = read_document(store.read(digest), digest)
    assert isinstance(manifest, Manifest)
    found: dict[str, Any] = {}
    for layer in manifest.layers:
        with store.open(layer.digest) as content:
            found.update({entry.path: entry for entry, _ in entries(content, digest, hashed=True)})
    return found


def test_both_platforms_are_built_and_each_is_what_it_says(build: Build, store: Store) -> None:
    built = build(COMMIT_FILES)
    index = read_document(store.read(built.digest), "index")
    assert isinstance(index, Index)
    assert [one.platform.text for one in index.manifests if one.platform] == list(BOTH)
    for image in built.platforms:
        assert image.config_platform == image.platform
        assert image.machine == image.platform.split("/")[1]
        assert image.compressed_bytes < image.unpacked_bytes or image.unpacked_bytes < 4096
        assert image.layers == 3


def test_the_same_files_on_no_base_are_of_each_platform_that_was_asked_for(build: Build) -> None:
    content: dict[str, str | bytes] = {"Dockerfile": "FROM scratch\nCOPY x /x\n", "x": "same\n"}
    for _ in range(2):
        built = build(content)
        assert [one.config_platform for one in built.platforms] == list(BOTH)


def test_files_have_the_owners_and_modes_that_are_declared(build: Build, store: Store) -> None:
    built = build(COMMIT_FILES)
    for image in built.platforms:
        found = contents(store, image.digest)
        assert found["app/run"].mode == 0o755
        assert found["app/data"].mode == 0o644
        assert found["app/link"].link == "data"
        assert (found["own/file"].uid, found["own/file"].gid) == (1000, 1000)


def test_labels_and_the_commits_time_stand_in_the_configuration(build: Build, store: Store) -> None:
    built = build(COMMIT_FILES)
    for image in built.platforms:
        manifest = read_document(store.read(image.digest), "")
        assert isinstance(manifest, Manifest)
        body = store.read(manifest.config.digest)
        config = read_config(body, "")
        assert config.created == "2026-03-04T05:06:07Z"
        assert config.config.user == "1000"
        assert config.config.entrypoint == ("/app/run",)
        assert json.loads(body)["config"]["Labels"]["org.opencontainers.image.revision"] == "c" * 40


def test_the_base_is_named_with_its_digest_and_time(
    build: Build, base: str, registry: RunningRegistry
) -> None:
    digest, _ = push(registry.address, "tiny", "1", BOTH_ARCHITECTURES, {})
    built = build(COMMIT_FILES)
    assert built.base is not None
    assert built.base.name == base
    assert built.base.digest == digest
    assert str(built.base.created) == "2025-01-02 03:04:05+00:00"
    assert not built.base.made


def test_what_dockerignore_names_is_not_in_the_image(build: Build, store: Store) -> None:
    ignore = "# tests\napp/data\n**/*.pyc\nDockerfile\n.dockerignore\n"
    whole = {**COMMIT_FILES, ".dockerignore": ignore, "app/x/y.pyc": "", "app/x/y": ""}
    image = build(whole, platforms=(OWN_PLATFORM,)).platforms[0]
    paths = contents(store, image.digest)
    assert "app/x/y" in paths
    assert not {"app/data", "app/x/y.pyc"} & set(paths)


def test_a_context_below_the_top_and_a_dockerfile_beside_it(build: Build, store: Store) -> None:
    whole = {"app/file": "1", "build/Dockerfile.api": "FROM {BASE}\nCOPY file /file\n"}
    changed = {"dockerfile": "build/Dockerfile.api", "context": "app"}
    image = build(whole, platforms=(OWN_PLATFORM,), **changed).platforms[0]
    assert "file" in contents(store, image.digest)


def test_a_second_build_takes_every_layer_from_the_cache(build: Build) -> None:
    first = build(COMMIT_FILES)
    second = build(COMMIT_FILES)
    assert second.digest == first.digest
    for image in second.platforms:
        assert image.cached_layers == image.layers == 3


def test_a_commit_without_the_dockerfile_is_refused(build: Build) -> None:
    with pytest.raises(StepFailed, match="has no Dockerfile"):
        build({"app/x": ""})


def test_an_unknown_instruction_is_refused_with_its_line(build: Build) -> None:
    with pytest.raises(StepFailed) as failed:
        build({"Dockerfile": "FROM {BASE}\n\nFETCH x\n"})
    assert failed.value.where == "Dockerfile:3"
    assert "FETCH" in failed.value.message


def test_a_file_that_the_context_lacks_is_refused_with_its_line(build: Build) -> None:
    with pytest.raises(StepFailed) as failed:
        build({"Dockerfile": "FROM {BASE}\nCOPY nothing /x\n", "x": ""})
    assert failed.value.where == "Dockerfile:2"
    assert "nothing" in failed.value.message


def test_progress_names_the_lines(build: Build) -> None:
    collected: list[str] = []
    build(COMMIT_FILES, say=spoken(collected), platforms=(OWN_PLATFORM,))
    assert any("COPY app /app/" in text for text in collected)


BOTH_ARCHITECTURES = tuple(one.split("/")[1] for one in BOTH)
