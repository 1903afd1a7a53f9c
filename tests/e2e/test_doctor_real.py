"""`connect: real`: what the services say of credentials, names and permissions is told before a
ticket is touched, with its place in the file."""

import json
import socket
from contextlib import contextmanager
from typing import Any, Iterator, Mapping, Sequence

import pytest

from tests.e2e.checkout import KEY, Checkout
from tests.e2e.messages import error_of
from tests.e2e.test_real_connection import real_checkout, real_environment


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = real_checkout(tmp_path_factory.mktemp("real") / "tiny")
    yield checkout
    checkout.close()


def answered(real: Checkout, code: int, *words: str, **env: str) -> Sequence[Mapping[str, Any]]:
    """What is said of the services."""
    ran = real.devflow("doctor", *words, "--output", "json", **real_environment(real, **env))
    assert ran.returncode == code, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert told["exit_code"] == code
    return [one for one in told["needed"] if one["group"] == "connection"]


def missing(told: Sequence[Mapping[str, Any]]) -> list[str]:
    return [one["found"] for one in told if one["here"] is False]


def test_each_service_says_as_whom_it_is_asked(real: Checkout) -> None:
    told = answered(real, 0)
    assert {one["about"]: one["found"] for one in told} == {
        "JIRA": "as Jose Rubio",
        "project": "SCRUM: Car Price Predictor",
        "GitHub": "as jose, who may write",
        "remote": "origin has main",
        "protection": "main has no protection rules",
    }
    # the way to Done, and whether the gates can be satisfied
    assert not missing(answered(real, 0, KEY))


@pytest.mark.parametrize("name", ("JIRA_API_TOKEN", "GITHUB_TOKEN"))
def test_a_token_that_is_wrong_is_told_once_and_ends_with_4(real: Checkout, name: str) -> None:
    (said,) = missing(answered(real, 4, **{name: "nobodys-token-at-all"}))
    assert "(401)" in said


def test_a_repository_that_does_not_exist_is_told_before_anything_is_written(
    real: Checkout,
) -> None:
    (said,) = missing(answered(real, 4, GITHUB_REPOSITORY="acme/nothing"))
    assert "shows this token no repository acme/nothing" in said
    before = real.git("for-each-ref")
    env = real_environment(real, GITHUB_REPOSITORY="acme/nothing")
    message = error_of(real.devflow("start", KEY, **env), 4)
    assert "acme/nothing" in message
    assert real.git("for-each-ref") == before
    assert not (real.state / "journal.db").exists()


def test_a_name_of_the_file_is_told_with_its_line(real: Checkout) -> None:
    with changed(real, "project: SCRUM", "project: NOPE"):
        one = next(one for one in answered(real, 3) if one["here"] is False)
        assert one["found"].startswith("no project NOPE on http")
        assert one["where"].startswith("pipeline.yaml:")
        message = error_of(real.devflow("start", KEY, **real_environment(real)), 3)
        assert "pipeline.yaml:" in message


def test_a_base_that_the_remote_lacks_is_told_with_its_line(real: Checkout) -> None:
    with changed(real, "project:\n", "project:\n  base: trunk\n"):
        found = [one for one in answered(real, 3) if one["here"] is False]
        assert [one["found"] for one in found] == ["origin has no branch trunk"]
        assert found[0]["where"].startswith("pipeline.yaml:")


def test_all_questions_together_take_five_seconds(real: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}"
        said = missing(answered(real, 5, JIRA_BASE_URL=nobody, GITHUB_API_URL=nobody))
    names = ("JIRA", "project", "GitHub", "base branch")
    assert said == [f"{name}: no answer within 5 s" for name in names]


@contextmanager
def changed(real: Checkout, before: str, after: str) -> Iterator[None]:
    file = real.folder / "pipeline.yaml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    try:
        yield
    finally:
        file.write_text(text)
