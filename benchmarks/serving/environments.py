"""Makes an environment for each rival from its pinned requirements, and keeps it."""

import json
import sys
import venv
from pathlib import Path

from benchmarks.serving.cars import ROOT
from benchmarks.serving.commands import output_of
from benchmarks.serving.contenders import Contender

CACHE = ROOT / ".bench/serving"
INSTALL_S = 900.0  # s; the largest downloads 400 MB
SHOWN = (
    "fastapi",
    "httptools",
    "numpy",
    "pydantic",
    "starlette",
    "uvicorn",
    "uvloop",
    "xgboost",
    "xgboost-cpu",
)


def prepare(contender: Contender) -> Path:
    """Return the folder of the programs of the contender's environment, made where it is missing or
    of other versions.

    Raises OSError when something cannot be installed.
    """
    if not contender.requirements:
        return Path(sys.executable).parent
    folder = CACHE / contender.name
    programs = folder / "bin"
    stamp = folder / "requirements.json"
    contents = json.dumps([sys.version, *contender.requirements])
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != contents:
        venv.create(folder, clear=True, with_pip=True)
        _pip(programs, "install", "--quiet", *contender.requirements)
        # last, so that an installation that was cut off is made again
        stamp.write_text(contents, encoding="utf-8")
    return programs


def versions(programs: Path, contender: Contender) -> dict[str, str]:
    """Return the versions of the contender's own packages and of those that decide its speed."""
    names = set(SHOWN)
    for requirement in contender.requirements:
        package, _, _ = requirement.partition("==")
        name, _, _ = package.partition("[")
        names.add(name)
    packages = json.loads(_pip(programs, "list", "--format", "json"))
    installed = {package["name"]: package["version"] for package in packages}
    return {name: version for name, version in installed.items() if name in names}


def _pip(programs: Path, verb: str, *arguments: str) -> str:
    pip: list[str | Path] = [programs / "python", "-m", "pip", verb, "--disable-pip-version-check"]
    return output_of([*pip, *arguments], INSTALL_S)
