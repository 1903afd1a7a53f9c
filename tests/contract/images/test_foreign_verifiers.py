"""What others verify of ours: sigstore's client for Node, installed from its registry."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from devflow.adapters.signing.ecdsa import new_key
from devflow.craft.oci.attachments import IN_TOTO
from devflow.craft.supply.dsse import envelope

PACKAGES = ("@sigstore/verify@2.1.1", "@sigstore/bundle@3.1.0")
VERIFY = Path(__file__).with_name("verify_envelope.js")


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("sigstore")
    argv = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
    ran = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=120)
    if ran.returncode:
        pytest.skip(f"@sigstore/verify cannot be installed: {ran.stderr[-200:]}")
    return folder


def verdict(folder: Path, content: bytes, public_pem: str) -> str:
    (folder / "envelope.json").write_bytes(content)
    (folder / "key.pub").write_text(public_pem, encoding="utf-8")
    argv = ["node", str(VERIFY), "envelope.json", "key.pub"]
    ran = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=60)
    assert not ran.stderr, ran.stderr
    return ran.stdout.strip()


def test_sigstores_own_client_verifies_an_envelope_and_refuses_a_changed_one(
    sigstore: Path,
) -> None:
    key = new_key()
    content = envelope(IN_TOTO, b'{"_type":"https://in-toto.io/Statement/v1"}', key)
    assert verdict(sigstore, content, key.public_pem) == "verified"
    assert verdict(sigstore, content, new_key().public_pem).startswith("refused")
    changed = json.loads(content) | {"payload": "e30="}
    assert verdict(sigstore, json.dumps(changed).encode(), key.public_pem).startswith("refused")
