"""Texts that save time, kept in the user's cache by key; what was used longest ago goes first."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from devflow.adapters.machine import private
from devflow.adapters.machine.captured import NO_SECRETS
from devflow.adapters.masking.secrets import Mask

# bytes; a run of a linter with 1,000 findings takes 0.3 MB
BOUND_BYTES: Final = 100_000_000
_TEXT: Final = ".json"


@dataclass(frozen=True)
class KeptText:
    """One of them: its size, and when it was last used, in seconds since the epoch."""

    path: Path
    size_bytes: int
    used_s: float


class KeptTexts:
    """Those in devflow's own cache folder, which needs not exist."""

    def __init__(
        self, cache_dir: Path, mask: Mask = NO_SECRETS, bound_bytes: int = BOUND_BYTES
    ) -> None:
        self.folder = cache_dir / "linters"
        self.bound_bytes = bound_bytes
        self._mask = mask

    def recall(self, key: str) -> str:
        """The text, empty where there is none that can be read."""
        path = self._path(key)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
        with suppress(OSError):
            os.utime(path)
        return text

    def remember(self, key: str, text: str) -> None:
        """Keeps the text, masked, and trims the rest to the bound; without room for it it is not
        kept."""
        path = self._path(key)
        part = path.with_suffix(f".{uuid4().hex}.part")
        with suppress(OSError):
            private.make_folder(self.folder)
            try:
                private.write_text(part, self._mask(text))
                # whole, or not at all
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            self.trim(self.bound_bytes)

    def entries(self) -> list[KeptText]:
        """What is kept, what was used longest ago first; also parts of a killed process."""
        found = []
        with suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                with suppress(FileNotFoundError):
                    about = path.stat()
                    found.append(KeptText(path, about.st_size, about.st_mtime))
        return sorted(found, key=lambda kept: kept.used_s)

    def trim(self, bound_bytes: int) -> int:
        """Removes what was used longest ago until the rest is within the bound; answers the bytes
        that are gone."""
        entries = self.entries()
        left_bytes = sum(kept.size_bytes for kept in entries)
        freed_bytes = 0
        for kept in entries:
            if left_bytes <= bound_bytes:
                break
            kept.path.unlink(missing_ok=True)
            left_bytes -= kept.size_bytes
            freed_bytes += kept.size_bytes
        return freed_bytes

    def _path(self, key: str) -> Path:
        # a key is anybody's word
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}{_TEXT}"


class Remembering:
    """The part of a shell that remembers texts from one command to the next."""

    def __init__(self, cache_dir: Path, mask: Mask) -> None:
        self._texts = KeptTexts(cache_dir, mask)

    def recall(self, key: str) -> str:
        """What an earlier command has remembered under this key."""
        return self._texts.recall(key)

    def remember(self, key: str, text: str) -> None:
        """Keeps a text, masked, in the user's cache."""
        self._texts.remember(key, text)
