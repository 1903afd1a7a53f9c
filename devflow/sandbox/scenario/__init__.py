"""The bundled scenario: the ticket, its patches, and the files that make up the project it is
about.

The services stand in the repository once, as they are after the ticket; the state before it is the
patches taken back.
"""

from pathlib import Path
from typing import Final

TICKET: Final = "SCRUM-95"
_PATCHES: Final = Path(__file__).parent / "patches"
TABS: Final = _PATCHES / "01-tabs.patch"
LOADING_STATE: Final = _PATCHES / "02-loading-state.patch"

# what a checkout of the car-price project holds, relative to the bundle's root
BUNDLE: Final = (
    ".coveragerc",
    ".dockerignore",
    ".flake8",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CODEOWNERS",
    "Dockerfile.backend",
    "Dockerfile.frontend",
    "pipeline.yaml",
    "services",
    "tests/backend",
    "tests/conftest.py",
    "tests/frontend",
    "tests/integration",
    "tests/jinja_lines.py",
    "tests/pytest.ini",
    "tests/readers.py",
    "tests/run_suite.py",
)


def bundle_root() -> Path:
    """Where the project's files are: beside an installed package, else in the checkout that it runs
    from."""
    package = Path(__file__).parents[2]
    installed = package / "bundle"
    return installed if installed.is_dir() else package.parent
