"""Where the signing key comes from: the environment, a file that it names, else one file of this
person.

The file is readable by its owner alone and lies outside every repository: a key that was committed
once is anybody's.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.machine.text_file import real_path
from devflow.adapters.signing.ecdsa import PrivateKey, PublicKey, new_key, private_key, public_key
from devflow.model.command_line import command_line
from devflow.model.errors import StorageFailed, UsageError

VARIABLE: Final = "DEVFLOW_SIGNING_KEY"
FILE_VARIABLE: Final = "DEVFLOW_SIGNING_KEY_FILE"
KEY_MAX_BYTES: Final = 16384  # bytes; a key on P-256 has 241, and none that is taken has more
# characters; the last line of a key may hold few, which would hide ordinary words
SHORTEST_LINE: Final = 16
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Keys:
    """The keys of one person on this machine; ``repository`` is the checkout that a key must not
    lie in."""

    def __init__(self, environ: Mapping[str, str], repository: Path | None = None) -> None:
        self._environ = environ
        self._repository = repository

    @property
    def file(self) -> Path:
        """The file that is looked at; it may be missing."""
        named = self._environ.get(FILE_VARIABLE, "")
        if named:
            return Path(named).expanduser()
        home = Path(self._environ.get("HOME") or Path.home())
        config = Path(self._environ.get("XDG_CONFIG_HOME") or home / ".config")
        return config / "devflow" / "signing.key"

    @property
    def where(self) -> str:
        """Where the key is or would be, in words."""
        return VARIABLE if self._environ.get(VARIABLE, "").strip() else str(self.file)

    def is_there(self) -> bool:
        """Whether there is a key, usable or not."""
        return bool(self._environ.get(VARIABLE, "").strip()) or self.file.exists()

    def secrets(self) -> tuple[str, ...]:
        """What has to be hidden wherever it would be shown: the key's content in one piece, and
        each of its lines. None where there is no key, or none that can be read."""
        try:
            lines = self._pem().decode("utf-8", "replace").split()
        except UsageError:
            return ()
        content = [line for line in lines if len(line) >= SHORTEST_LINE and "-----" not in line]
        return tuple(dict.fromkeys(("".join(content), *content))) if content else ()

    def signer(self) -> PrivateKey | None:
        """The key, ``None`` where none was made. Raises ``UsageError`` for one that cannot be used
        as it is, or a named file that is missing."""
        pem = self._pem()
        return private_key(pem, self.where) if pem else None

    def verifier(self, pem: bytes, where: str) -> PublicKey:
        """A public key of anybody. Raises ``UsageError`` where it is none."""
        return public_key(pem, where)

    def make(self) -> PrivateKey:
        """Makes a key where there is none, and answers the one there is. Raises ``StorageFailed``
        where the folder cannot be written, else as ``signer`` does."""
        known = self.signer() if self.is_there() else None
        if known is not None:
            return known
        self._refuse_inside()
        key = new_key()
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(key.pem())
        except OSError as error:
            hint = f"name another place: {FILE_VARIABLE}"
            message = f"the signing key cannot be kept: {error.strerror}"
            raise StorageFailed(message, where=str(self.file), hint=hint) from error
        # of two that made one at once, both have the first
        return private_key(self._read(), self.where)

    def _write(self, pem: bytes) -> None:
        """It never is there with another mode or in parts, and never replaces a key."""
        with tempfile.NamedTemporaryFile(dir=self.file.parent) as part:
            part.write(pem)
            part.flush()
            with suppress(FileExistsError):
                os.link(part.name, self.file)

    def _pem(self) -> bytes:
        spoken = self._environ.get(VARIABLE, "").strip()
        if spoken:
            # CI systems keep a value on one line
            return spoken.replace("\\n", "\n").encode() + b"\n"
        if self.file.exists():
            return self._read()
        if self._environ.get(FILE_VARIABLE):
            hint = f"{command_line('keys')} makes one there"
            message = f"{FILE_VARIABLE} names a file that is not there"
            raise UsageError(message, where=str(self.file), hint=hint)
        return b""

    def _read(self) -> bytes:
        self._refuse_inside()
        try:
            with self.file.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(KEY_MAX_BYTES)
        except OSError as error:
            message = f"the signing key cannot be read: {error.strerror}"
            hint = f"name another file: {FILE_VARIABLE}"
            raise UsageError(message, where=str(self.file), hint=hint) from error
        if mode & _OTHERS:
            message = f"others may read the signing key (mode {stat.S_IMODE(mode):04o})"
            raise UsageError(message, where=str(self.file), hint=f"chmod 600 {self.file}")
        return content

    def _refuse_inside(self) -> None:
        if self._repository is None:
            return
        if real_path(self.file).is_relative_to(real_path(self._repository)):
            message = "the signing key lies inside the repository, where it may be committed"
            hint = f"move it out, and name its place: {FILE_VARIABLE}"
            raise UsageError(message, where=str(self.file), hint=hint)
