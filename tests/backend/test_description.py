"""The OpenAPI description: complete, with examples that are true, and kept by the service whatever
is sent (schemathesis)."""

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from services.backend.app import create_app

OPERATIONS = (
    "GET /",
    "GET /health",
    "POST /api/v1/price/current",
    "POST /api/v1/price/future",
    "GET /api/v1/listings",
    "POST /api/v1/listings",
    "GET /api/v1/events",
    "POST /api/v1/events",
)
EXAMPLES = 25  # generated requests of each kind for each operation, seeded


@pytest.fixture(scope="session")
def description(backend):
    """Return the description as a client gets it."""
    return backend.get("/openapi.json").json()


@pytest.fixture(scope="session")
def api(tmp_path_factory):
    """Return the service's schema as schemathesis reads it from the service, in this process."""
    app = create_app(tmp_path_factory.mktemp("described") / "carprice.sqlite3")
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def operations(description):
    """Yield name and operation of every request that is described."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def examples(description, content):
    """Return the examples of a media type: its own, else its schema's."""
    if "example" in content:
        return [content["example"]]
    return resolved(description, content["schema"]).get("examples", [])


def resolved(description, part):
    """Return what a `$ref` stands for."""
    if "$ref" not in part:
        return part
    _, _, name = part["$ref"].rpartition("/")
    return description["components"]["schemas"][name]


def body_of(operation):
    """Return the media type of a request's body."""
    return operation["requestBody"]["content"]["application/json"]


def test_new_routes(description):
    assert sorted(name for name, _ in operations(description)) == sorted(OPERATIONS)


def test_every_operation_says_what_it_does_and_how_it_fails(description):
    for name, operation in operations(description):
        assert operation["summary"] and operation["description"] and operation["tags"], name
        statuses = set(operation["responses"])
        assert {"411", "413", "500"} < statuses, name
        needs_database = "listings" in name or "events" in name or "health" in name
        assert ("503" in statuses) == needs_database, name
        takes_something = "parameters" in operation or "requestBody" in operation
        assert ("422" in statuses) == takes_something, name
        assert ("400" in statuses) == ("requestBody" in operation), name
        assert all(each["description"] for each in operation["responses"].values()), name
        assert all(each["description"] for each in operation.get("parameters", [])), name
    assert len({operation["operationId"] for _, operation in operations(description)}) == 8


def test_every_body_and_every_answer_has_an_example_that_fits_its_schema(description):
    count = 0
    for name, operation in operations(description):
        contents = [each["content"]["application/json"] for each in operation["responses"].values()]
        if "requestBody" in operation:
            contents.append(body_of(operation))
        for content in contents:
            schema = {**content["schema"], "components": description["components"]}
            instances = examples(description, content)
            assert instances, (name, content)
            for instance in instances:
                jsonschema.validate(instance, schema)
                count += 1
    assert count > 40


def test_the_examples_are_what_the_service_answers(backend, description):
    for name, operation in operations(description):
        if name in ("POST /api/v1/price/current", "POST /api/v1/price/future"):
            (question,) = examples(description, body_of(operation))
            content = operation["responses"]["200"]["content"]["application/json"]
            (answer,) = examples(description, content)
            _, _, path = name.partition(" ")
            assert backend.post(path, json=question).json() == answer


@pytest.mark.parametrize(
    "path", ["/api/v1/price/current", "/api/v1/price/future", "/api/v1/listings", "/api/v1/events"]
)
def test_the_examples_of_the_description_are_accepted(fresh_backend, description, path):
    body = body_of(description["paths"][path]["post"])
    (example,) = examples(description, body)
    assert fresh_backend.post(path, json=example).status_code in (200, 201)


MODES = [(name, GenerationMode.POSITIVE) for name in OPERATIONS]
# "GET /" and "GET /health" take nothing that could be wrong
MODES += [(name, GenerationMode.NEGATIVE) for name in OPERATIONS if "api" in name]


@pytest.mark.parametrize("name, mode", MODES)
def test_whatever_is_sent_the_service_keeps_to_its_description(api, name, mode):
    method, path = name.split(" ")

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path][method].as_strategy(generation_mode=mode))
    def holds(case):
        case.call_and_validate()

    holds()
