"""What may be asked of a key: signatures over bytes, ECDSA on P-256 over their SHA-256, in DER."""

from typing import Protocol


class Verifier(Protocol):
    """A public key."""

    @property
    def key_id(self) -> str:
        """Its fingerprint as ``ssh-keygen -l`` shows it, which other tools compute too."""
        ...

    @property
    def public_pem(self) -> str:
        """The key as other tools take it."""
        ...

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether this key's owner signed these very bytes."""
        ...


class Signer(Verifier, Protocol):
    """A private key, of which only its signatures leave."""

    def sign(self, message: bytes) -> bytes:
        """The signature of these bytes, the same each time where the library can."""
        ...


class Signing(Protocol):
    """Where keys come from."""

    def signer(self) -> Signer | None:
        """The key to sign with, ``None`` where none was made.

        Raises ``UsageError`` for a key that cannot be used as it is: readable by others, inside
        the repository, with a passphrase, of another kind.
        """
        ...

    def verifier(self, pem: bytes, where: str) -> Verifier:
        """A public key. Raises ``UsageError`` where it is none of this kind."""
        ...
