"""A repository of a shape on this machine: made, shipped, copied, broken, and run by hand.

Nothing of the developer's own is touched: an editable install is a Python of the place's own, which
finds the packages of the developer's by a path file.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Iterator, Mapping, NamedTuple
from xml.etree import ElementTree

import psutil
import pytest
import yaml

from tests.e2e.checkout import KEY, ROOT, Checkout, copied, first_commit
from tests.e2e.own_reports import Coverage, coverage_of
from tests.e2e.records import files
from tests.e2e.shapes import LARGE, PROGRAMS, SHAPES, Break, Edit, Shape
from tests.e2e.shipped import Shipped

REPOSITORIES = Path(__file__).parent / "repositories"
SUBMODULE = "tests/cases"
# git refuses a submodule and its like from a folder unless it is told
FROM_FOLDERS = ("-c", "protocol.file.allow=always")
SMUDGES = ("-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true")
LOCAL_TESTS = "local_tests"
POLL_S = 0.005  # s; a killed process is gone within a millisecond
Names = list[tuple[str, str]]


class Place:
    """A folder that holds the repository (``work``), and beside it what it was made from."""

    def __init__(self, shape: Shape, folder: Path) -> None:
        self.shape = shape
        self.folder = folder
        self.checkout = Checkout(folder / "work")
        self.python = Path(sys.executable)
        if shape.editable:
            self.python = _editable(folder / "python", self.checkout.folder, shape.roots)

    @property
    def repository(self) -> dict[str, str]:
        """Every file of the user's repository by its digest, without devflow's own folder."""
        found = files(self.checkout.folder / ".git")
        return {path: digest for path, digest in found.items() if not path.startswith("devflow/")}

    @property
    def remote(self) -> Path:
        """The sandbox's repository."""
        return self.checkout.state / "sandbox" / "remote.git"

    @property
    def pushed(self) -> str:
        """Every branch of the remote."""
        arguments = ("--git-dir", str(self.remote), "for-each-ref", "refs/heads")
        return self.checkout.git(*arguments, "--format=%(refname) %(objectname)")

    @cached_property
    def pipeline(self) -> dict[str, Any]:
        """The shape's pipeline.yaml."""
        text = (REPOSITORIES / self.shape.name / "pipeline.yaml").read_text()
        pipeline: dict[str, Any] = yaml.safe_load(text)
        return pipeline

    @property
    def suites(self) -> dict[str, dict[str, Any]]:
        """The suites by name."""
        suites: dict[str, dict[str, Any]] = self.pipeline["project"].get("suites", {})
        return suites

    @property
    def measured(self) -> dict[str, tuple[str, ...]]:
        """The names of the suites that each entry runs."""
        found = {}
        for name, settings in _entries(self.pipeline["phases"]):
            if name == LOCAL_TESTS:
                found[name] = tuple(self.suites)
            elif settings.get("uses") == "suite":
                found[name] = (settings["with"]["suite"],)
        return found

    @property
    def commands(self) -> dict[str, dict[str, Any]]:
        """The parameters of each shell entry."""
        entries = _entries(self.pipeline["phases"])
        return {name: part["with"] for name, part in entries if part.get("uses") == "shell"}

    def make(self) -> None:
        """The repository before the ticket: one commit on its base branch."""
        shutil.copytree(REPOSITORIES / self.shape.name, self.checkout.folder)
        git = self.checkout.git
        git("init", "--quiet", f"--initial-branch={self.shape.base}")
        data = REPOSITORIES / f"{self.shape.name}_data"
        if data.is_dir():
            origin = self.folder / "data"
            shutil.copytree(data, origin)
            first_commit(Checkout(origin), "main")
            git(*FROM_FOLDERS, "submodule", "--quiet", "add", str(origin), SUBMODULE)
        if self.shape.name == "lfs":
            git("lfs", "install", "--local")
            git("lfs", "track", LARGE)
        first_commit(self.checkout, self.shape.base)

    def copied(self, folder: Path) -> "Place":
        """The same repository in the same state elsewhere, while nothing of it runs."""
        copied(self.folder, folder)
        return Place(self.shape, folder)

    def edit(self, *edits: Edit) -> None:
        """What a developer types."""
        for edit in edits:
            file = self.checkout.folder / edit.path
            text = file.read_text() if file.exists() else ""
            assert edit.old in text, f"{edit.old!r} is not in {edit.path}"
            changed = text.replace(edit.old, edit.new, 1) if edit.old else f"{text}{edit.new}"
            file.write_text(changed)

    def damage(self, broken: Break) -> None:
        """Breaks it, in the working tree."""
        self.edit(*broken.edits)
        if broken.without:
            phases = _without(self.pipeline["phases"], broken.without)
            text = yaml.safe_dump({**self.pipeline, "phases": phases}, sort_keys=False)
            self.checkout.write("pipeline.yaml", text)

    def commit(self) -> None:
        """A commit by hand, past every hook."""
        self.checkout.git("add", "--all")
        arguments = ("--quiet", "--no-verify", "--message", "fix: by hand")
        self.checkout.git("commit", *arguments)

    def push(self) -> None:
        """A push by hand."""
        branch = self.checkout.git("branch", "--show-current")
        # git-lfs pushes to a folder only where its name is a URL
        self.checkout.git("push", "--quiet", self.remote.as_uri(), branch)

    def ship(self, *options: str) -> Shipped:
        """``devflow ship`` by the place's own Python."""
        bins = (str(Path(sys.executable).parent), os.environ["PATH"])
        words = ("ship", KEY, "--output", "json", *options)
        ran = self.checkout.devflow_of(self.python, *words, PATH=os.pathsep.join(bins))
        lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
        events = tuple(json.loads(line) for line in lines)
        return Shipped(ran.returncode, events, ran.stderr[-3000:])

    def kept_report(self, entry: str, suite: str) -> Path:
        """The report that devflow kept of the entry's suite."""
        kept = self.checkout.state / "logs" / KEY
        own = kept / f"{entry}-{suite}.junit.xml"
        # an entry that took the result of step 8 keeps none of its own
        return own if own.exists() else kept / f"local_tests-{suite}.junit.xml"

    def close(self) -> None:
        """Ends the sandbox at once, so that nothing writes here any more."""
        facts = self.checkout.state / "sandbox" / "sandbox.json"
        if not facts.is_file():
            return
        # not by `devflow sandbox down`, which takes a second a case
        server = psutil.Process(json.loads(facts.read_text())["pid"])
        server.kill()
        with suppress(psutil.NoSuchProcess):
            # whoever its parent is by now may reap it much later
            while server.status() != psutil.STATUS_ZOMBIE:
                time.sleep(POLL_S)
        # a copy would take it for its own
        facts.unlink()

    def by_hand(self, folder: Path) -> "ByHand":
        """A clone of what was pushed, as anybody would make it."""
        branch = self.checkout.git("branch", "--show-current")
        options = ("--quiet", "--recurse-submodules", f"--branch={branch}")
        smudges = SMUDGES if self.shape.name == "lfs" else ()
        git = self.checkout.git
        git(*FROM_FOLDERS, "clone", *options, *smudges, str(self.remote), str(folder))
        return ByHand(self, folder)


class ByHand:
    """What a person sees who runs a repository's tests without devflow."""

    def __init__(self, place: Place, folder: Path) -> None:
        self._place = place
        self.folder = folder

    def suite(self, name: str) -> Names:
        """The cases that the suite's runner reports, all of which passed."""
        suite = self._place.suites[name]
        if "run" in suite:
            return self._own(suite)
        report = self.folder / f".{name}.xml"
        pytest = ["-m", "pytest", "-q", suite["path"], f"--junitxml={report}"]
        if "coverage_of" in suite:
            pytest += [f"--cov={suite['coverage_of']}", f"--cov-report=json:{name}.json"]
        ran = self._run([str(self._place.python), *pytest])
        assert ran.returncode == 0, ran.stdout
        return cases(report)

    def _own(self, suite: Mapping[str, Any]) -> Names:
        for key in ("setup", "run"):
            if key in suite:
                ran = self._run(_words(suite[key]), suite.get("cwd", ""))
                assert ran.returncode == 0, ran.stdout + ran.stderr
        return cases(self.folder / suite.get("cwd", "") / suite["junit"])

    def coverage(self, name: str) -> Coverage | None:
        """What the suite's own report of its coverage says, once it has run."""
        suite = self._place.suites[name]
        if "path" in suite:
            report = self.folder / f"{name}.json"
            return coverage_of(report, "") if "coverage_of" in suite else None
        if "coverage" not in suite:
            return None
        report = self.folder / suite.get("cwd", "") / suite["coverage"]
        return coverage_of(report, suite.get("coverage_of", ""))

    def command(self, parameters: Mapping[str, Any]) -> int:
        """The exit code of a shell entry's command."""
        return self._run(_words(parameters["run"]), parameters.get("cwd", "")).returncode

    def _run(self, argv: list[str], cwd: str = "") -> "subprocess.CompletedProcess[str]":
        # what is installed editable is the working tree's; here it has to be the clone's
        roots = [str(self.folder / root) for root in self._place.shape.roots]
        bins = (str(self._place.python.parent), os.environ["PATH"])
        own = {"PATH": os.pathsep.join(bins), "PYTHONPATH": os.pathsep.join(roots)}
        env = {**os.environ, **own, "PYTHONDONTWRITEBYTECODE": "1"}
        folder = self.folder / cwd
        return subprocess.run(
            argv, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
        )


class Finished(NamedTuple):
    """A repository with its ticket at the last entry, at rest, and how it came there."""

    place: Place
    shipped: Shipped


def new_place(name: str, folder: Path) -> Place:
    """The shape's repository, with the ticket's work in the working tree; skips where a program
    that it needs is missing."""
    place = made_place(name, folder)
    place.edit(*place.shape.work)
    return place


def made_place(name: str, folder: Path) -> Place:
    """The shape's repository before the ticket; skips where a program that it needs is missing."""
    for program in PROGRAMS.get(name, ()):
        if shutil.which(program) is None:
            pytest.skip(f"no {program} on PATH")
    place = Place(SHAPES[name], folder)
    place.make()
    return place


def _words(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else command


def cases(report: Path) -> Names:
    """The cases of a JUnit report by class and name, sorted; none of them failed or was skipped."""
    found = []
    for case in ElementTree.parse(report).iter("testcase"):
        assert not [*case.iter("failure"), *case.iter("skipped")], case.attrib
        found.append((case.attrib["classname"], case.attrib["name"]))
    return sorted(found)


def _editable(folder: Path, work: Path, roots: tuple[str, ...]) -> Path:
    """A Python that has the developer's packages, and this repository's installed editable, as
    setuptools does it for a src layout: by a path file."""
    if not folder.is_dir():
        venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # devflow is installed there editable too, and a path file's path files are not read
    (packages / "developer.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    lines = [f"{work / root}\n" for root in roots]
    (packages / "__editable__.pth").write_text("".join(lines))
    return folder / "bin" / "python"


def _entries(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every entry of ``phases`` with its settings, in order."""
    if isinstance(part, str):
        yield part, {}
        return
    if isinstance(part, list):
        for one in part:
            yield from _entries(one)
        return
    for name, inner in part.items():
        # an entry's settings are a table of these alone; a phase or a group holds entries
        if isinstance(inner, dict) and {"uses", "with", "required"} & set(inner):
            yield name, inner
        else:
            yield from _entries(inner)


def _without(part: Any, names: tuple[str, ...]) -> Any:
    """The part of ``phases`` that is left when these entries are taken out."""
    if isinstance(part, list):
        kept = [one for one in part if not {*([one] if isinstance(one, str) else one)} & {*names}]
        return [_without(one, names) for one in kept]
    if isinstance(part, dict):
        return {name: _without(inner, names) for name, inner in part.items()}
    return part
