"""Steps of other packages: the version of the contract is compared before anything runs."""

import ast
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import devflow
from devflow.model.errors import PipelineInvalid
from devflow.step import CONTRACT
from devflow.wiring import foreign
from devflow.wiring.local import STEPS_GROUP, loaded_step
from tests.unit.sources import ROOT


def point(name: str) -> EntryPoint:
    return EntryPoint(name, f"tests.unit.wiring.foreign:{name}", STEPS_GROUP)


def test_a_step_of_this_contract_is_taken() -> None:
    assert loaded_step(point("STEP")).name == "greeting"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    (
        ("SILENT", "states no version of the step contract", f"contract={CONTRACT}"),
        ("OLDER", "states version 1 of the step contract", "CHANGELOG"),
        ("NO_STEP", "is not a devflow step", ""),
        ("MISSING", "cannot be loaded", f"version {CONTRACT}"),
    ),
)
def test_any_other_is_refused_with_its_name(name: str, message: str, hint: str) -> None:
    with pytest.raises(PipelineInvalid) as raised:
        loaded_step(point(name))
    assert message in raised.value.message and hint in raised.value.hint


def test_every_public_name_is_there_and_no_other() -> None:
    assert all(getattr(devflow, name) is not None for name in devflow.EXPORTS)
    assert set(devflow.EXPORTS) < set(dir(devflow))
    with pytest.raises(AttributeError):
        devflow.Nothing


def test_type_checkers_see_the_same_names_and_version() -> None:
    stub = ast.parse(ROOT.joinpath("devflow", "__init__.pyi").read_text())
    seen = {}
    told = {}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom) and node.module != "typing":
            seen |= {alias.asname: node.module for alias in node.names}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            told[ast.unparse(node.target)] = node.value.value
    assert seen == devflow.EXPORTS
    assert told == {"VERSION": devflow.VERSION}


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that is the only one."""
    finders = [one for one in sys.meta_path if hasattr(one, "find_distributions")]
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "meta_path", finders[:1])
    return tmp_path


def package(folder: Path, about: str, entry_points: str) -> None:
    """A package as it is installed."""
    (folder / about).mkdir()
    (folder / about / "entry_points.txt").write_text(entry_points)


@pytest.mark.parametrize("about", ("greeting-1.dist-info", "greeting.egg-info"))
def test_a_package_with_a_step_is_noticed(alone: Path, about: str) -> None:
    package(alone, about, f"[{STEPS_GROUP}]\ngreeting = greeting:STEP\n")
    assert foreign.are_there()


def test_packages_without_a_step_are_passed_over(alone: Path) -> None:
    package(alone, "other-1.dist-info", "[console_scripts]\nother = other:main\n")
    (alone / "bare-1.dist-info").mkdir()
    assert not foreign.are_there()


def test_a_path_that_is_no_folder_is_asked_in_the_long_way(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = alone / "packages.zip"
    archive.write_bytes(b"")
    monkeypatch.setattr(sys, "path", [str(archive)])
    assert foreign.are_there()


def test_packages_that_are_found_in_another_way_are_asked_in_the_long_way(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = sys.meta_path[0]
    monkeypatch.setattr(sys, "meta_path", [finder, finder])
    assert foreign.are_there()
