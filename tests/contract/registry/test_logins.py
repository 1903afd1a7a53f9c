"""Who we are to a registry: nobody, a user, or a token of the service that it names."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response

from devflow.adapters.registry.credentials import Login
from devflow.model.errors import AccessDenied, DevflowError, RemoteSilent
from devflow.ports.registry import Admitted
from tests.contract.registry.gate import Forward, Gate, status
from tests.contract.registry.places import NoLogin, OneLogin, Place, place_at

LOGIN = Login("somebody", "a-secret-word")


def basic(request: Request) -> Response | None:
    """Lets one user in."""
    if request.headers.get("Authorization") == LOGIN.basic:
        return None
    return Response("", 401, {"WWW-Authenticate": 'Basic realm="here"'})


class Tokens:
    """A registry that demands tokens, and the service that gives them; each token allows the scopes
    that were asked for."""

    def __init__(self, gate: Gate, life_s: float | None = None) -> None:
        self.gate = gate
        self.life_s = life_s
        self.given: dict[str, set[str]] = {}
        self.asked: list[Request] = []
        gate.guard = self.guard

    def guard(self, request: Request) -> Response | None:
        if request.path == "/token":
            return self._give(request)
        header = request.headers.get("Authorization", "")
        scope = _scope(request)
        if scope <= self.given.get(header, set()):
            return None
        words = ",".join(f'{name}="{text}"' for name, text in self._demand(scope).items())
        return Response("", 401, {"WWW-Authenticate": f"Bearer {words}"})

    def _demand(self, scope: set[str]) -> dict[str, str]:
        actions = sorted(one.rpartition(":")[2] for one in scope)
        repository = next(iter(scope)).rpartition(":")[0]
        return {
            "realm": f"{self.gate.url}/token",
            "service": "the registry",
            "scope": f"{repository}:{','.join(actions)}",
        }

    def _give(self, request: Request) -> Response:
        self.asked.append(request)
        given = request.form if request.method == "POST" else request.args
        scopes = set()
        for scope in " ".join(given.getlist("scope")).split():
            name, _, actions = scope.rpartition(":")
            scopes |= {f"{name}:{action}" for action in actions.split(",")}
        token = f"token-number-{len(self.asked)}"
        self.given[f"Bearer {token}"] = scopes
        body: dict[str, Any] = {"token": token}
        if self.life_s is not None:
            body["expires_in"] = self.life_s
        return Response(json.dumps(body), 200, {"Content-Type": "application/json"})


def _scope(request: Request) -> set[str]:
    path = re.sub(r"^/v2/(.+?)/(blobs|manifests|tags|referrers)/.*$", r"\1", request.path)
    actions = {"pull"} if request.method in ("GET", "HEAD") else {"pull", "push"}
    needed = {f"repository:{path}:{action}" for action in actions}
    if request.args.get("from"):
        needed.add(f"repository:{request.args['from']}:pull")
    return needed


def publish(place: Place) -> Any:
    image = place.image()
    repository = place.repository()
    place.registry.publish(repository, image.digest, ("one",))
    assert place.registry.find(repository, "one").digest == image.digest
    return image


def test_a_user_and_a_password_are_taken(gate: Gate, tmp_path: Path) -> None:
    gate.guard = basic
    login = OneLogin(LOGIN)
    publish(place_at(gate.host, tmp_path, login))
    assert login.asked == 1
    assert not any("a-secret-word" in call for call in gate.calls)


def test_a_login_is_asked_for_only_where_one_is_demanded(gate: Gate, tmp_path: Path) -> None:
    login = OneLogin(LOGIN)
    publish(place_at(gate.host, tmp_path, login))
    assert login.asked == 0
    assert not any("Authorization" in request.headers for request in gate.seen)


@pytest.mark.parametrize("login", [NoLogin(), OneLogin(Login("somebody", "wrong-word"))])
def test_without_the_right_login_the_next_command_is_named(
    gate: Gate, tmp_path: Path, login: Any
) -> None:
    gate.guard = basic
    place = place_at(gate.host, tmp_path, login)
    with pytest.raises(AccessDenied) as error:
        place.registry.find(place.repository(), "one")
    assert f"docker login {gate.host}" in error.value.hint
    assert "word" not in str(error.value)


def test_a_token_is_fetched_for_what_is_done_and_kept(gate: Gate, tmp_path: Path) -> None:
    tokens = Tokens(gate)
    publish(place_at(gate.host, tmp_path, OneLogin(LOGIN)))
    # one to read, one to write
    assert len(tokens.asked) == 2
    assert all(one.headers["Authorization"] == LOGIN.basic for one in tokens.asked)
    assert {one.args["service"] for one in tokens.asked} == {"the registry"}
    assert all(
        "Basic" not in request.headers.get("Authorization", "")
        for request in gate.seen
        if request.path != "/token"
    )


def test_who_publishes_is_let_in_as_a_user_as_nobody_or_unasked(gate: Gate, tmp_path: Path) -> None:
    assert place_at(gate.host, tmp_path, OneLogin(LOGIN)).registry.admits("acme/one") == Admitted(
        demands=False, login=""
    )
    tokens = Tokens(gate)
    user = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    assert user.registry.admits("acme/one") == Admitted(demands=True, login="somebody")
    assert "repository:acme/one:pull,push" in tokens.asked[0].args.getlist("scope")
    identity = place_at(gate.host, tmp_path, OneLogin(Login(identity_token="an-identity")))
    assert identity.registry.admits("acme/one") == Admitted(demands=True, login="a token")
    nobody = place_at(gate.host, tmp_path)
    assert nobody.registry.admits("acme/one") == Admitted(demands=True, login="")
    assert not any(call.startswith("PUT") for call in gate.calls)


def test_a_token_to_mount_allows_to_read_the_other_repository(gate: Gate, tmp_path: Path) -> None:
    tokens = Tokens(gate)
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    image = publish(place)
    second = place.repository()
    place.registry.publish(second, image.digest, ("one",))
    assert place.registry.sent(second)[1] == 4
    assert any(len(one.args.getlist("scope")) > 1 for one in tokens.asked)


def test_a_token_is_asked_for_one_repository_alone(gate: Gate, tmp_path: Path) -> None:
    tokens = Tokens(gate)
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    place.registry.find("acme/one", "tag")
    place.registry.find("acme/two", "tag")
    scopes = [one.args.getlist("scope") for one in tokens.asked]
    assert scopes == [["repository:acme/one:pull"], ["repository:acme/two:pull"]]


def test_nobody_gets_a_token_too(gate: Gate, tmp_path: Path) -> None:
    tokens = Tokens(gate)
    publish(place_at(gate.host, tmp_path))
    assert not any("Authorization" in one.headers for one in tokens.asked)


def test_a_token_that_has_ended_is_fetched_anew(gate: Gate, tmp_path: Path) -> None:
    tokens = Tokens(gate, life_s=1.0)
    publish(place_at(gate.host, tmp_path, OneLogin(LOGIN)))
    assert len(tokens.asked) > 5


def test_a_token_that_the_registry_forgot_is_fetched_anew(gate: Gate, tmp_path: Path) -> None:
    tokens = Tokens(gate)
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    publish(place)
    tokens.given.clear()
    publish(place)


def test_an_identity_token_is_exchanged(gate: Gate, tmp_path: Path) -> None:
    tokens = Tokens(gate)
    publish(place_at(gate.host, tmp_path, OneLogin(Login(identity_token="an-identity"))))
    assert all(one.method == "POST" for one in tokens.asked)
    assert tokens.asked[0].form["refresh_token"] == "an-identity"
    assert tokens.asked[0].form["grant_type"] == "refresh_token"


@pytest.mark.parametrize("answer", ["{}", "<html>", '{"token": 7, "expires_in": "soon"}', "[]"])
def test_a_token_service_of_another_shape_is_silent_and_shows_nothing(
    gate: Gate, tmp_path: Path, answer: str
) -> None:
    tokens = Tokens(gate)

    def guard(request: Request) -> Response | None:
        return Response(answer, 200) if request.path == "/token" else tokens.guard(request)

    gate.guard = guard
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    with pytest.raises(RemoteSilent, match="another shape"):
        place.registry.find(place.repository(), "one")


@pytest.mark.parametrize("code", [401, 403])
def test_a_token_service_that_refuses_is_denied(gate: Gate, tmp_path: Path, code: int) -> None:
    tokens = Tokens(gate)

    def guard(request: Request) -> Response | None:
        return Response("", code) if request.path == "/token" else tokens.guard(request)

    gate.guard = guard
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    with pytest.raises(AccessDenied):
        place.registry.find(place.repository(), "one")


@pytest.mark.parametrize("realm", ["http://tokens.test/token", "ftp://127.0.0.1/", "", "token"])
def test_a_password_goes_to_no_service_that_could_be_listened_to(
    gate: Gate, tmp_path: Path, realm: str
) -> None:
    demand = {"WWW-Authenticate": f'Bearer realm="{realm}"'}
    gate.guard = lambda _: Response("", 401, demand)
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    with pytest.raises(AccessDenied, match="no safe token service"):
        place.registry.find(place.repository(), "one")


def test_a_demand_of_another_kind_is_denied(gate: Gate, tmp_path: Path) -> None:
    gate.guard = lambda _: Response("", 401, {"WWW-Authenticate": "Negotiate"})
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    with pytest.raises(AccessDenied):
        place.registry.find(place.repository(), "one")


def test_no_error_shows_a_token_or_a_password(gate: Gate, tmp_path: Path) -> None:
    Tokens(gate)
    gate.on("PUT .*/manifests/", status(403, "DENIED"), 10)
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    with pytest.raises(DevflowError) as error:
        publish(place)
    text = f"{error.value} {error.value.hint} {error.value.where}"
    assert "token-number" not in text and LOGIN.password not in text
    assert base64.b64encode(LOGIN.password.encode()).decode() not in text


def test_storage_that_it_redirects_to_is_shown_no_token(
    gate: Gate, tmp_path: Path, httpserver: Any
) -> None:
    Tokens(gate)
    place = place_at(gate.host, tmp_path, OneLogin(LOGIN))
    image = publish(place)
    repository = "127.0.0.1/x"
    seen: list[Request] = []

    def storage(request: Request) -> Response:
        seen.append(request)
        return Response(place.store.read(image.digest))

    httpserver.expect_request("/storage").respond_with_handler(storage)

    def away(request: Request, forward: Forward) -> Response:
        return Response("", 307, {"Location": httpserver.url_for("/storage")})

    gate.on("GET .*/blobs/", away)
    place.registry.blob(f"acme/{repository.rpartition('/')[2]}", image.digest).close()
    assert seen and "Authorization" not in seen[0].headers
