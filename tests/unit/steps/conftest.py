"""Steps run in an empty folder: one that opens files by itself, and not by its ports, is found
out."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def empty_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.mktemp("nowhere")
    monkeypatch.chdir(folder)
