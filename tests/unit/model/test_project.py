"""What may stand under ``project: suites``, and how commands are written anywhere in
pipeline.yaml."""

import pytest
from pydantic import ValidationError

from devflow.adapters.proxy.port import Backend, Route
from devflow.model.bounds.commands import argv_of, text_of
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.project import ImageSettings, Service, Suite
from devflow.model.values import identity

NODE = "node --test 'a b.js'"
WORDS = ("node", "--test", "a b.js")


@pytest.mark.parametrize("command", [NODE, WORDS, list(WORDS)])
def test_a_command_is_a_list_or_a_text_wherever_one_is_named(command: object) -> None:
    named = (
        Suite(run=command, setup=command).run,
        Suite(run=command, setup=command).setup,
        Service(path="a", port=1, run=command).run,
        ImageSettings(command=command).command,
    )
    for one in named:
        assert (argv_of(one), text_of(one)) == (WORDS, NODE)


def test_as_many_replicas_as_may_be_declared_fit_behind_one_port_of_two_versions() -> None:
    most = EnvironmentSettings(replicas=16).replicas
    behind = tuple(
        Backend(id=f"{version}.{index}", port=8000 + index, version=version, weight_pct=1)
        for version in ("old", "new")
        for index in range(most)
    )
    assert len(Route(service="api", backends=behind).backends) == 2 * most
    with pytest.raises(ValidationError, match="a whole number from 1 to 16"):
        EnvironmentSettings(replicas=most + 1)


def test_what_was_written_decides_whether_something_is_made_again() -> None:
    assert identity(Suite(run=NODE)) == {"run": NODE}
    assert identity(Suite(run=WORDS)) == {"run": list(WORDS)}
    assert identity(Suite(path="tests")) == {"path": "tests"}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("npm ci && npm test", "no shell reads it"),
        ("CI=1 npm test", "put 'CI=1' under env:"),
        ("echo 'open", "No closing quotation"),
        (7, "a command: a list of words"),
        ({"npm": "test"}, "a command: a list of words"),
        (["a\0b"], "a command: a list of words"),
    ],
)
def test_what_only_a_shell_would_understand_is_refused(command: object, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Suite(run=command)
    with pytest.raises(ValidationError, match=why):
        Service(path="a", port=1, run=command)


@pytest.mark.parametrize(
    ("suite", "why"),
    [
        ({}, "say either path: .* or run:"),
        ({"run": ""}, "say either path: .* or run:"),
        ({"path": "tests", "run": "make check"}, "say either path: .* or run:"),
        ({"path": "tests", "junit": "a.xml"}, "junit: is for a suite with run:"),
        ({"path": "tests", "coverage": "lcov.info"}, "coverage: is for a suite with run:"),
        ({"run": "a", "keep": ["node_modules"]}, "and it is missing"),
        ({"run": "a", "setup": "b", "keep": ["node_modules"]}, "say both"),
        ({"run": "a", "setup": "b", "setup_key": ["a.lock"]}, "say both"),
        ({"run": "a", "junit": "../a.xml"}, "a path inside the repository"),
        ({"run": "a", "setup": "b", "setup_key": ["l"], "keep": ["/etc"]}, "a path inside"),
    ],
)
def test_a_suite_says_one_way_to_run_it(suite: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Suite.model_validate(suite)
