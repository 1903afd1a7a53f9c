"""What `sandbox status` says."""

import json

import pytest

from devflow.commands.sandbox import as_object, described
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


@pytest.mark.parametrize("tokens", (False, True))
def test_a_token_leaves_only_where_that_was_asked_for(tokens: bool) -> None:
    jose = {"name": "jose", "email": "j@x", "jira_token": "ATAT-1", "github_token": "ghp-1"}
    facts = SandboxFacts.model_validate({**FACTS, "users": [jose]})
    for told in (
        json.dumps(as_object(facts, tokens=tokens)),
        "\n".join(described(facts, tokens=tokens)),
    ):
        assert "jose" in told
        assert (("ATAT-1" in told), ("ghp-1" in told)) == (tokens, tokens)
    assert "pid" not in as_object(facts, tokens=tokens)


def test_one_that_an_earlier_release_started_has_no_registry() -> None:
    lines = list(described(SandboxFacts.model_validate({**FACTS, "registry": None})))
    assert not any("registry" in line for line in lines)
