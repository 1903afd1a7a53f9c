"""Where keys come from, in memory."""

from devflow.model.errors import UsageError
from devflow.ports.signing import Signer, Verifier


class MemorySigning:
    """``key`` is the one to sign with, ``None`` where none was made; ``verifiers`` are known by
    their PEM."""

    def __init__(self, key: Signer | None = None) -> None:
        self.key = key
        self.verifiers: dict[bytes, Verifier] = {}

    def signer(self) -> Signer | None:
        return self.key

    def verifier(self, pem: bytes, where: str) -> Verifier:
        if pem not in self.verifiers:
            raise UsageError(f"{where} is no key of this test")
        return self.verifiers[pem]
