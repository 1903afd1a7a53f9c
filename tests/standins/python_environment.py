"""Somebody's virtual environment, made in a moment and without network."""

import sys
import sysconfig
from pathlib import Path


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
        (packages / "all.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder
