"""An archive for each test."""

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.contract.advisories.archive import Archive


@pytest.fixture
def archive(httpserver: HTTPServer, tmp_path: Path) -> Archive:
    return Archive(httpserver, tmp_path)
