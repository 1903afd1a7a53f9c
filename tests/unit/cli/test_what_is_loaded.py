"""What each command may load, by name and not by time: a library that creeps into a look which
people ask for all day is found here, with its name."""

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Final, Iterator

import pytest

from devflow.adapters.deploys.state import Deployment, EnvironmentState, Slot
from devflow.adapters.machine.identity import identity
from devflow.model.declared.project import Service
from tests.unit.sources import ROOT, under

TYPER: Final = {"typer", "shellingham", "annotated_doc", "click", "colorama"}
PYDANTIC: Final = {
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
}
YAML: Final = {"yaml", "cython_runtime"}
LOOK: Final = {*PYDANTIC, *YAML, "rich"}
# what starts git and children, takes locks, and waits between two tries
LOCAL: Final = {"git", "gitdb", "smmap", "filelock", "psutil", "tenacity"}
# the standard library's own that take as long as Python takes to start
SLOW: Final = {"asyncio", "ssl", "http", "subprocess", "email", "unittest", "logging"}
LIGHT: Final = {"adapters", "cli", "commands", "model", "ui", "wiring"}
ROOMS: Final = {*LIGHT, "config", "craft", "engine", "ports", "step", "steps"}
WITH_STEP: Final = {*LIGHT, "config", "steps", "step", "ports", "craft"}

# the command: the libraries that it may load, and the rooms of devflow
COMMANDS: Final = {
    "--help": ({*TYPER, "subprocess", "logging"}, {"cli", "model", "ui", "wiring"}),
    "status --short": (set(), LIGHT),
    "status SCRUM-95 --short": (set(), LIGHT),
    "status": ({*LOOK, "email"}, {*LIGHT, "config", "steps"}),
    "explain": ({*YAML, "rich"}, {*LIGHT, "config", "steps"}),
    "explain first": ({*LOOK, "email", "logging"}, WITH_STEP),
    "explain quality": ({*LOOK, "email", "logging", "defusedxml"}, WITH_STEP),
    "ship": ({*LOOK, *LOCAL, "email", "subprocess", "logging"}, ROOMS),
    "plan": ({*LOOK, *LOCAL, *TYPER, "email", "subprocess", "logging"}, ROOMS),
}
# of what is examined in a new run, nothing is loaded for one that goes on
EXAMINING_TOO: Final = {"devflow.commands.examining", "devflow.wiring.ticket_check"}
# the classes and the adapters that are compiled once every module is loaded, each where it is
COMPILED: Final = """\
import gc, importlib, sys
from pydantic import BaseModel, TypeAdapter

def kinds(of):
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)

for name in sys.argv[1:]:
    importlib.import_module(name)
for kind in kinds(BaseModel):
    if kind.__module__.startswith("devflow.") and kind.__pydantic_complete__:
        print(kind.__module__, kind.__qualname__)
for one in gc.get_objects():
    if isinstance(one, TypeAdapter) and one.pydantic_complete:
        print(one)
"""
# of the steps, those that a command may load
STEPS: Final = {"status": set(), "explain": set(), "explain quality": {"s16_quality"}}
PIPELINE: Final = """\
devflow: 1
project:
  tracker: {project: SCRUM, url: "http://127.0.0.1:9"}
  host: {repository: acme/shop}
phases:
  work:
    - first: {uses: shell, with: {run: "true"}}
    - second: {uses: shell, with: {run: "true"}}
"""
CODE: Final = """\
import json, sys
from devflow.cli.main import main
sys.argv = ["devflow", *sys.argv[1:]]
try:
    main()
finally:
    sys.stdout.flush()
    sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose two entries were shipped, and nothing is to be done."""
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "pipeline.yaml").write_text(PIPELINE)
    me = ("-c", "user.name=Jose Rubio", "-c", "user.email=jose.rubio@acme.example")
    for git in (
        ("init", "--quiet", "--initial-branch=feature/SCRUM-95-tabs"),
        ("add", "--all"),
        (*me, "commit", "--quiet", "--message=shop"),
    ):
        subprocess.run(["git", *git], cwd=folder, check=True)
    loaded_by(folder, "ship")
    return folder


def loaded_by(folder: Path, command: str) -> set[str]:
    """The modules that a command had loaded when it ended, as it should, with 0."""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JIRA_PAT": "not-a-secret-1",
        "GITHUB_TOKEN": "not-a-secret-2",
    }
    argv = [sys.executable, "-c", CODE, *command.split()]
    ran = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return set(json.loads(ran.stderr.splitlines()[-1]))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_loads_no_more_than_it_may(shipped: Path, command: str) -> None:
    libraries, rooms = COMMANDS[command]
    loaded = loaded_by(shipped, command)
    tops = {name.partition(".")[0] for name in loaded}
    foreign = {name for name in tops if not name.startswith("_")} - sys.stdlib_module_names
    # what the environment's own start loads is no command's
    at_start = {"devflow", "sitecustomize", "usercustomize"} | set(PLAIN)
    assert foreign - at_start <= libraries
    assert (tops & SLOW) - set(PLAIN) <= libraries
    ours = {name.split(".")[1] for name in loaded if name.startswith("devflow.")}
    assert ours <= rooms


@pytest.fixture
def deployed(shipped: Path) -> Iterator[Path]:
    """The same repository with an environment, nothing of which answers."""
    service = Service(path=".", port=1, run=("python", "service.py", "{port}"))
    deployment = Deployment(
        version="a" * 40,
        commit="b" * 40,
        services={"api": service},
        slots=(Slot(service="api", index=1, port=1, is_ready=True),),
        since=datetime(2026, 1, 5, tzinfo=timezone.utc),
    )
    shares = {deployment.version: 100}
    place = shipped / ".git" / "devflow" / "deploys"
    state = EnvironmentState(
        owner=identity(place), current=deployment.version, shares=shares, held=(deployment,)
    )
    (place / "development").mkdir(parents=True)
    (place / "development" / "state.json").write_text(state.model_dump_json())
    yield shipped
    shutil.rmtree(place)


def test_a_look_at_what_was_deployed_asks_it_and_loads_no_client_of_anything_else(
    deployed: Path,
) -> None:
    loaded = {name.partition(".")[0] for name in loaded_by(deployed, "status")}
    assert "http" in loaded, "nothing was asked"
    # what starts processes, and finds them, is needed to know whose they are
    assert loaded & LOCAL <= {"psutil"} and not loaded & {"asyncio", "docker"}


@pytest.mark.parametrize("command", STEPS)
def test_a_look_loads_no_step_but_the_one_it_shows(shipped: Path, command: str) -> None:
    names = {name for name in loaded_by(shipped, command) if name.startswith("devflow.steps.")}
    modules = {name.removeprefix("devflow.steps.") for name in names}
    assert modules - {"index"} <= STEPS[command]


def test_a_run_that_goes_on_is_not_examined_as_a_new_one_is(shipped: Path) -> None:
    assert not EXAMINING_TOO & loaded_by(shipped, "ship")


def test_a_look_at_the_environments_loads_no_client_and_no_ticket(shipped: Path) -> None:
    loaded = loaded_by(shipped, "environments")
    assert not {"devflow.wiring.world", "devflow.commands.deploys.told_tickets"} & loaded


def test_nothing_is_compiled_before_the_first_of_its_values_is_made() -> None:
    # no command loads what steps are tested with
    own = [one.module for one in under("devflow") if not one.path.startswith("devflow/testing/")]
    names = [name for name in own if not name.endswith(("__main__", "told_conditions"))]
    argv = [sys.executable, "-c", COMPILED, *names]
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == ""


def _plain() -> list[str]:
    code = "import json, sys; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    argv = [sys.executable, "-c", code]
    ran = subprocess.run(argv, capture_output=True, text=True, check=True)
    names: list[str] = json.loads(ran.stdout)
    return names


# what Python itself has loaded before it does anything
PLAIN: Final = _plain()
