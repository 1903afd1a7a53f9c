"""Which key signs: the person's own, or the sandbox's, whose signatures prove nothing to anybody.

Its library takes a tenth of a second to import: it is loaded when a key is first asked for.
"""

import os
from typing import Callable

from devflow.adapters.signing.ecdsa import PrivateKey, PublicKey
from devflow.adapters.signing.keys import FILE_VARIABLE, Keys
from devflow.wiring.image_place import KeyPlace


def keys_at(place: KeyPlace) -> Keys:
    """The keys of a sandbox, of a repository, or of whoever types."""
    if place.sandbox is not None:
        return Keys({FILE_VARIABLE: str(place.sandbox / "signing.key")})
    return Keys(os.environ, place.repository)


class RunKeys:
    """The keys as a run's steps ask for them. A sandbox's is made at its first use, but by a dry
    run; its content is told to ``hide`` before it is used."""

    def __init__(self, place: KeyPlace, hide: Callable[[str], None]) -> None:
        self._place = place
        self._hide = hide
        self._keys = keys_at(place)

    def signer(self) -> PrivateKey | None:
        """The key to sign with, ``None`` where there is none."""
        keys = self._keys
        if self._place.sandbox is not None and not keys.is_there():
            if self._place.is_dry:
                return None
            keys.make()
        for secret in keys.secrets():
            self._hide(secret)
        return keys.signer()

    def verifier(self, pem: bytes, where: str) -> PublicKey:
        """A public key of anybody."""
        return self._keys.verifier(pem, where)
