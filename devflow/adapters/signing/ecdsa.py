"""ECDSA on P-256, by `cryptography`: what cosign makes and takes as a key.

Where the library can, the nonce comes from key and message (RFC 6979): the same image signed twice
has one signature, and not a second artifact beside the first.
"""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from devflow.model.command_line import command_line
from devflow.model.errors import UsageError

ENCRYPTED = (b"ENCRYPTED COSIGN PRIVATE KEY", b"ENCRYPTED SIGSTORE PRIVATE KEY")


class PublicKey:
    """A key that verifies."""

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._public = key

    @property
    def key_id(self) -> str:
        """The fingerprint of the key in OpenSSH's form, which DSSE libraries compute too."""
        line = self._public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        blob = base64.b64decode(line.split()[1])
        return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"

    @property
    def public_pem(self) -> str:
        """As ``cosign verify --key`` and openssl take it."""
        form = PublicFormat.SubjectPublicKeyInfo
        return self._public.public_bytes(Encoding.PEM, form).decode()

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            self._public.verify(signature, message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


class PrivateKey(PublicKey):
    """A key that signs."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        super().__init__(key.public_key())
        self._private = key

    def sign(self, message: bytes) -> bytes:
        """The signature in DER."""
        try:
            return self._private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        except UnsupportedAlgorithm:
            return self._private.sign(message, ec.ECDSA(SHA256()))

    def pem(self) -> bytes:
        """The whole secret, for its file."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def new_key() -> PrivateKey:
    """A key that nobody had before."""
    return PrivateKey(ec.generate_private_key(ec.SECP256R1()))


def private_key(pem: bytes, where: str) -> PrivateKey:
    """The key of a PEM. Raises ``UsageError`` for one with a passphrase or of another kind; its
    content is in no message."""
    if any(mark in pem for mark in ENCRYPTED) or b"ENCRYPTED PRIVATE KEY" in pem:
        raise _refused("the signing key has a passphrase, which nobody is asked for here", where)
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        message = "the signing key has a passphrase, which nobody is asked for here"
        raise _refused(message, where) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _refused("this is no private key in PEM form", where) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not _is_p256(key.curve):
        raise _refused("the signing key is not an ECDSA key on P-256", where)
    return PrivateKey(key)


def public_key(pem: bytes, where: str) -> PublicKey:
    """The public key of a PEM. Raises ``UsageError`` where it is none on P-256."""
    hint = f"a public key as {command_line('keys', public=True)} or cosign prints it"
    if b"PRIVATE KEY" in pem:
        raise UsageError("this is a private key: only its public half verifies", where=where)
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError("this is no public key in PEM form", where=where, hint=hint) from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not _is_p256(key.curve):
        raise UsageError("this is not an ECDSA key on P-256", where=where, hint=hint)
    return PublicKey(key)


def _is_p256(curve: ec.EllipticCurve) -> bool:
    return isinstance(curve, ec.SECP256R1)


def _refused(message: str, where: str) -> UsageError:
    hint = f"unset it, and {command_line('keys')} makes one"
    return UsageError(message, where=where, hint=hint)
