"""What `sandbox status` says."""

from devflow.commands.sandbox import described
from devflow.model.sandbox import SandboxFacts

FACTS = {
    "pid": 1,
    "jira": {"url": "http://127.0.0.1:1"},
    "github": {"url": "http://127.0.0.1:2", "repository": "o/r"},
    "registry": {"url": "http://127.0.0.1:3"},
    "git_remote": "/state/git",
    "users": [],
}


def test_each_of_its_servers_has_a_line() -> None:
    lines = list(described(SandboxFacts.model_validate(FACTS)))
    assert lines == [
        "jira     http://127.0.0.1:1",
        "github   http://127.0.0.1:2/o/r",
        "registry http://127.0.0.1:3",
        "remote   /state/git",
    ]


def test_one_that_an_earlier_release_started_has_no_registry() -> None:
    lines = list(described(SandboxFacts.model_validate({**FACTS, "registry": None})))
    assert not any("registry" in line for line in lines)
