"""What every command may be told, whatever it does; light enough for `--help`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

SANDBOX_NOTE: Final = "sandbox: nothing leaves this machine"
OutputMode = Literal["auto", "tree", "plain", "json"]


@dataclass(frozen=True)
class Options:
    """Where, with which pipeline, as whom, on which screen."""

    directory: Path
    pipeline: Path | None = None
    sandbox: bool = False
    person: str = ""
    output: OutputMode = "auto"
