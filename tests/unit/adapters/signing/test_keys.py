"""The signing key: made once, for its owner alone, never inside the repository, and never shown."""

import json
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from devflow.adapters.masking.secrets import Mask
from devflow.adapters.signing.ecdsa import new_key, private_key, public_key
from devflow.adapters.signing.keys import FILE_VARIABLE, VARIABLE, Keys
from devflow.model.errors import StorageFailed, UsageError


def keys(folder: Path, **environ: str) -> Keys:
    return Keys({"XDG_CONFIG_HOME": str(folder), **environ})


def test_there_is_no_key_until_one_is_made(tmp_path: Path) -> None:
    known = keys(tmp_path)
    assert known.signer() is None and not known.is_there() and known.secrets() == ()
    made = known.make()
    again = known.signer()
    assert again is not None and again.public_pem == made.public_pem
    assert known.make().public_pem == made.public_pem
    assert stat.S_IMODE(known.file.stat().st_mode) == 0o600
    assert known.file == tmp_path / "devflow" / "signing.key"


def test_a_key_is_hidden_in_every_form_in_which_it_is_printed(tmp_path: Path) -> None:
    known = keys(tmp_path)
    pem = known.make().pem().decode()
    mask = Mask()
    for secret in known.secrets():
        mask.register(secret)
    body = pem.splitlines()[1:-1]
    for text in (pem, json.dumps(pem), pem.replace("\n", "\\n"), body[1], "".join(body)):
        shown = mask(f"before {text} after")
        assert shown.startswith("before ") and shown.endswith(" after")
        assert not [line for line in body if line in shown]


def test_a_signature_verifies_and_a_changed_message_does_not() -> None:
    key = new_key()
    signature = key.sign(b"this")
    public = public_key(key.public_pem.encode(), "here")
    assert public.verifies(b"this", signature)
    assert not public.verifies(b"that", signature)
    assert not public.verifies(b"this", b"")
    assert not new_key().verifies(b"this", signature)
    assert public.key_id == key.key_id


def test_the_same_message_has_one_signature() -> None:
    key = new_key()
    assert key.sign(b"this") == key.sign(b"this")


def test_the_fingerprint_is_what_ssh_keygen_says(tmp_path: Path) -> None:
    key = new_key()
    public = tmp_path / "key.pub"
    public.write_text(key.public_pem, encoding="utf-8")
    line = tmp_path / "line.pub"
    argv = ["ssh-keygen", "-i", "-m", "PKCS8", "-f", str(public)]
    try:
        ran = subprocess.run(argv, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("ssh-keygen is not installed")
    line.write_text(ran.stdout, encoding="utf-8")
    shown = subprocess.run(["ssh-keygen", "-l", "-f", str(line)], capture_output=True, text=True)
    assert key.key_id in shown.stdout


@pytest.mark.parametrize("mode", (0o640, 0o604, 0o666, 0o610))
def test_a_key_that_others_may_read_is_refused_with_what_to_type(tmp_path: Path, mode: int) -> None:
    known = keys(tmp_path)
    known.make()
    known.file.chmod(mode)
    with pytest.raises(UsageError) as refused:
        known.signer()
    assert refused.value.hint == f"chmod 600 {known.file}"
    assert f"{mode:04o}" in refused.value.message


@pytest.mark.parametrize("inside", ("signing.key", "deep/er/signing.key"))
def test_a_key_inside_the_repository_is_refused(tmp_path: Path, inside: str) -> None:
    file = tmp_path / "repository" / inside
    known = Keys({FILE_VARIABLE: str(file)}, tmp_path / "repository")
    with pytest.raises(UsageError, match="inside the repository"):
        known.make()
    assert not file.exists()
    file.parent.mkdir(parents=True)
    file.write_bytes(new_key().pem())
    file.chmod(0o600)
    with pytest.raises(UsageError, match="inside the repository"):
        known.signer()
    link = tmp_path / "link.key"
    link.symlink_to(file)
    with pytest.raises(UsageError, match="inside the repository"):
        Keys({FILE_VARIABLE: str(link)}, tmp_path / "repository").signer()


def test_a_key_of_the_environment_comes_first(tmp_path: Path) -> None:
    keys(tmp_path).make()
    other = new_key()
    pem = other.pem().decode()
    for spoken in (pem, pem.replace("\n", "\\n"), f"\n{pem}\n"):
        known = keys(tmp_path, **{VARIABLE: spoken})
        signer = known.signer()
        assert signer is not None and signer.public_pem == other.public_pem
        assert known.where == VARIABLE
        assert known.make().public_pem == other.public_pem


def test_a_named_file_that_is_missing_is_an_error_until_it_is_made(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "my.key"
    known = keys(tmp_path, **{FILE_VARIABLE: str(file)})
    with pytest.raises(UsageError, match="is not there"):
        known.signer()
    known.make()
    assert known.signer() is not None and file.exists()


def _pem(
    key: "rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey",
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


COSIGN = (
    b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJrZGYiOnt9fQ==\n"
    b"-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
)


@pytest.mark.parametrize(
    ("pem", "problem"),
    (
        (COSIGN, "passphrase"),
        (COSIGN.replace(b"SIGSTORE", b"COSIGN"), "passphrase"),
        (_pem(ed25519.Ed25519PrivateKey.generate()), "P-256"),
        (_pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (b"", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nsecret-bytes\n-----END PRIVATE KEY-----\n", "no private"),
    ),
)
def test_what_cannot_sign_is_refused_without_being_shown(pem: bytes, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as refused:
        private_key(pem, "there")
    said = f"{refused.value.message} {refused.value.hint}"
    assert "secret-bytes" not in said and "eyJr" not in said


def test_a_key_with_a_passphrase_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        pem = key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"word"))
        with pytest.raises(UsageError, match="passphrase"):
            private_key(pem, "there")


def test_a_private_key_is_no_public_one() -> None:
    with pytest.raises(UsageError, match="private key"):
        public_key(new_key().pem(), "there")
    with pytest.raises(UsageError, match="no public key"):
        public_key(b"nonsense", "there")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "devflow").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageFailed) as failed:
        keys(tmp_path).make()
    assert FILE_VARIABLE in failed.value.hint
