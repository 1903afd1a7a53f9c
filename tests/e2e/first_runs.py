"""From a repository without a pipeline.yaml to a shipped ticket in three commands: the shapes of
the other tests, and small ones that they have not; what `init` finds in each, and misses."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Mapping

import pytest

from tests.e2e.checkout import KEY, Checkout, first_commit
from tests.e2e.shape_place import Place, made_place
from tests.e2e.shipped import Shipped


@dataclass(frozen=True)
class First:
    """What `init` finds in a repository: names of what is ``in`` and ``out``, and what it cannot
    see (``missed``, for people). Small ones have their ``files``, and ``work`` on them; ``begun``
    does to it by hand what was done before devflow came. Where one of ``asked`` does
    not end with 0 it is skipped."""

    found: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    missed: str = ""
    files: Mapping[str, str] | None = None
    work: tuple[str, str] = ("", "")
    asked: tuple[str, ...] = ()
    begun: Callable[[Checkout], None] | None = None


def _branch_of_a_colleague(checkout: Checkout) -> None:
    """A pull request's branch in progress, as a clone of it alone has it."""
    folder = checkout.folder.parent / "origin.git"
    checkout.git("clone", "--quiet", "--bare", ".", str(folder))
    checkout.git("remote", "add", "origin", str(folder))
    checkout.git("fetch", "--quiet", "origin")
    checkout.git("switch", "--quiet", "--create", f"fix/{KEY}-a-wobbly-leg")
    checkout.write("chair.py", "LEGS = 4\n")
    checkout.git("commit", "--quiet", "--all", "--message", f"{KEY} four legs")
    checkout.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    checkout.git("branch", "--quiet", "--delete", "--force", "main")


SHAPES_FOUND: Mapping[str, First] = {
    "src_layout": First(("suite tests", "linter ruff")),
    "node": First((), ("suite slugs",), "its installer is a script of its own: tools/install.js"),
    "master_submodule": First(("suite refusals", "suite tests", "linter black")),
    "lfs": First(
        ("suite checks", "suite tests", "linter flake8"), missed="a checker: tools/check_rates.py"
    ),
    "fastapi": First(("suite smoke", "suite tests", "linter ruff", "hooks pre-commit")),
    "monorepo": First(
        ("suite ledger", "suite report", "suite widget", "linter ruff", "hooks pre-commit")
    ),
    "polyglot": First(
        ("suite web", "suite tally", "suite sums"), missed="go vet, which nothing configures"
    ),
    "ruby": First(("suite ruby",), missed="a checker: tools/warnings.rb; rspec's coverage"),
}
STRICT = "package Lamp;\nuse strict;\nuse warnings;\n"
SMALL: Mapping[str, First] = {
    "documents": First(
        (),
        files={"README.md": "# Handbook\n", "docs/one.md": "# One\n", "mkdocs.yml": "x: y\n"},
        work=("docs/one.md", "# One\n\nTwo.\n"),
    ),
    "no_toolchain": First(
        (),
        ("suite elixir",),
        files={"mix.exs": "# x\n", "lib/lamp.ex": "# x\n", "test/lamp_test.exs": "# x\n"},
        work=("lib/lamp.ex", "# y\n"),
    ),
    "perl": First(
        ("suite perl", "linter perlcritic"),
        files={
            "Makefile.PL": "use ExtUtils::MakeMaker;\nWriteMakefile(NAME => 'Lamp');\n",
            "lib/Lamp.pm": f"{STRICT}sub light {{ return 1 }}\n1;\n",
            "t/deep/lamp.t": "use Test::More tests => 1;\nuse Lamp;\nis Lamp::light(), 1, 'on';\n",
            ".perlcriticrc": "severity = 4\n",
        },
        work=("lib/Lamp.pm", f"{STRICT}sub light {{ return 2 - 1 }}\n1;\n"),
        asked=("perl -MTAP::Formatter::JUnit -e 1", "prove --version", "perlcritic --version"),
    ),
    "in_progress": First(
        ("suite tests",),
        files={
            "chair.py": "LEGS = 3\n",
            "test_chair.py": "import chair\n\n\ndef test_legs():\n    assert chair.LEGS > 2\n",
            "pytest.ini": "[pytest]\naddopts = -p no:schemathesis -p no:hypothesispytest\n",
        },
        work=("chair.py", "LEGS = 4\nSEAT = 1\n"),
        begun=_branch_of_a_colleague,
    ),
}


def small_checkout(name: str, folder: Path) -> Checkout:
    """The repository of a small one; skips where a program that it needs is missing."""
    first = SMALL[name]
    for asked in first.asked:
        words = asked.split()
        is_here = shutil.which(words[0]) is not None
        if not is_here or subprocess.run(words, check=False, capture_output=True).returncode:
            pytest.skip(f"not here: {asked}")
    checkout = Checkout(folder / "work")
    for path, text in (first.files or {}).items():
        file = checkout.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    first_commit(checkout)
    if first.begun:
        first.begun(checkout)
    return checkout


def shape_without_pipeline(name: str, folder: Path) -> Place:
    """The repository of a shape, before anybody has worked in it."""
    place = made_place(name, folder)
    place.checkout.git("rm", "--quiet", "pipeline.yaml")
    place.checkout.git("commit", "--quiet", "--no-verify", "--message", "chore: no pipeline")
    return place


def run_first(
    checkout: Checkout, first: First, work: Callable[[], None], python: Path | None = None
) -> None:
    """Three commands, none of which fails."""
    ended = partial(_ended, checkout, python or Path(sys.executable))
    told = json.loads(ended("init", "--output", "json"))
    assert _seen(told, True) == first.found
    assert _seen(told, False) == first.left_out
    ended("--sandbox", "start", KEY)
    work()
    output = ended("--sandbox", "ship", "--output", "json")
    shipped = Shipped(0, tuple(json.loads(line) for line in output.splitlines()), "")
    suites = {name.removeprefix("suite ") for name in first.found if name.startswith("suite ")}
    if suites:
        passed = shipped.passed("local_tests")
        assert set(passed) == suites and all(passed.values())
    assert shipped.came_to("pull_request") == "passed"
    # what ended without a test never looks like what was tested
    stands = " ".join(ended("--sandbox", "status", KEY).split())
    assert ("no test was run" in stands) is not bool(suites)


def _seen(told: dict[str, Any], is_in: bool) -> tuple[str, ...]:
    """What is in the pipeline, or what is not, by kind and name."""
    seen = [one for one in told["seen"] if one["in"] is is_in]
    return tuple(f"{one['kind']} {one['name']}" for one in seen)


def _ended(checkout: Checkout, python: Path, *words: str) -> str:
    ran = checkout.devflow_of(python, *words)
    assert ran.returncode == 0, f"{words}\n{ran.stdout[-4000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout
