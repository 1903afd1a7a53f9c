"""Somebody's virtual environment, made in a moment and without network."""

import sys
import sysconfig
from pathlib import Path
from typing import Final, Iterator

# the one plugin of pytest that the projects of tests count on
_COVERAGE: Final = "pytest_cov"


def python_environment(folder: Path, *, with_packages: bool = True) -> Path:
    """An environment of this Python, with the packages of the tests' own or with none."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    home = Path(sys.base_prefix, "bin")
    settings = f"home = {home}\ninclude-system-site-packages = false\n"
    (folder / "pyvenv.cfg").write_text(settings)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    if with_packages:
        for one in _packages(Path(sysconfig.get_path("purelib"))):
            (packages / one.name).symlink_to(one)
    return folder


def _packages(own: Path) -> Iterator[Path]:
    """What is installed for the tests, but for what would load itself into every pytest:
    schemathesis alone takes a second of each."""
    for one in own.iterdir():
        told = one / "entry_points.txt"
        hooks = told.is_file() and "[pytest11]" in told.read_text(encoding="utf-8")
        if one.suffix != ".pth" and (not hooks or one.name.startswith(_COVERAGE)):
            yield one
