"""Both builders make the same images of this repository's own commit: every file by its path, mode,
owner, size and content."""

import marshal
import ssl
import sys
from pathlib import Path
from typing import Final

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry
from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import Execution, Index, Manifest, read_config, read_document
from devflow.craft.oci.layers import Entry, entries
from devflow.craft.oci.overlay import merged
from devflow.model.images import BuiltImage
from devflow.ports.images import Recipe
from devflow.step import silent
from devflow.wiring.image_place import ImagePlace
from devflow.wiring.images import ImageWorkshop
from tests.contract.images.daemons import RunningEngine, missing
from tests.contract.images.mirror import provide
from tests.contract.images.tiny import BOTH, CREATED

# the client of the package index lives as long as its process
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROOT: Final = Path(__file__).parents[3]
PLATFORMS: Final = BOTH
# what may differ, by a path's end, and why; nothing of the application may
ALLOWED: Final = {
    ".pyc": "byte code of the same source: the same code, of which marshal writes what is referred "
    "to twice once, or twice, as the compiler's memory happened to lie",
}
HEADER_BYTES: Final = 16  # of byte code: version, flags and the source's hash


@pytest.fixture(scope="session")
def mirror(docker_engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The registry that the engine asks before the hub, with the base in it."""
    if not docker_engine.mirror:
        missing("the engine that was named has no mirror that was named: DEVFLOW_TEST_MIRROR")
    provide(docker_engine.mirror, tmp_path_factory.mktemp("base"))
    return docker_engine.mirror


def files_of(store: Store, digest: str) -> dict[str, tuple[dict[str, Entry], Execution]]:
    """The visible files of every platform, and how its containers are started."""
    found = {}
    index = read_document(store.read(digest), "index")
    assert isinstance(index, Index)
    for described in index.manifests:
        manifest = read_document(store.read(described.digest), "manifest")
        assert isinstance(manifest, Manifest)
        layers = []
        for layer in manifest.layers:
            with store.open(layer.digest) as content:
                layers.append([entry for entry, _ in entries(content, "layer", hashed=True)])
        visible = {path: seen.entry for path, seen in merged(layers).items()}
        config = read_config(store.read(manifest.config.digest), "config")
        assert described.platform is not None
        found[described.platform.text] = (visible, config.config)
    return found


def code_of(store: Store, digest: str, platform: str) -> dict[str, bytes]:
    """The byte code of one platform's image, by path."""
    index = read_document(store.read(digest), "index")
    assert isinstance(index, Index)
    found: dict[str, bytes] = {}
    for described in index.manifests:
        if described.platform is None or described.platform.text != platform:
            continue
        manifest = read_document(store.read(described.digest), "manifest")
        assert isinstance(manifest, Manifest)
        for layer in manifest.layers:
            with store.open(layer.digest) as content:
                for entry, body in entries(content, "layer"):
                    if body is not None and entry.path.endswith(".pyc"):
                        found[entry.path] = body.read()
    return found


def is_same_code(one: bytes, other: bytes) -> bool:
    """Whether two files of byte code are of the same source, and run the same (``ALLOWED``)."""
    return one[:HEADER_BYTES] == other[:HEADER_BYTES] and marshal.loads(
        one[HEADER_BYTES:]
    ) == marshal.loads(other[HEADER_BYTES:])


def told(entry: Entry | None) -> str:
    """An entry in short."""
    if entry is None:
        return "none"
    return f"{entry.kind} {entry.mode:o} {entry.uid}:{entry.gid} {entry.size_bytes} {entry.link}"


def built_by(
    builder: str, service: str, mirror: str, cache: Path
) -> tuple[BuiltImage, dict[str, tuple[dict[str, Entry], Execution]]]:
    repository = GitRepository(ROOT, None)
    place = ImagePlace(
        cache, repository, "", lambda secret: None, Retry(), builder, (f"http://{mirror}",)
    )
    workshop = ImageWorkshop(place)
    sha = repository.sha_of("HEAD")
    authorities = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    recipe = Recipe(
        service=service,
        commit=sha,
        dockerfile=f"Dockerfile.{service}",
        context=".",
        created=CREATED,
        platforms=PLATFORMS,
        labels={"org.opencontainers.image.revision": sha},
        secrets={"ca": authorities} if builder == "engine" else {},
    )
    built = workshop.images.build(recipe, silent)
    return built, files_of(Store(cache / "images"), built.digest)


@pytest.mark.parametrize("service", ["backend", "frontend"])
def test_both_builders_make_the_same_image(
    service: str,
    mirror: str,
    docker_engine: RunningEngine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_engine.host)
    by_engine, theirs = built_by("engine", service, mirror, tmp_path / "engine")
    by_oci, ours = built_by("oci", service, mirror, tmp_path / "oci")
    assert by_engine.base is not None
    assert by_oci.base is not None
    assert by_engine.base.digest == by_oci.base.digest
    assert set(theirs) == set(ours) == set(PLATFORMS)
    for platform in PLATFORMS:
        their_files, their_execution = theirs[platform]
        our_files, our_execution = ours[platform]
        their_code = code_of(Store(tmp_path / "engine" / "images"), by_engine.digest, platform)
        our_code = code_of(Store(tmp_path / "oci" / "images"), by_oci.digest, platform)
        different = []
        for path in sorted(set(their_files) | set(our_files)):
            theirs_told = told(their_files.get(path))
            ours_told = told(our_files.get(path))
            if their_files.get(path) == our_files.get(path):
                continue
            if path in their_code and path in our_code and sys.version_info[:2] == (3, 11):
                # by what it is, and not by its size
                if is_same_code(their_code[path], our_code[path]):
                    continue
            different.append(f"{path}: {theirs_told}, ours {ours_told}")
        assert different == [], f"{len(different)} files of {platform}: {different[:20]}"
        assert their_execution == our_execution
