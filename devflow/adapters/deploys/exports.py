"""The files of a commit, for whoever deploys them."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Exports:
    """Exports of the repository at ``root``; git's client is loaded for the first one, since it
    takes longer to import than a look at what runs does in all."""

    root: Path

    def export(self, commit: str, folder: Path) -> None:
        """Writes a commit's files into an empty folder. Raises ``StepFailed`` where git does not
        know it."""
        module = import_module("devflow.adapters.git.exports")
        module.GitExports(self.root, None).export(commit, folder)
