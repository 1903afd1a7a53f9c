"""The digest in a row: against accidents (a bad disk, a careless hand), not against anybody."""

import hashlib
from typing import Final

BYTES: Final = 16  # 128 bits: two rows of one digest are not met by accident


def digest(*parts: bytes | str | int | None) -> str:
    """The digest of the values of a row, in the order of its columns."""
    texts = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    lengths = str([len(text) for text in texts]).encode()
    return hashlib.blake2b(b"".join((lengths, *texts)), digest_size=BYTES).hexdigest()
