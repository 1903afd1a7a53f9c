"""No body that somebody sends makes the sandbox fail, or leaves it broken: every route of both
services, each with bodies that are no JSON, no object, or hold odd values where others are meant.

The bodies are made from the route tables, and sent to the application in this process.
"""

import json
import re
import time
from typing import Any, Final, Iterator
from urllib.parse import quote

import httpx
import pytest

from devflow.sandbox.common.web import Route
from tests.contract.sandbox.in_process import SERVICES, Sandbox
from tests.contract.sandbox.valid_bodies import BODIES

READS: Final = ("GET", "HEAD")


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


WHOLE: Final = (
    b"null",
    b"[]",
    b"[null]",
    b"5",
    b'"text"',
    b"true",
    b"{",
    b"\xff\xfe{}",
    b'{"a": \xc3}',
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b"1" * 5000,
    nested(60),
    nested(100_000),
    b'{"a":' * 100_000,
    b'{"body": "\\ud800"}',
    b'{"body": "\\u0000"}',
)
VALUES: Final = (
    None,
    -1,
    2**63,
    10**100,
    "",
    "x",
    "\x7f\n\u2028",
    "é" * 300,
    [],
    [None],
    [1, "x"],
    {},
    {"name": []},
    {"id": {}},
)


def mutants(body: Any) -> Iterator[Any]:
    """The body with one odd value in it, at each place in turn."""
    yield from VALUES
    match body:
        case dict():
            for name, value in body.items():
                yield {key: one for key, one in body.items() if key != name}
                for other in mutants(value):
                    yield {**body, name: other}
        case list():
            for at, value in enumerate(body):
                for other in mutants(value):
                    yield [*body[:at], other, *body[at + 1 :]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(tmp_path_factory.mktemp("odd"))


def writes() -> list[tuple[str, Route]]:
    found = []
    for name, service in SERVICES.items():
        found += [(name, route) for route in service.routes if route.method not in READS]
    return found


def routes(service: str) -> Iterator[Route]:
    yield from SERVICES[service].routes


@pytest.mark.parametrize(
    ("service", "route"), writes(), ids=[f"{one.method} {one.template}" for _, one in writes()]
)
def test_no_body_makes_a_route_fail(service: str, route: Route, sandbox: Sandbox) -> None:
    path = sandbox.filled(route.template)
    failed = []
    contents = list(WHOLE)
    body = sandbox.valid(BODIES.get(f"{route.method} {route.template}", {}))
    contents += [json.dumps(one).encode() for one in mutants(body)]
    for content in contents:
        answer = sandbox.ask(service, route.method, path, content)
        if answer.status >= 500:
            failed.append(content[:200])
    assert not failed


WORDS: Final = ("\0", "é" * 300, "--x", "9" * 30)
NUMBERS: Final = ("", "-1", "9" * 30, "\0", "²")
QUERIES: Final = ("per_page", "page", "startAt", "maxResults", "nextPageToken")
QUERIES_OF_TEXT: Final = ("fields", "expand", "jql", "ref", "head", "state", "query", "accountId")


@pytest.mark.parametrize("service", SERVICES)
def test_no_path_or_query_makes_a_read_fail(service: str, sandbox: Sandbox) -> None:
    failed = []
    for route in routes(service):
        if route.method not in READS:
            continue
        whole = sandbox.filled(route.template)
        paths = []
        for names, texts in ((QUERIES, NUMBERS), (QUERIES_OF_TEXT, WORDS)):
            for text in texts:
                query = "&".join(f"{name}={quote(text)}" for name in names)
                paths.append(f"{whole}?{query}")
        for name in re.findall(r"{(\w+)}", route.template):
            for text in WORDS:
                paths.append(sandbox.filled(route.template.replace(f"{{{name}}}", text)))
        for path in paths:
            if sandbox.ask(service, route.method, path).status >= 500:
                failed.append(path[:120])
    assert not failed


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_that_was_taken_breaks_what_reads_it(service: str, sandbox: Sandbox) -> None:
    """After all of it was sent."""
    failed = []
    for route in routes(service):
        if route.method in READS:
            answer = sandbox.ask(service, route.method, sandbox.filled(route.template))
            if answer.status >= 500:
                failed.append((route.template, answer))
    assert not failed


@pytest.mark.parametrize("service", ("jira", "github", "registry"))
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:1", "[::1]:80", "a.localhost", "10.0.0.1"]
)
def test_an_address_and_localhost_are_answered(service: str, host: str, world: Any) -> None:
    url = world.described[service]["url"]
    assert httpx.get(f"{url}/v2/", headers={"Host": host}).status_code != 421


@pytest.mark.parametrize("service", ("jira", "github", "registry"))
@pytest.mark.parametrize(
    "host", ["attacker.example", "127.0.0.1.attacker.example:80", "localhost@attacker.example", ""]
)
def test_another_name_is_refused_on_every_page(service: str, host: str, world: Any) -> None:
    url = world.described[service]["url"]
    for path in ("/browse/SCRUM-95", "/acme/carprice", "/rest/api/3/serverInfo", "/v2/"):
        answer = httpx.get(url + path, headers={"Host": host})
        assert answer.status_code == 421 and "localhost" in answer.text


@pytest.mark.parametrize("service", ("jira", "github"))
def test_a_body_of_30_megabytes_and_one_that_is_all_brackets_are_refused_soon(
    service: str, world: Any
) -> None:
    path = {"jira": "/rest/api/3/issue", "github": "/repos/acme/carprice/pulls"}[service]
    large = b'{"title": "' + b"x" * 30_000_000 + b'"}'
    for content, status in ((large, 413), (b"[" * 20_000_000, 400), (b"[]," * 5_000_000, 400)):
        began_s = time.monotonic()
        answer = world.raw(service, "POST", path, content=content, timeout=30.0)
        assert answer.status_code == status
        assert time.monotonic() - began_s < 5.0
