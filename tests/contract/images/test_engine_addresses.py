"""Which engine is asked: by the environment, by a context of the docker command, and what it says
that it is."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from devflow.adapters.images.engine.client import PING_S, Engines
from devflow.model.errors import Unavailable, UsageError
from tests.contract.images.answering_engine import VERSION, Answers, answering


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    with answering() as server:
        monkeypatch.setenv("DOCKER_HOST", server.host)
        yield server


def test_an_engine_says_what_it_is_and_where(engine: Answers) -> None:
    found = Engines().find()
    assert found is not None
    assert (found.kind, found.version) == ("docker", "20.10.24")
    assert found.address.startswith("tcp://127.0.0.1:")
    engine.version = {**VERSION, "Version": "4.3.1", "Components": [{"Name": "Podman Engine"}]}
    podman = Engines().find()
    assert podman is not None
    assert (podman.kind, podman.version) == ("podman", "4.3.1")


def test_an_engine_that_is_slow_to_say_its_version_is_there(engine: Answers) -> None:
    engine.version_after_s = PING_S + 0.5
    found = Engines().find()
    assert found is not None and found.version == "20.10.24"


@pytest.mark.parametrize("host", ["unix:///none.sock", "tcp://127.0.0.1:1", "nonsense"])
def test_where_no_engine_answers_there_is_none(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert Engines().find() is None
    with pytest.raises(Unavailable, match="no container engine answers"):
        Engines().client()


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The docker command's folder of a user."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def add_context(folder: Path, name: str, body: str) -> None:
    described = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    described.mkdir(parents=True)
    (described / "meta.json").write_text(body)


def endpoint(host: str) -> str:
    return json.dumps({"Name": "far", "Metadata": {}, "Endpoints": {"docker": {"Host": host}}})


def test_the_context_of_the_docker_command_is_followed(
    contexts: Path, engine: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST")
    add_context(contexts, "far", endpoint(engine.host))
    (contexts / "config.json").write_text('{"currentContext": "far"}')
    found = Engines().find()
    assert found is not None
    assert found.context == "far"


def test_a_context_is_found_where_there_is_no_configuration_beside_it(
    contexts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_context(contexts, "far", endpoint("tcp://127.0.0.1:1"))
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    assert Engines().address().url == "tcp://127.0.0.1:1"


def test_docker_host_goes_before_a_context(contexts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "mistyped")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert Engines().address().context == ""


def test_a_context_that_does_not_exist_is_refused_and_never_the_local_engine(
    contexts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "mistyped")
    for ask in (Engines().find, Engines().client):
        with pytest.raises(UsageError, match="no docker context 'mistyped'"):
            ask()


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"Endpoints": {"docker": {}}}'])
def test_a_context_that_cannot_be_read_is_refused(
    contexts: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    add_context(contexts, "far", body)
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    with pytest.raises(UsageError, match="cannot be read"):
        Engines().find()


def test_without_any_context_the_local_socket_is_asked(contexts: Path) -> None:
    address = Engines().address()
    assert (address.url, address.context) == ("unix:///var/run/docker.sock", "default")


@pytest.mark.parametrize(("spoken", "asked"), [("1.39", ["_ping"]), ("", ["_ping", "version"])])
def test_a_client_speaks_what_a_ping_says_and_asks_for_more_only_where_it_says_nothing(
    engine: Answers, spoken: str, asked: list[str]
) -> None:
    engine.spoken = spoken
    with Engines().connected() as client:
        assert client.api_version == (spoken or VERSION["ApiVersion"])
    assert engine.asked == asked
