"""An index of Debian is believed where Debian signed it, and only what was signed of it."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Iterator

import pytest

from tests.contract.advisories.archive import OPENSSL, Archive


class Signer:
    """A key of its own for an archive, by gpg."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        self._gpg("--quick-generate-key", "--passphrase", "", "archive@a.test", "default", "sign")
        self.keyring = folder / "keyring.gpg"
        self.keyring.write_bytes(self._gpg("--export"))

    def sign(self, text: str) -> str:
        return self._gpg("--clearsign", given=text.encode()).decode()

    def _gpg(self, *argv: str, given: bytes = b"") -> bytes:
        words = ["gpg", "--homedir", str(self.folder), "--batch", "--quiet", *argv]
        ran = subprocess.run(words, input=given, capture_output=True)
        if ran.returncode:
            pytest.skip(f"gpg makes no key here: {ran.stderr.decode()[-200:]}")
        return ran.stdout

    def stop(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.folder), "--kill", "all"], check=False)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    if shutil.which("gpg") is None or shutil.which("gpgv") is None:
        pytest.skip("gpg and gpgv are not installed")
    # a socket's name may have 107 characters
    with tempfile.TemporaryDirectory(prefix="gpg-") as name:
        made = Signer(Path(name) / "home")
        yield made
        made.stop()


def test_an_index_that_debian_signed_is_named_without_more(
    archive: Archive, signer: Signer
) -> None:
    archive.keyring = signer.keyring
    archive.sign = signer.sign
    archive.serve()
    audit = archive.audit(OPENSSL)
    assert audit.audited == 1
    assert audit.sources[0] == "Debian bookworm of 2026-03-10"


@pytest.mark.parametrize("how", ("unsigned", "changed", "added"))
def test_an_index_that_debian_did_not_sign_is_not_read(
    archive: Archive, signer: Signer, how: str
) -> None:
    def sign(text: str) -> str:
        whole = signer.sign(text)
        changes = {
            "unsigned": text,
            "changed": whole.replace("Origin: Debian", "Origin:  Debian"),
            "added": text + whole.replace("Origin: Debian", "Origin: Other"),
        }
        return changes[how]

    archive.keyring = signer.keyring
    archive.sign = sign
    archive.serve()
    audit = archive.audit(OPENSSL)
    assert audit.audited == 0 and "is not signed by Debian" in audit.why_not


def test_only_what_was_signed_is_read(archive: Archive, signer: Signer) -> None:
    archive.keyring = signer.keyring
    archive.sign = lambda text: text + signer.sign(text.replace("Origin: Debian", "Origin: Other"))
    archive.serve()
    audit = archive.audit(OPENSSL)
    assert audit.audited == 0
