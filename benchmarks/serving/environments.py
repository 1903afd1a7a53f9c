"""Makes a virtual environment for each rival from its pinned requirements, and keeps it for the
next run."""

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
    stamp, wanted = folder / "requirements.json", json.dumps([sys.version, *contender.requirements])
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(folder, clear=True, with_pip=True)
        _pip(folder / "bin", "install", "--quiet", *contender.requirements)
        stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def versions(programs: Path, contender: Contender) -> dict[str, str]:
    """Return the installed versions of the contender's own packages and of those that decide its
    speed."""
    listed = _pip(programs, "list", "--format", "json")
    asked = {requirement.split("==")[0].split("[")[0] for requirement in contender.requirements}
    return {
        one["name"]: one["version"]
        for one in json.loads(listed)
        if one["name"] in asked or one["name"] in SHOWN
    }


def _pip(programs: Path, verb: str, *arguments: str) -> str:
    return output_of(
        [programs / "python", "-m", "pip", verb, "--disable-pip-version-check", *arguments],
        INSTALL_S,
    )
