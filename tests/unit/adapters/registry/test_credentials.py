"""Where logins are looked for, and what is said when they cannot be had."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from devflow.adapters.machine.children import Processes
from devflow.adapters.registry.address import address_of
from devflow.adapters.registry.challenges import challenge_of
from devflow.adapters.registry.credentials import DockerCredentials, Login
from devflow.model.errors import AccessDenied, UsageError

Files = Callable[..., DockerCredentials]
HELPER = """#!/bin/sh
read -r host
echo "asked $1 for $host" >> "{log}"
echo "a warning" >&2
case "$host" in
  {known}) printf '%s' '{answer}' ;;
  *) echo "credentials not found in native keychain"; exit 1 ;;
esac
"""


def auth(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def hidden() -> list[str]:
    return []


@pytest.fixture
def files(tmp_path: Path, hidden: list[str]) -> Files:
    """A home with docker's file, or another one."""

    def make(content: Any, at: str = ".docker/config.json", **environ: str) -> DockerCredentials:
        file = tmp_path / at
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        named = {name: text.format(home=tmp_path) for name, text in environ.items()}
        return DockerCredentials({"HOME": str(tmp_path), **named}, Processes(), hidden.append)

    return make


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A credential helper on the PATH; answers the log of what it was asked."""

    def make(known: str, answer: str, name: str = "toy") -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        log = tmp_path / "log"
        program = folder / f"docker-credential-{name}"
        program.write_text(HELPER.format(log=log, known=known, answer=answer))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return log

    return make


def test_a_login_of_the_file_is_found_and_hidden(files: Files, hidden: list[str]) -> None:
    credentials = files({"auths": {"registry.test": auth("me", "my:secret")}})
    login = credentials.login(address_of("registry.test/acme"))
    assert login == Login("me", "my:secret")
    assert login is not None and {"my:secret", login.basic[6:]} <= set(hidden)


@pytest.mark.parametrize(
    "key",
    ["registry.test", "registry.test/acme", "https://registry.test", "https://registry.test/v2/"],
)
def test_a_registry_is_known_by_any_of_its_names(files: Files, key: str) -> None:
    credentials = files({"auths": {key: auth("me", "secret")}})
    assert credentials.login(address_of("registry.test/acme")) == Login("me", "secret")


def test_the_hub_is_known_by_the_name_that_docker_gives_it(files: Files) -> None:
    credentials = files({"auths": {"https://index.docker.io/v1/": auth("me", "secret")}})
    assert credentials.login(address_of("docker.io/me")) == Login("me", "secret")


def test_a_login_of_another_registry_is_nobodys(files: Files) -> None:
    credentials = files({"auths": {"registry.test.evil": auth("me", "secret")}})
    assert credentials.login(address_of("registry.test")) is None


def test_the_most_particular_name_comes_first(files: Files) -> None:
    auths = {"registry.test": auth("all", "one"), "registry.test/acme": auth("acme", "two")}
    credentials = files({"auths": auths})
    assert credentials.login(address_of("registry.test/acme")) == Login("acme", "two")


@pytest.mark.parametrize(
    ("at", "environ"),
    [
        ("elsewhere/config.json", {"DOCKER_CONFIG": "{home}/elsewhere"}),
        ("run/containers/auth.json", {"XDG_RUNTIME_DIR": "{home}/run"}),
        (".config/containers/auth.json", {}),
        ("named.json", {"REGISTRY_AUTH_FILE": "{home}/named.json"}),
    ],
)
def test_podmans_and_named_files_are_read_too(
    files: Files, at: str, environ: dict[str, str]
) -> None:
    credentials = files({"auths": {"registry.test": auth("me", "secret")}}, at, **environ)
    assert credentials.login(address_of("registry.test")) == Login("me", "secret")


@pytest.mark.parametrize(
    ("entry", "login"),
    [
        ({"identitytoken": "t0ken", **auth("me", "")}, Login(identity_token="t0ken")),
        ({"username": "me", "password": "secret"}, Login("me", "secret")),
        ({"auth": base64.b64encode(b"me:secret\0").decode()}, Login("me", "secret")),
        ({"email": "me@registry.test"}, None),
        ({}, None),
        (7, None),
    ],
)
def test_an_entry_has_one_of_several_shapes(files: Files, entry: Any, login: Login | None) -> None:
    credentials = files({"auths": {"registry.test": entry}})
    assert credentials.login(address_of("registry.test")) == login


@pytest.mark.parametrize("content", ["[]", "{}", '{"auths": []}', '{"credHelpers": 7}'])
def test_a_file_without_logins_is_nobodys(files: Files, content: str) -> None:
    assert files(content).login(address_of("registry.test")) is None


def test_a_file_that_is_no_json_is_named_without_its_content(files: Files) -> None:
    with pytest.raises(AccessDenied) as error:
        files('{"auths": "c2VjcmV0').login(address_of("registry.test"))
    assert error.value.where.endswith("config.json") and "c2VjcmV0" not in str(error.value)


def test_an_entry_that_is_no_base64_is_named(files: Files) -> None:
    with pytest.raises(AccessDenied, match="not base64"):
        files({"auths": {"registry.test": {"auth": "é"}}}).login(address_of("registry.test"))


@pytest.mark.parametrize("setting", ["credHelpers", "credsStore"])
def test_a_helper_is_asked(
    files: Files, helper: Callable[..., Path], hidden: list[str], setting: str
) -> None:
    log = helper("registry.test", '{"Username": "me", "Secret": "out of the helper"}')
    value: Any = {"registry.test": "toy"} if setting == "credHelpers" else "toy"
    credentials = files({setting: value, "auths": {"registry.test": {}}})
    assert credentials.login(address_of("registry.test")) == Login("me", "out of the helper")
    assert log.read_text() == "asked get for registry.test\n"
    assert "out of the helper" in hidden


def test_a_helper_gives_an_identity_token(files: Files, helper: Callable[..., Path]) -> None:
    helper("registry.test", '{"Username": "<token>", "Secret": "t0ken"}')
    credentials = files({"credsStore": "toy"})
    assert credentials.login(address_of("registry.test")) == Login(identity_token="t0ken")


def test_a_helper_that_knows_nothing_leaves_the_file_to_say(
    files: Files, helper: Callable[..., Path]
) -> None:
    helper("other.test", "{}")
    content = {"credsStore": "toy", "auths": {"registry.test": auth("me", "secret")}}
    assert files(content).login(address_of("registry.test")) == Login("me", "secret")
    assert files({"credsStore": "toy"}).login(address_of("registry.test")) is None


def test_a_helper_that_is_not_there_is_named(files: Files) -> None:
    with pytest.raises(AccessDenied, match="docker-credential-nowhere is not on this machine"):
        files({"credsStore": "nowhere"}).login(address_of("registry.test"))


@pytest.mark.parametrize("name", ["../../bin/sh", "a b", "x;id", ""])
def test_a_helper_whose_name_is_none_is_not_run(files: Files, name: str) -> None:
    credentials = files({"credHelpers": {"registry.test": name}})
    if not name:
        assert credentials.login(address_of("registry.test")) is None
        return
    with pytest.raises(AccessDenied, match="no credential helper"):
        credentials.login(address_of("registry.test"))


def test_a_helper_of_another_shape_is_named_without_what_it_said(
    files: Files, helper: Callable[..., Path]
) -> None:
    helper("registry.test", "secret: out of the helper")
    with pytest.raises(AccessDenied) as error:
        files({"credsStore": "toy"}).login(address_of("registry.test"))
    assert "out of the helper" not in str(error.value)
    assert error.value.__cause__ is None and error.value.__suppress_context__


@pytest.mark.parametrize(
    ("headers", "scheme", "realm"),
    [
        (['Basic realm="a, b"'], "basic", "a, b"),
        (
            ['Bearer realm="https://t/token",service="s",scope="repository:a:pull,push"'],
            "bearer",
            "https://t/token",
        ),
        (["Basic realm=plain", 'Bearer realm="https://t/"'], "bearer", "https://t/"),
        (['bearer Realm = "https://t/"'], "bearer", "https://t/"),
    ],
)
def test_a_demand_is_read(headers: list[str], scheme: str, realm: str) -> None:
    challenge = challenge_of(headers)
    assert challenge is not None
    assert (challenge.scheme, challenge.parameters["realm"]) == (scheme, realm)


def test_a_demand_that_is_not_known_is_none() -> None:
    assert challenge_of(["Negotiate", 'Digest realm="x"', ""]) is None


@given(some.text())
def test_any_demand_is_read_or_none(header: str) -> None:
    for text in (header, f"Bearer {header}", f'Basic realm="{header}'):
        challenge = challenge_of([text])
        assert challenge is None or challenge.scheme in ("basic", "bearer")


@given(some.text())
def test_any_name_is_a_registrys_or_refused(name: str) -> None:
    with suppress(UsageError, AccessDenied):
        address = address_of(name)
        assert address.url.startswith(("https://", "http://"))
