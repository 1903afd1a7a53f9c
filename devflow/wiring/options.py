"""What every command may be told, whatever it does; light enough for `--help`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

SANDBOX_NOTE: Final = "sandbox: nothing leaves this machine"
# of the folder that git and its work trees share
SANDBOX_REMOTE: Final = "sandbox/remote.git"
OutputMode = Literal["auto", "tree", "plain", "json"]


@dataclass(frozen=True)
class Options:
    """Where, with which pipeline, as whom, on which screen."""

    directory: Path
    pipeline: Path | None = None
    sandbox: bool = False
    person: str = ""
    output: OutputMode = "auto"


def merged_in(note: str, state_dir: Path, remote: str) -> str:
    """Where a run merges: the remote by its name, or the place of the sandbox's own."""
    return str(state_dir / SANDBOX_REMOTE) if note == SANDBOX_NOTE else remote
