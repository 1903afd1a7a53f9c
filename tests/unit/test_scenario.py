"""The scenario's files: a reversible patch a round, and a bundle with all that a checkout needs."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from devflow.sandbox.scenario import BUNDLE, LOADING_STATE, TABS, bundle_root
from tests.scenario_patches import PERSON, Conflict, remade

ROOT = Path(__file__).parents[2]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def copied(folder: Path) -> Path:
    for name in BUNDLE:
        origin = bundle_root() / name
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(origin, target)
    git(folder, "init", "--quiet")
    return folder


def tree(folder: Path) -> str:
    git(folder, "add", "--all")
    return git(folder, "write-tree").strip()


def test_the_patches_take_the_ticket_back_and_bring_it_again(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    after = tree(folder)
    for patch in (LOADING_STATE, TABS):
        git(folder, "apply", "--reverse", str(patch))
    before = tree(folder)
    page = (folder / "services/frontend/templates/index.html").read_text()
    assert before != after and 'type="radio"' not in page
    assert not (folder / "tests/frontend/test_tabs.py").exists()
    git(folder, "apply", str(TABS))
    assert tree(folder) not in (before, after)
    git(folder, "apply", str(LOADING_STATE))
    assert tree(folder) == after


def test_what_the_reviewer_comments_on_is_a_line_of_the_first_rounds_change() -> None:
    files = TABS.read_text().split("diff --git ")
    page = "a/services/frontend/templates/index.html"
    changes = [text for text in files if text.startswith(page)]
    assert len(changes) == 1
    assert 'id="panel-{{ name }}"' in changes[0]


def test_the_bundle_is_in_the_package_too() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {name: f"devflow/bundle/{name}" for name in BUNDLE}


def test_the_patches_are_what_the_files_as_they_are_make_of_them() -> None:
    for file, text in remade().items():
        assert file.read_text() == text, "make fix"


def test_a_change_beside_the_patches_goes_into_every_state(tmp_path: Path) -> None:
    root = copied(tmp_path)
    git(root, "add", "--all")
    git(root, *PERSON, "commit", "--quiet", "--message", "as it is")
    page = root / "services/frontend/app.py"
    page.write_text(page.read_text().replace("templates.env.", "templates.environment."))
    patches = remade(root)
    assert patches[TABS] != TABS.read_text() and "templates.environment." in patches[TABS]
    assert "templates.env." not in patches[TABS]
    sheet = root / "services/frontend/static/css/style.css"
    sheet.write_text(sheet.read_text().replace("Tabs: a radio button each", "Tabs are buttons"))
    with pytest.raises(Conflict, match="style.css"):
        remade(root)
