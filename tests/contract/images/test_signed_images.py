"""A signed image in a real registry: everything is read back and verified, by us, by skopeo's eyes
and by openssl; what a registry's disk changes is told."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from devflow.adapters.http.retry import Retry
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.adapters.registry.client import OciRegistry
from devflow.adapters.registry.credentials import DockerCredentials
from devflow.adapters.signing.ecdsa import new_key
from devflow.commands.verify import verify
from devflow.craft.oci.attachments import SIGNATURE_ANNOTATION
from devflow.craft.supply.attesting import signed
from devflow.craft.supply.checking import Trust, attachments
from devflow.craft.supply.places import InRegistry
from devflow.testing.images import MemoryBlobs
from devflow.wiring.options import Options
from tests.ports import free_port
from tests.unit.craft.supply.golden import add_image, documented, keep

SERVER = shutil.which("docker-registry") or shutil.which("registry")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


@pytest.fixture(scope="module")
def host(disk: Path) -> Iterator[str]:
    if SERVER is None:
        pytest.skip("docker-registry is not installed")
    port = free_port()
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(disk)}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "log": {"level": "error"},
    }
    file = disk / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    with open(os.devnull, "wb") as silent:
        server = subprocess.Popen([SERVER, "serve", str(file)], stdout=silent, stderr=silent)
    try:
        _wait(port)
        yield f"127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("docker-registry did not start")


class Published:
    """A signed image as it was published under a name of its own."""

    def __init__(self, host: str, path: str, folder: Path) -> None:
        self.name = f"{host}/{path}"
        self.path = path
        self.key = new_key()
        self.public = folder / "key.pub"
        self.public.write_text(self.key.public_pem, encoding="utf-8")
        blobs = MemoryBlobs()
        self.image = documented(blobs, add_image(blobs))
        made = signed(blobs, self.image, self.name, self.key)
        keep(blobs, made)
        store = Store(folder / "store")
        for content in blobs.held.values():
            store.keep(content)
        credentials = DockerCredentials({"HOME": str(folder)}, Processes(), str)
        self.registry = OciRegistry(host, store, credentials, Retry(tries=2))
        self.registry.publish(path, self.image.digest, ("1.0",))
        self.documents = (*self.image.documents, *made.documents)
        for one in self.documents:
            self.registry.attach(path, one.about, one.digest)

    def problems(self, **other: Any) -> set[str]:
        trust = Trust(**{"repository": self.name, "verifier": self.key, **other})
        place = InRegistry(self.registry, self.path)
        digests = (self.image.digest, *(one.digest for one in self.image.platforms))
        back = [one for digest in digests for one in attachments(place, digest, trust)]
        assert {one.digest for one in back} == {one.digest for one in self.documents}
        return {one.problem for one in back if one.problem}


@pytest.fixture
def published(host: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Published]:
    made = Published(host, f"acme/{request.node.name.replace('_', '-')}", tmp_path)
    yield made
    made.registry.close()


def test_everything_is_read_back_and_verified(published: Published, tmp_path: Path) -> None:
    assert not published.problems()
    options = Options(tmp_path)
    assert verify(options, f"{published.name}:1.0", published.public, "") == 0
    assert verify(options, f"{published.name}@{published.image.digest}", published.public, "") == 0
    platform = published.image.platforms[1].digest
    assert verify(options, f"{published.name}@{platform}", published.public, "") == 0


def test_another_key_and_another_name_are_refused(published: Published, tmp_path: Path) -> None:
    other = new_key()
    assert published.problems(verifier=other)
    assert published.problems(repository=f"{published.name}2")
    file = tmp_path / "other.pub"
    file.write_text(other.public_pem, encoding="utf-8")
    assert verify(Options(tmp_path), f"{published.name}:1.0", file, "") == 1


def test_a_copy_under_another_name_is_another_repositorys(
    host: str, published: Published, tmp_path: Path
) -> None:
    skopeo = shutil.which("skopeo")
    if skopeo is None:
        pytest.skip("skopeo is not installed")
    copy = f"{host}/copied/api"
    tags = ["1.0"]
    for digest in (published.image.digest, *(one.digest for one in published.image.platforms)):
        tags += [f"{digest.replace(':', '-')}.{suffix}" for suffix in ("sig", "att")]
    for tag in tags:
        argv = [skopeo, "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"]
        argv += [f"docker://{published.name}:{tag}", f"docker://{copy}:{tag}"]
        subprocess.run(argv, check=True, capture_output=True)
    options = Options(tmp_path)
    assert verify(options, f"{copy}:1.0", published.public, "") == 1
    assert verify(options, f"{copy}:1.0", published.public, published.name) == 0


def test_openssl_verifies_what_the_registry_holds_under_cosigns_tag(
    published: Published, tmp_path: Path
) -> None:
    tag = f"{published.image.digest.replace(':', '-')}.sig"
    held = published.registry.find(published.path, tag)
    assert held is not None
    (layer,) = json.loads(held.body)["layers"]
    with published.registry.blob(published.path, layer["digest"]) as payload:
        (tmp_path / "payload").write_bytes(payload.read())
    (tmp_path / "signature.b64").write_text(
        layer["annotations"][SIGNATURE_ANNOTATION] + "\n", encoding="utf-8"
    )
    script = (
        "openssl base64 -d -A -in signature.b64 -out signature && "
        "openssl dgst -sha256 -verify key.pub -signature signature payload"
    )
    ran = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout == "Verified OK\n", ran.stderr


def test_what_the_registrys_disk_changed_is_told(
    published: Published, disk: Path, tmp_path: Path
) -> None:
    tag = f"{published.image.digest.replace(':', '-')}.sig"
    held = published.registry.find(published.path, tag)
    assert held is not None
    (layer,) = json.loads(held.body)["layers"]
    name = layer["digest"].removeprefix("sha256:")
    file = disk / "docker/registry/v2/blobs/sha256" / name[:2] / name / "data"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"acme", b"evil"))
    assert verify(Options(tmp_path), f"{published.name}:1.0", published.public, "") == 1
    file.write_bytes(whole)
    assert verify(Options(tmp_path), f"{published.name}:1.0", published.public, "") == 0
