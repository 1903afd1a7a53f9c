"""One declaration, two builders: the services' images of one commit, from Docker Engine and from
our own builder, are the same file by file.

Allowed to differ: the bytes of byte code (which references marshal writes hangs on what a process
has compiled before), not the code; layers and their number; the word of the history.
"""

import marshal
import os
from pathlib import Path
from typing import Final

import pytest

from devflow.adapters.builders.commit_files import CommitFiles
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry
from devflow.adapters.images.engine.builder import EngineBuilder
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import ImageConfig, Index, Manifest, read_config, read_document
from devflow.craft.oci.layers import Entry, entries
from devflow.craft.oci.overlay import Overlay
from devflow.ports.images import Recipe
from devflow.step import silent
from devflow.wiring.image_place import ImagePlace, KeyPlace
from devflow.wiring.images import ImageWorkshop
from tests.contract.images.daemons import RunningRegistry, missing
from tests.contract.images.mirror import provide
from tests.contract.images.tiny import BOTH, CREATED

# the client of the package index lives as long as its process
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROOT: Final = Path(__file__).resolve().parents[3]
CA: Final = Path(os.environ.get("PIP_CERT") or "/etc/ssl/certs/ca-certificates.crt")
# the registry that a given engine (DEVFLOW_TEST_ENGINE) has as its mirror
MIRROR: Final = "DEVFLOW_TEST_MIRROR"
HASHED_HEADER_BYTES: Final = 16

Seen = dict[str, tuple[Entry, bytes]]


@pytest.fixture
def mirror(registry: RunningRegistry) -> str:
    if os.environ.get("DEVFLOW_TEST_ENGINE") and not os.environ.get(MIRROR):
        missing(f"{MIRROR} has to name the mirror of the engine that was given")
    return os.environ.get(MIRROR) or registry.address


def seen(store: Store, digest: str, platform: str) -> tuple[Seen, ImageConfig]:
    """The files of one platform with their byte code's content, and its configuration."""
    index = read_document(store.read(digest), "index")
    assert isinstance(index, Index)
    found = {one.platform.text: one.digest for one in index.manifests if one.platform}
    manifest = read_document(store.read(found[platform]), "manifest")
    assert isinstance(manifest, Manifest)
    overlay = Overlay()
    codes: dict[str, bytes] = {}
    for layer in manifest.layers:
        with store.open(layer.digest) as content:
            overlay.add([one for one, _ in entries(content, layer.digest, hashed=True)])
        with store.open(layer.digest) as content:
            for entry, body in entries(content, layer.digest):
                if body is not None and entry.path.endswith(".pyc"):
                    codes[entry.path] = body.read()
    files = {path: (one.entry, codes.get(path, b"")) for path, one in overlay.visible.items()}
    return files, read_config(store.read(manifest.config.digest), "config")


def difference(one: tuple[Entry, bytes], other: tuple[Entry, bytes]) -> str:
    """What differs between two files that are called alike."""
    for name in ("kind", "mode", "uid", "gid", "link"):
        values = [getattr(entry, name) for entry, _ in (one, other)]
        if values[0] != values[1]:
            return f"{name}: {values[0]} and {values[1]}"
    if one[0].sha256 == other[0].sha256:
        return ""
    if not one[1]:
        return f"content: {one[0].size_bytes} and {other[0].size_bytes} bytes"
    heads = [code[:HASHED_HEADER_BYTES] for _, code in (one, other)]
    bodies = [marshal.loads(code[HASHED_HEADER_BYTES:]) for _, code in (one, other)]
    return "" if heads[0] == heads[1] and bodies[0] == bodies[1] else "code"


@pytest.mark.parametrize("service", ["backend", "frontend"])
def test_both_builders_make_the_same_files(
    service: str, mirror: str, docker: Engines, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.getbasetemp() / "both-builders"
    provide(mirror, cache)
    repository = GitRepository(ROOT, None)
    recipe = Recipe(
        service=service,
        commit=repository.sha_of("HEAD"),
        dockerfile=f"Dockerfile.{service}",
        context=".",
        created=CREATED,
        platforms=BOTH,
        labels={"org.opencontainers.image.title": service},
        secrets={"ca": str(CA)} if CA.is_file() else {},
    )
    place = ImagePlace(
        cache,
        repository,
        "",
        lambda _: None,
        Retry(),
        KeyPlace(),
        choice="oci",
        mirrors=(mirror,),
    )
    ours = ImageWorkshop(place).images.build(recipe, silent)
    store = Store(cache / "images")
    engine = EngineBuilder(docker, store, CommitFiles(repository)).build(recipe, silent)
    assert ours.base is not None
    for platform in BOTH:
        files, config = seen(store, ours.digest, platform)
        others, other_config = seen(store, engine.digest, platform)
        assert _differing(files, others) == {}
        assert config.config == other_config.config
        assert config.platform == other_config.platform
        assert any(path.startswith("app/services/") for path in files)


def _differing(files: Seen, others: Seen) -> dict[str, str]:
    alone = {path: "only in one" for path in set(files) ^ set(others)}
    both = {path: difference(files[path], others[path]) for path in set(files) & set(others)}
    return alone | {path: words for path, words in both.items() if words}
