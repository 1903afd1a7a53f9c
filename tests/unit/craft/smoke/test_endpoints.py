"""What a service's own description lets a smoke test ask, and that no description stops it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.smoke.endpoints import METHODS, Endpoint, endpoints

OK = {"responses": {"200": {}}}


def only(operation: dict[str, Any], path: str = "/cars", **document: Any) -> Endpoint:
    """The endpoint of a description with one operation."""
    described = {"paths": {path: {"post": {**OK, **operation}}}, **document}
    (found,) = endpoints(described)
    return found


def body(content: dict[str, Any], **document: Any) -> Endpoint:
    """An endpoint whose body is described so."""
    return only({"requestBody": {"content": {"application/json": content}}}, **document)


def parameter(**described: Any) -> Endpoint:
    """An endpoint with one parameter of its query."""
    return only({"parameters": [{"name": "year", "in": "query", "required": True, **described}]})


def test_an_operation_without_a_body_is_asked_as_it_stands() -> None:
    expected = Endpoint("POST /cars", "POST", "/cars", "", (200,), "")
    assert only({}) == expected


def test_only_statuses_of_success_are_expected() -> None:
    responses = {"201": {}, "204": {}, "404": {}, "default": {}, "2XX": {}, "2²": {}}
    assert only({"responses": responses}).expected == (201, 204)


@pytest.mark.parametrize("responses", [{}, {"404": {}}, {"default": {}}, [], 7, None])
def test_an_operation_without_a_documented_success_is_not_asked(responses: Any) -> None:
    assert only({"responses": responses}).why_not == "no status of success is documented"


@pytest.mark.parametrize(
    "content",
    [
        {"example": {"year": 2020}},
        {"examples": {"first": {"value": {"year": 2020}}, "second": {"value": {"year": 1}}}},
        {"examples": {"first": {"$ref": "#/components/examples/car"}}},
        {"schema": {"example": {"year": 2020}}},
        {"schema": {"examples": [{"year": 2020}, {"year": 1}]}},
        {"schema": {"$ref": "#/components/schemas/Car"}},
        {"schema": {"allOf": [{"$ref": "#/components/schemas/Car"}]}},
        {"schema": {"anyOf": [{"$ref": "#/components/schemas/Car"}, {"type": "null"}]}},
    ],
)
def test_a_body_is_its_first_example_wherever_it_stands(content: dict[str, Any]) -> None:
    car = {"examples": [{"year": 2020}]}
    components = {"schemas": {"Car": car}, "examples": {"car": {"value": {"year": 2020}}}}
    found = body(content, components=components)
    assert json.loads(found.body) == {"year": 2020}
    assert found.why_not == ""


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"schema": {}},
        {"examples": {}},
        {"schema": {"examples": []}},
        {"examples": {"first": {"externalValue": "https://elsewhere/"}}},
        {"schema": {"$ref": "#/components/schemas/None"}},
        {"schema": {"$ref": "#/paths"}, "examples": 7},
    ],
)
def test_a_body_without_an_example_is_not_asked(content: dict[str, Any]) -> None:
    found = body(content)
    assert (found.body, found.why_not) == ("", "no example of its body")


def test_a_body_of_another_type_is_not_asked() -> None:
    found = only({"requestBody": {"content": {"text/csv": {"example": "a,b"}}}})
    assert found.why_not == "no example of its body"


@pytest.mark.parametrize(
    ("described", "path"),
    [
        ({"example": 2020}, "/cars?year=2020"),
        ({"examples": {"first": {"value": "a b&c"}}}, "/cars?year=a+b%26c"),
        ({"schema": {"examples": [True]}}, "/cars?year=true"),
        ({"schema": {"example": [1, "b"]}}, "/cars?year=1&year=b"),
        ({"example": "\ud800"}, "/cars?year=%3F"),
    ],
)
def test_a_required_parameter_is_its_example(described: dict[str, Any], path: str) -> None:
    found = parameter(**described)
    assert (found.path, found.why_not) == (path, "")


@pytest.mark.parametrize("described", [{}, {"schema": {"type": "string"}}, {"in": "header"}])
def test_a_required_parameter_without_an_example_is_not_asked(described: dict[str, Any]) -> None:
    assert parameter(**described).why_not == "no example of year"


def test_a_header_that_is_required_cannot_be_sent() -> None:
    assert parameter(**{"in": "header", "example": "x"}).why_not == "no example of year"


def test_an_optional_parameter_is_left_out() -> None:
    assert parameter(required=False).path == "/cars"


def test_what_stands_in_a_path_is_filled_and_quoted() -> None:
    described = {"name": "id", "in": "path", "required": True, "example": "a/b c"}
    found = only({"parameters": [described]}, "/cars/{id}")
    assert found.path == "/cars/a%2Fb%20c"
    assert found.name == "POST /cars/{id}"


@pytest.mark.parametrize("parameters", [[], [{"name": "id", "in": "path"}], None, 7])
def test_a_path_that_cannot_be_filled_is_not_asked(parameters: Any) -> None:
    assert only({"parameters": parameters}, "/cars/{id}").why_not == "no example of id"


def test_an_operations_own_parameter_stands_in_place_of_its_paths() -> None:
    shared = {"name": "id", "in": "path", "required": True}
    own = {**shared, "example": 7}
    item = {"parameters": [shared], "get": {**OK, "parameters": [own]}}
    (found,) = endpoints({"paths": {"/cars/{id}": item}})
    assert (found.path, found.why_not) == ("/cars/7", "")


def test_what_is_shared_is_referred_to() -> None:
    year = {"name": "year", "in": "query", "required": True, "example": 1}
    components = {"parameters": {"year": {"$ref": "#/components/parameters/old"}, "old": year}}
    found = only({"parameters": [{"$ref": "#/components/parameters/year"}]}, components=components)
    assert found.path == "/cars?year=1"


def test_a_reference_to_itself_leads_nowhere() -> None:
    components = {"requestBodies": {"self": {"$ref": "#/components/requestBodies/self"}}}
    found = only({"requestBody": components["requestBodies"]["self"]}, components=components)
    assert found.path == "/cars"


@pytest.mark.parametrize("document", [None, [], 7, {}, {"paths": []}, {"paths": {"/": 7}}])
def test_what_describes_nothing_has_no_endpoints(document: Any) -> None:
    assert list(endpoints(document)) == []


NAMES = st.sampled_from(
    (
        "schema",
        "example",
        "examples",
        "value",
        "$ref",
        "allOf",
        "anyOf",
        "name",
        "in",
        "required",
        "content",
        "application/json",
        "responses",
        "200",
        "properties",
    )
)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(("path", "query", "id", "#/paths", "#/", "\ud800", "")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
OPERATION = st.fixed_dictionaries(
    {}, optional={"parameters": ANY | st.lists(ANY), "requestBody": ANY, "responses": ANY}
)
ITEM = st.dictionaries(st.sampled_from((*METHODS, "parameters", "$ref")), OPERATION | ANY)
DOCUMENT = st.fixed_dictionaries(
    {"paths": st.dictionaries(st.sampled_from(("/", "/{id}", "{", "")), ITEM) | ANY}
)


@given(DOCUMENT | ANY)
def test_no_document_raises(document: Any) -> None:
    for found in endpoints(document):
        assert found.why_not or found.expected
