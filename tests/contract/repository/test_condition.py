"""What a clone lacks before a run begins, as git itself has it."""

import os
from pathlib import Path
from typing import Callable, Dict

import pytest

from devflow.adapters.git.condition import Condition
from devflow.model.outcomes import Needed
from tests.contract.repository.checkouts import git


def needs(root: Path, base: str = "main", **told: bool) -> Dict[str, Needed]:
    return {one.about: one for one in Condition(root, "origin", base, **told).needs()}


def test_a_whole_clone_lacks_nothing(checkout: Path) -> None:
    found = needs(checkout)
    assert {about: one.here for about, one in found.items()} == {
        "base": True,
        "git identity": True,
        "history": True,
    }


def test_a_base_that_is_not_here_can_be_fetched_or_is_another(checkout: Path) -> None:
    one = needs(checkout, "trunk")["base"]
    assert one.here is False
    assert one.found.startswith("there is no branch trunk here; branches: main")
    assert (one.cure, one.remedy.endswith("git fetch origin trunk")) == ("machine", True)
    assert needs(checkout, "trunk", fetches=False)["base"].cure == "pipeline"


def test_a_base_that_was_only_fetched_is_here(checkout: Path) -> None:
    git(checkout, "switch", "--quiet", "-c", "other")
    git(checkout, "branch", "--quiet", "-D", "main")
    assert needs(checkout)["base"].found.startswith("origin/main at ")


def test_a_shallow_clone_gets_the_command_that_mends_it(
    remote: Path, checkout: Path, tmp_path: Path
) -> None:
    git(checkout, "commit", "--quiet", "--allow-empty", "-m", "feat: more")
    git(checkout, "push", "--quiet", "origin", "main")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{remote}", "shallow")
    one = needs(tmp_path / "shallow")["history"]
    assert one.here is False
    assert one.remedy == "git fetch --unshallow origin"


def test_without_a_name_it_says_how_to_give_one(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("GIT_COMMITTER_EMAIL", raising=False)
    monkeypatch.delenv("EMAIL", raising=False)
    for key in ("user.name", "user.email"):
        if key in git(checkout, "config", "--list"):
            git(checkout, "config", "--unset", key)
    one = needs(checkout)["git identity"]
    assert one.here is False
    assert one.remedy.startswith("git config user.name")


def test_a_submodule_that_was_never_fetched_is_told(
    checkout: Path, clone: Callable[[str], Path], tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "-b", "main", "library")
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    git(tmp_path / "library", *author, "commit", "--quiet", "--allow-empty", "-m", "feat: lib")
    allow = ("-c", "protocol.file.allow=always")
    git(checkout, *allow, "submodule", "--quiet", "add", str(tmp_path / "library"), "vendor")
    git(checkout, *author, "commit", "--quiet", "-m", "feat: vendor")
    git(checkout, "push", "--quiet", "origin", "main")
    assert needs(checkout)["submodules"].found == "vendor"
    other = clone("other")
    one = needs(other)["submodules"]
    assert (one.here, one.found) == (False, "the submodule vendor was never fetched")
    assert one.remedy == "git submodule update --init --recursive -- vendor"


def test_a_pipeline_is_tracked_once_it_is_added(checkout: Path) -> None:
    (checkout / "pipeline.yaml").write_text("devflow: 1\n")
    condition = Condition(checkout, "origin", "main")
    assert not condition.is_tracked("pipeline.yaml")
    git(checkout, "add", "pipeline.yaml")
    assert condition.is_tracked("pipeline.yaml")
