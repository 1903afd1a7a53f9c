"""Step 10 and the project's APIs: a break is measured, said in the message, and refused where the
ticket forbids it.

The descriptions are files of the repository or printed by commands that really run on each of the
two trees.
"""

import json
from typing import Any

import pytest

from devflow.model.checks import Status, judged
from devflow.model.declared.project import Project, Service
from devflow.model.events import Recorded
from devflow.model.planning import Constraint
from devflow.ports.shell import Python
from devflow.steps import s07_coding, s10_commit
from tests.standins.shell import RealShell
from tests.unit.steps.change_story import NAME, REQUIREMENTS, Story, evidence, status

PRICE = {"type": "object", "properties": {"eur": {"type": "number"}, "at": {"type": "string"}}}
FINE = {"responses": {"200": {"content": {"application/json": {"schema": PRICE}}}}}
OLD = {
    "openapi": "3.1.0",
    "paths": {
        "/price": {"get": FINE},
        "/old": {"get": {"responses": {"200": {"description": "ok"}}}},
    },
}
LESS = {**OLD, "paths": {"/price": OLD["paths"]["/price"]}}
MORE = {
    **OLD,
    "paths": {**OLD["paths"], "/new": {"get": {"responses": {"200": {"description": "ok"}}}}},
}
PRINT = "import sys\nsys.stderr.write('a warning\\n')\nprint(open('svc/api.json').read())\n"
COMMAND = ("python", "-B", "svc/describe.py")
FORBIDS = REQUIREMENTS.model_copy(
    update={"constraints": (Constraint(text="No breaking changes", check="api_compatible"),)}
)


class ApiStory(Story):
    """A service whose description is ``openapi``; ``turned`` edits it and goes up to step 9."""

    def __init__(self, openapi: Any = COMMAND, begun: Any = OLD, **files: str) -> None:
        service_files = {}
        if begun is not None:
            service_files = {"svc/api.json": json.dumps(begun), "svc/describe.py": PRINT}
        super().__init__(**{**service_files, **files})
        self.shell = RealShell(self.repository)
        service = Service(path="svc", port=3000, openapi=openapi)
        self.products["project"] = Project(base="main", services={"svc": service})

    def turned(self, described: Any) -> "ApiStory":
        text = described if isinstance(described, str) else json.dumps(described)
        self.repository.work["svc/describe.py"] = PRINT
        self.developed(path="svc/api.json", text=text)
        return self

    def declare(self, **settings: Any) -> None:
        """Changes what pipeline.yaml says of the service."""
        project = self.products["project"]
        service = project.services["svc"].model_copy(update=settings)
        self.products["project"] = project.model_copy(update={"services": {"svc": service}})

    def message(self) -> str:
        return self.repository.message_of(NAME)


@pytest.mark.parametrize("openapi", [COMMAND, "svc/api.json"], ids=["a command", "a file"])
def test_a_compatible_change_is_said_so(openapi: Any) -> None:
    story = ApiStory(openapi).turned(MORE)
    commit = story.through(s10_commit)
    assert status(s10_commit, commit) is Status.PASSED and not commit.breaking
    assert evidence(s10_commit, commit, "api", "svc").measured == "0 breaks, 3 operations"
    assert commit.subject == "feat: SCRUM-95 add tabbed interface"


@pytest.mark.parametrize("openapi", [COMMAND, "svc/api.json"], ids=["a command", "a file"])
def test_a_break_stands_in_subject_body_and_footer_by_itself(openapi: Any) -> None:
    story = ApiStory(openapi).turned(LESS)
    commit = story.through(s10_commit)
    assert commit.breaking and commit.subject.startswith("feat!: SCRUM-95")
    assert (
        "BREAKING CHANGE: GET /old: removed\nCloses SCRUM-95" in story.message()
        and "\n- GET /old: removed\n" in story.message()
    )
    assert status(s10_commit, commit) is Status.PASSED and commit.faults == ()
    assert evidence(s10_commit, commit, "api_break", "svc").measured == "GET /old: removed"


def test_the_parameters_words_come_first_and_the_breaks_stay_in_the_body() -> None:
    story = ApiStory().turned(LESS)
    story.came_to(s10_commit, breaking="Use /price instead of /old")
    assert (
        "BREAKING CHANGE: Use /price instead of /old" in story.message()
        and "- GET /old: removed" in story.message()
    )


def test_a_description_in_yaml_is_read_too() -> None:
    yaml = "openapi: 3.0.3\npaths:\n  /a: {get: {responses: {200: {description: ok}}}}\n"
    story = ApiStory("svc/api.json", begun=None, **{"svc/api.json": yaml}).turned(
        yaml.replace("/a", "/b")
    )
    assert "GET /a: removed" in story.through(s10_commit).api[0].breaks


def test_a_projects_python_that_cannot_be_started_describes_nothing() -> None:
    story = ApiStory().turned(MORE)
    gone = Python("/r/.venv/bin/python", ".venv/bin/python", "", "")
    story.shell.project_pythons[".venv"] = gone
    commit = story.through(s10_commit)
    assert status(s10_commit, commit) is Status.UNAVAILABLE and commit.sha == ""
    told = evidence(s10_commit, commit, "api", "svc").measured
    assert told.startswith("not measured: .venv/bin/python cannot be started: python3 -m venv")


def test_where_the_ticket_forbids_it_nothing_is_committed_and_what_to_do_is_said() -> None:
    story = ApiStory()
    story.products["requirements"] = FORBIDS
    commit = story.turned(LESS).through(s10_commit)
    assert (
        commit.sha == ""
        and "commit" not in story.repository.writes
        and status(s10_commit, commit) is Status.FAILED
    )
    check = evidence(s10_commit, commit, "api", "svc")
    assert (
        check.measured.startswith("1 break, 1 operation; keep what callers rely on")
        and check.limit == "ticket: No breaking changes"
    )
    assert evidence(s10_commit, commit, "api_break", "svc").ok is False
    story.repository.work["svc/api.json"] = json.dumps(MORE)
    story.through(s07_coding)
    story.tested()
    assert status(s10_commit, story.through(s10_commit)) is Status.PASSED


def test_a_break_by_hand_is_no_more_allowed_than_ours() -> None:
    story = ApiStory()
    story.products["requirements"] = FORBIDS
    repository = story.turned(LESS).repository
    repository.heads[NAME] = repository.add_commit(
        repository.heads[NAME], dict(repository.work), "feat: SCRUM-95 x\n\nCloses SCRUM-95"
    )
    assert status(s10_commit, story.seen(s10_commit)) is Status.FAILED


def test_a_break_that_the_parameter_admits_is_forbidden_by_the_ticket_too() -> None:
    story = Story()
    story.products["requirements"] = FORBIDS
    story.developed()
    commit = story.came_to(s10_commit, breaking="GET /old is gone")
    assert (
        commit.sha == ""
        and status(s10_commit, commit, breaking="GET /old is gone") is Status.FAILED
    )


def test_a_new_service_breaks_nothing() -> None:
    story = ApiStory(begun=None)
    commit = story.turned(OLD).through(s10_commit)
    assert (
        evidence(s10_commit, commit, "api", "svc").measured == "0 breaks, new, 2 operations"
        and status(s10_commit, commit) is Status.PASSED
    )


SPOILT = {
    "true": (("true",), "no OpenAPI 3"),
    "a missing program": (("no-such-program",), "ended with 127"),
    "one that fails": (("python", "-c", "raise SystemExit('no model')"), "no model"),
    "one that prints a page": (("echo", "<html>"), "cannot be read"),
    "one that prints an empty description": (
        ("echo", '{"openapi": "3.1.0", "paths": {}}'),
        "no operation",
    ),
    "a file that is not there": ("svc/none.json", "there is no svc/none.json"),
}


@pytest.mark.parametrize(("openapi", "why"), SPOILT.values(), ids=SPOILT)
def test_a_description_that_cannot_be_had_is_not_measured_and_nothing_is_committed(
    openapi: Any, why: str
) -> None:
    story = ApiStory(openapi).turned(MORE)
    commit = story.through(s10_commit)
    assert (
        status(s10_commit, commit) is Status.UNAVAILABLE and "commit" not in story.repository.writes
    )
    check = evidence(s10_commit, commit, "api", "svc")
    assert check.ok is None and why in check.measured


def test_a_base_without_a_description_is_enough_only_where_the_ticket_forbids_nothing() -> None:
    story = ApiStory(begun=None, **{"svc/main.py": "x = 1\n"})
    commit = story.turned(OLD).through(s10_commit)
    check = evidence(s10_commit, commit, "api", "svc")
    assert (
        status(s10_commit, commit) is Status.PASSED
        and check.ok is None
        and "nothing to compare with" in check.measured
    )
    assert (
        judged(s10_commit.judge(s10_commit.Params(), commit.model_copy(update={"compatible": "x"})))
        is Status.UNAVAILABLE
    )


def test_a_wish_that_no_description_can_prove_is_left_to_the_reviewer() -> None:
    story = Story()
    story.products["requirements"] = FORBIDS
    story.developed()
    commit = story.through(s10_commit)
    assert (
        status(s10_commit, commit) is Status.PASSED
        and "for the reviewer" in evidence(s10_commit, commit, "api_descriptions").measured
    )


def test_the_same_trees_are_described_once_a_run() -> None:
    story = ApiStory().turned(MORE)
    commit = story.through(s10_commit)
    commands = len(story.shell.asked)
    fields = {
        "at": story.clock.now(),
        "run": "SCRUM-95",
        "entry": "commit",
        "step": "commit",
        "fingerprint": "f",
        "round": 1,
    }
    story.history.kept["SCRUM-95"] = [
        Recorded(**fields, by="make", product=commit.model_dump(mode="json"), status=Status.PASSED)
    ]
    assert story.seen(s10_commit).api == commit.api and len(story.shell.asked) == commands == 2
    story.declare(env={"STAGE": "{port} {svc_url} {state}"}, pass_env=("KEY",))
    assert story.seen(s10_commit).api != commit.api
    command = story.shell.asked[-1]
    assert command.env == {"STAGE": "3000 http://127.0.0.1:3000 {out}"}
    assert command.pass_env == ("KEY",)
    story.declare(openapi="svc/api.json")
    assert story.seen(s10_commit).api[0].asked == "svc/api.json"
