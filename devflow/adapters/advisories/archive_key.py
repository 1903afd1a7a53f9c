"""Whether an index is signed by Debian: whoever answers in its place could hide what is known.

Checked by gpgv, which comes with apt, where it and Debian's keys are on this machine; where they
are not, the index's source says so.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devflow.adapters.advisories.fetching import OutOfReach
from devflow.adapters.debian.download import KEYRING
from devflow.adapters.machine.children import Processes, environment
from devflow.adapters.toolchain.programs import search_path

CHECK_S: Final = 20.0  # s; one signature takes some milliseconds


@dataclass(frozen=True)
class Signed:
    """What a release file says; ``is_checked`` where its signature was."""

    text: str
    is_checked: bool


class ArchiveKey:
    """The keys that an archive's indexes have to be signed with; ``keyring`` may be missing."""

    def __init__(self, keyring: Path = KEYRING) -> None:
        self._keyring = keyring

    def signed(self, release: bytes, where: str) -> Signed:
        """The signed part of a release file. Raises ``OutOfReach`` where none of the keys signed
        it."""
        gpgv = shutil.which("gpgv", path=search_path())
        if gpgv is None or not self._keyring.is_file():
            return Signed(release.decode("utf-8", "replace"), is_checked=False)
        with tempfile.TemporaryDirectory(prefix="devflow-index-") as name:
            folder = Path(name)
            whole = folder / "InRelease"
            whole.write_bytes(release)
            # only what it puts out was signed: text may stand before and after it
            content = folder / "Release"
            argv = [gpgv, "--quiet", "--keyring", str(self._keyring.resolve())]
            argv += ["--output", str(content), str(whole)]
            ended = Processes().run(argv, folder, environment({}), CHECK_S, _forget)
            if ended.code != 0 or not content.is_file():
                raise OutOfReach(f"{where}: its index is not signed by Debian")
            return Signed(content.read_bytes().decode("utf-8", "replace"), is_checked=True)


def _forget(chunk: bytes) -> None:
    """What gpgv prints is for people with a terminal."""
