"""Real checkouts of a real bare remote, without the configuration of whoever runs the tests."""

import os
from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git.repository import GitRepository
from tests.contract.repository.checkouts import git
from tests.contract.repository.foreign import FILES, commit, made, write
from tests.contract.repository.settings import HOSTILE_PERSON, hostile_settings


@pytest.fixture(params=["nobody's settings"])
def person(request: pytest.FixtureRequest) -> str:
    """Whose configuration git reads; a module can ask for ``BOTH``."""
    return str(request.param)


@pytest.fixture(autouse=True)
def configuration(monkeypatch: pytest.MonkeyPatch, person: str, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    place = os.devnull
    if person == HOSTILE_PERSON:
        place = str(hostile_settings(tmp_path / "person"))
    # only devflow is started under it: the tests' own git is as plain as `checkouts.git` makes it
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", place)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def clone(tmp_path: Path, remote: Path) -> Callable[[str], Path]:
    def cloned(name: str) -> Path:
        git(tmp_path, "clone", "--quiet", str(remote), name)
        for key, value in {"user.name": name, "user.email": f"{name}@example.org"}.items():
            git(tmp_path / name, "config", key, value)
        return tmp_path / name

    return cloned


@pytest.fixture
def checkout(clone: Callable[[str], Path]) -> Path:
    folder = clone("checkout")
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text("one\ntwo\n")
    (folder / ".gitignore").write_text("*.log\n")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "feat: first")
    git(folder, "push", "--quiet", "origin", "main")
    return folder


@pytest.fixture
def repository(checkout: Path) -> GitRepository:
    return GitRepository(checkout, "origin")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A repository with a remote, a tag, a note, another branch, and work on the ticket's."""
    folder = made(tmp_path / "user", FILES)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    git(folder, "remote", "add", "origin", "../origin.git")
    git(folder, "push", "--quiet", "--set-upstream", "origin", "main")
    git(folder, "remote", "set-head", "origin", "main")
    git(folder, "tag", "-a", "v1", "-m", "first")
    git(folder, "notes", "add", "-m", "a note")
    git(folder, "branch", "side")
    git(folder, "switch", "--quiet", "-c", "ticket")
    write(folder, {"src/app.py": "print(2)\n"})
    commit(folder, "feat: begun")
    write(folder, {"src/new.py": "new\n", "README.md": "one\n2\n"})
    return folder
