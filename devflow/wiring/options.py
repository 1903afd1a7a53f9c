"""What every command may be told, whatever it does; light enough for `--help`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OutputMode = Literal["auto", "tree", "plain", "json"]


@dataclass(frozen=True)
class Options:
    """Where, with which pipeline, as whom, on which screen."""

    directory: Path
    pipeline: Path | None = None
    sandbox: bool = False
    person: str = ""
    output: OutputMode = "auto"
