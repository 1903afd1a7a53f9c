"""Other people's clients and ours agree on both registries."""

import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from devflow.craft.oci.formats import digest_of, read_document
from tests.contract.images.daemons import RunningEngine, missing
from tests.contract.registry.places import Place

SKOPEO = shutil.which("skopeo")
PODMAN = shutil.which("podman")


@pytest.fixture
def installed() -> None:
    """Both of the tools without a daemon."""
    for tool, program in (("skopeo", SKOPEO), ("podman", PODMAN)):
        if program is None:
            missing(f"{tool} is not installed: apt-get install {tool}")


def skopeo(*words: str) -> bytes:
    done = subprocess.run([str(SKOPEO), *words], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.usefixtures("installed")
def test_skopeo_reads_the_bytes_that_we_published(real: Place) -> None:
    repository = real.repository()
    image = real.image()
    real.registry.publish(repository, image.digest, ("one",))
    raw = skopeo("inspect", "--tls-verify=false", "--raw", f"docker://{repository}:one")
    assert digest_of(raw) == image.digest
    for one in image.platforms:
        _, architecture = one.platform.split("/")
        place = f"docker://{repository}:one"
        choice = ("--override-os=linux", f"--override-arch={architecture}")
        told = json.loads(skopeo(*choice, "inspect", "--tls-verify=false", place))
        assert told["Architecture"] == architecture
        assert set(told["RepoTags"]) >= {"one"}


@pytest.mark.usefixtures("installed")
def test_skopeo_copies_every_platform_out_and_in_again(real: Place, tmp_path: Path) -> None:
    repository = real.repository()
    image = real.image(**{"app/more": b"m" * 300_000})
    real.registry.publish(repository, image.digest, ("one",))
    layout = f"oci:{tmp_path / 'layout'}:one"
    skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{repository}:one", layout)
    for one in image.platforms:
        assert (tmp_path / "layout" / "blobs" / "sha256" / one.digest[7:]).exists()
    back = f"{repository}-copied"
    skopeo("copy", "-q", "--all", "--dest-tls-verify=false", layout, f"docker://{back}:two")
    held = real.registry.find(back, "two")
    assert held.digest == image.digest
    for one in image.platforms:
        manifest = read_document(real.registry.find(back, one.digest).body, "")
        for blob in (manifest.config, *manifest.layers):
            real.registry.blob(back, blob.digest).close()


@pytest.mark.usefixtures("installed")
def test_skopeo_copies_from_registry_to_registry(
    real: Place, sandbox_host: str, docker_host: str
) -> None:
    repository = real.repository()
    image = real.image()
    real.registry.publish(repository, image.digest, ("one",))
    for host in (sandbox_host, docker_host):
        target = f"{host}/{repository.partition('/')[2]}-copied"
        insecure = ("--src-tls-verify=false", "--dest-tls-verify=false")
        skopeo(
            "copy", "-q", "--all", *insecure, f"docker://{repository}:one", f"docker://{target}:one"
        )
        raw = skopeo("inspect", "--tls-verify=false", "--raw", f"docker://{target}:one")
        assert digest_of(raw) == image.digest


@pytest.mark.usefixtures("installed")
def test_skopeo_lists_the_tags_and_is_told_of_what_is_not_there(real: Place) -> None:
    repository = real.repository()
    real.registry.publish(repository, real.image().digest, ("one", "two"))
    listed = json.loads(skopeo("list-tags", "--tls-verify=false", f"docker://{repository}"))
    assert {"one", "two"} <= set(listed["Tags"])
    missing = [str(SKOPEO), "inspect", "--tls-verify=false", f"docker://{repository}:three"]
    done = subprocess.run(missing, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0 and b"manifest unknown" in done.stderr


@pytest.mark.usefixtures("installed")
def test_podman_pulls_both_platforms(real: Place) -> None:
    repository = real.repository()
    image = real.image()
    real.registry.publish(repository, image.digest, ("one",))
    # it takes no longer path than this for its runroot
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="pod-") as folder:
        podman = [str(PODMAN), f"--root={folder}/root", f"--runroot={folder}/run"]
        for one in image.platforms:
            assert _pulled(podman, f"{repository}:one", one.platform) == one.platform


def _pulled(podman: list[str], name: str, platform: str) -> str:
    """Pulls one platform: what the image says that it is for."""
    storage = [*podman, "--storage-driver=vfs"]
    pull = [*storage, "pull", "-q", "--tls-verify=false", f"--platform={platform}", name]
    done = subprocess.run(pull, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    shown = [*storage, "inspect", done.stdout.decode().split()[-1]]
    told = subprocess.run(shown, capture_output=True, timeout=60, check=True)
    return f"linux/{json.loads(told.stdout)[0]['Architecture']}"


@pytest.fixture
def engine(docker_engine: RunningEngine) -> Iterator[docker.DockerClient]:
    with contextlib.closing(docker.DockerClient(base_url=docker_engine.host)) as client:
        yield client


def test_docker_pulls_both_platforms_and_pushes_back(
    real: Place, engine: docker.DockerClient
) -> None:
    repository = real.repository()
    # of its own: an engine that others use too has other images already
    image = real.image(repository.encode())
    real.registry.publish(repository, image.digest, ("one",))
    for one in image.platforms:
        name = f"{repository}@{one.digest}"
        lines = engine.api.pull(name, stream=True, decode=True)
        assert not [line["error"] for line in lines if "error" in line]
        assert f"linux/{engine.api.inspect_image(name)['Architecture']}" == one.platform
        engine.api.tag(name, f"{repository}-back", "two")
        lines = list(engine.api.push(f"{repository}-back", tag="two", stream=True, decode=True))
        pushed = [line["aux"]["Digest"] for line in lines if "aux" in line]
        assert [real.registry.find(f"{repository}-back", "two").digest] == pushed
        for name in (f"{repository}-back:two", name):
            engine.api.remove_image(name, force=True)
