"""`connect: real`: what the services say of credentials, names and permissions is told before a
ticket is touched, with its place in the file."""

import base64
import json
import re
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

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


LOGIN = "ada:a-word"


class Registry:
    """A registry that lets one user in, and whoever comes where it is ``open``; it has no image."""

    def __init__(self, server: HTTPServer) -> None:
        self.is_open = False
        self.asked: list[Request] = []
        self.host = f"127.0.0.1:{server.port}"
        server.expect_request(re.compile("/v2/.*")).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.asked.append(request)
        basic = base64.b64encode(LOGIN.encode()).decode()
        if self.is_open or request.headers.get("Authorization") == f"Basic {basic}":
            return Response('{"errors": [{"code": "NAME_UNKNOWN"}]}', 404)
        return Response("", 401, {"WWW-Authenticate": 'Basic realm="here"'})


@pytest.fixture
def registry(real: Checkout, httpserver: HTTPServer) -> Iterator[Registry]:
    """A registry that images are published to; it was not there when the ticket began."""
    registry = Registry(httpserver)
    named = f"project:\n  name: tiny\n  registry: {registry.host}/acme\n"
    with (
        changed(real, "project:\n", named),
        changed(real, "svc: {path: svc,", "svc: {path: svc, image: {},"),
    ):
        yield registry


def of_registry(real: Checkout, code: int, **env: str) -> Mapping[str, Any]:
    return next(one for one in answered(real, code, **env) if one["about"] == "registry")


def logged_in(folder: Path, host: str, login: str) -> str:
    """A folder as `docker login` leaves it."""
    auth = base64.b64encode(login.encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return str(folder)


def test_a_registry_says_as_whom_it_answers(
    real: Checkout, registry: Registry, tmp_path: Path
) -> None:
    config = logged_in(tmp_path, registry.host, LOGIN)
    one = of_registry(real, 0, DOCKER_CONFIG=config)
    assert (one["here"], one["found"]) == (True, f"{registry.host}/acme answers, as ada")
    # nothing was written
    assert {request.method for request in registry.asked} == {"GET"}
    registry.is_open = True
    one = of_registry(real, 0)
    assert one["found"] == f"{registry.host}/acme answers, and asks for no login"


@pytest.mark.parametrize("login", ("", "ada:another-word"))
def test_a_login_that_a_registry_refuses_is_told_with_its_remedy(
    real: Checkout, registry: Registry, tmp_path: Path, login: str
) -> None:
    config = logged_in(tmp_path, registry.host if login else "elsewhere.example", login)
    # as long as nothing has to be published, it holds nobody up
    one = of_registry(real, 0, DOCKER_CONFIG=config)
    assert (one["here"], one["required"]) == (False, False)
    with changed(real, "- publish: {required: false}", "- publish"):
        one = of_registry(real, 4, DOCKER_CONFIG=config)
    assert (one["here"], one["required"], one["entries"]) == (False, True, ["publish"])
    assert "401" in one["found"] and "word" not in one["found"]
    assert one["remedy"].startswith(f"docker login {registry.host}")
    assert one["where"].startswith("pipeline.yaml:")


def test_a_registry_that_does_not_answer_is_told_beside_the_others(
    real: Checkout, registry: Registry
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        nobody = f"127.0.0.1:{silent.getsockname()[1]}"
        with (
            changed(real, registry.host, nobody),
            changed(real, "- publish: {required: false}", "- publish"),
        ):
            said = missing(answered(real, 5))
    assert said == ["registry: no answer within 5 s"]


def test_what_is_no_registry_is_told_as_a_mistake_of_the_file(
    real: Checkout, registry: Registry, httpserver: HTTPServer
) -> None:
    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_data("a web site", 404)
    with changed(real, "- publish: {required: false}", "- publish"):
        one = of_registry(real, 3)
    assert one["where"].startswith("pipeline.yaml:")
    assert "check the registry's name" in one["remedy"]


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
