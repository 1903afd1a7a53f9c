"""What a change of an API's description breaks for its callers: each rule by a case, and what holds
for every description."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.api.openapi_difference import difference
from devflow.craft.api.schema_alternatives import Unreadable

CAR = {
    "type": "object",
    "required": ["brand"],
    "properties": {
        "brand": {"type": "string", "enum": ["audi", "bmw"]},
        "mileage_km": {"type": "integer", "minimum": 0, "maximum": 1000},
        "note": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
VALUE = {
    "type": "object",
    "required": ["value_eur", "currency"],
    "properties": {
        "value_eur": {"type": "number"},
        "currency": {"type": "string", "enum": ["EUR"]},
        "at": {"type": "string", "format": "date"},
        "tree": {"$ref": "#/components/schemas/Node"},
    },
}
NODE = {
    "type": "object",
    "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}},
}
CALL = "POST /price/{id}"


def api() -> dict[str, Any]:
    def json_of(name: str) -> dict[str, Any]:
        return {
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        }

    operation = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
            {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        ],
        "requestBody": {"required": True, **json_of("Car")},
        "responses": {"200": json_of("Value"), "404": {"description": "no"}},
    }
    schemas = {"Car": CAR, "Value": VALUE, "Node": NODE}
    described = {
        "openapi": "3.1.0",
        "paths": {"/price/{id}": {"post": operation}},
        "components": {"schemas": schemas},
    }
    return copy.deepcopy(described)


def put(document: Any, at: str, value: Any) -> None:
    """Sets what stands at a place such as ``Car.properties.note``; ``None`` takes it away."""
    *path, last = at.replace("op.", "paths./price/{id}.post.").split(".")
    node = (
        document["components"]["schemas"]
        if path and path[0] in document["components"]["schemas"]
        else document
    )
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    if value is None:
        del node[last]
    elif isinstance(node, list):
        node.append(value)
    else:
        node[last] = value


BODY = "op.requestBody.content.application/json"
OK = "op.responses"
TEXT = {"type": "string"}
BREAKS = [
    ("paths./price/{id}", None, f"{CALL}: removed"),
    ("paths./price/{id}.post", None, f"{CALL}: removed"),
    ("Car.required", ["brand", "mileage_km"], f"{CALL} request.mileage_km: now required"),
    ("Car.required", ["brand", "owner"], f"{CALL} request.owner: required, and new"),
    (
        "Car.properties.brand",
        {"type": "string", "enum": ["audi"]},
        f"{CALL} request.brand: bmw no longer taken",
    ),
    (
        "Car.properties.brand.type",
        "integer",
        f"{CALL} request.brand: type changed from string to integer",
    ),
    ("Car.properties.mileage_km.minimum", 1, f"{CALL} request.mileage_km: at least 1 from now on"),
    (
        "Car.properties.mileage_km.exclusiveMinimum",
        0,
        f"{CALL} request.mileage_km: more than 0 from now on",
    ),
    (
        "Car.properties.mileage_km.maximum",
        999,
        f"{CALL} request.mileage_km: at most 999 from now on",
    ),
    (
        "Car.properties.mileage_km.multipleOf",
        10,
        f"{CALL} request.mileage_km: only multiples of 10 from now on",
    ),
    ("Car.properties.note", TEXT, f"{CALL} request.note: null is no longer taken"),
    (
        "Car.properties.note.anyOf",
        [{"type": "string", "maxLength": 3}, {"type": "null"}],
        f"{CALL} request.note: maxLength lowered from 9 to 3",
    ),
    (
        "Car.properties.tags.items",
        {"type": "integer"},
        f"{CALL} request.tags[]: type changed from string to integer",
    ),
    ("Car.properties.tags.minItems", 1, f"{CALL} request.tags: minItems raised from 0 to 1"),
    ("Car.properties.brand.pattern", "a.*", f"{CALL} request.brand: has to fit a.* from now on"),
    ("Car.additionalProperties", False, f"{CALL} request: other fields are no longer taken"),
    ("Value.properties.value_eur", None, f"{CALL} response.200.value_eur: removed"),
    ("Value.required", ["currency"], f"{CALL} response.200.value_eur: may now be missing"),
    (
        "Value.properties.value_eur.type",
        "string",
        f"{CALL} response.200.value_eur: type changed from number to string",
    ),
    (
        "Value.properties.value_eur",
        {"type": ["number", "null"]},
        f"{CALL} response.200.value_eur: may now be null",
    ),
    (
        "Value.properties.currency.enum",
        ["EUR", "USD"],
        f"{CALL} response.200.currency: USD may now come back",
    ),
    (
        "Value.properties.currency",
        TEXT,
        f"{CALL} response.200.currency: no longer one of the listed values",
    ),
    (
        "Value.properties.at.format",
        "date-time",
        f"{CALL} response.200.at: format changed from date to date-time",
    ),
    (
        "Node.properties.children.items",
        TEXT,
        f"{CALL} response.200.tree.children[]: type changed from object to string",
    ),
    ("op.parameters.1.required", True, f"{CALL} query.limit: now required"),
    (
        "op.parameters.x",
        {"name": "q", "in": "query", "required": True, "schema": TEXT},
        f"{CALL} query.q: required, and new",
    ),
    ("op.parameters.1.schema", TEXT, f"{CALL} query.limit: type changed from integer to string"),
    (
        "op.requestBody.content.application/json",
        None,
        f"{CALL} request application/json: media type removed",
    ),
    ("op.responses.200", None, f"{CALL} response.200: removed"),
    (
        "op.responses.200.content.application/json",
        None,
        f"{CALL} response.200 application/json: media type removed",
    ),
    ("op.security", [{"bearer": []}], f"{CALL} security: needs bearer from now on"),
]


@pytest.mark.parametrize(
    ("at", "value", "said"), BREAKS, ids=[f"{at}={value}" for at, value, _ in BREAKS]
)
def test_a_break_is_named_by_its_place(at: str, value: Any, said: str) -> None:
    new = api()
    put(new, at, value)
    assert difference(api(), new).breaks == (said,)


COMPATIBLE = [
    ("paths./health", {"get": {"responses": {}}}),
    ("Car.properties.owner", TEXT),
    ("Car.required", []),
    ("Car.properties.brand.enum", ["audi", "bmw", "vw"]),
    ("Car.properties.mileage_km.maximum", 2000),
    ("Car.properties.mileage_km.type", "number"),
    ("Car.properties.brand.description", "what it is called"),
    ("Value.properties.low_eur", {"type": "number"}),
    ("Value.properties.value_eur.type", "integer"),
    ("Value.properties.currency.const", "EUR"),
    ("op.parameters.x", {"name": "q", "in": "query", "schema": TEXT}),
    ("op.requestBody.required", False),
    ("op.requestBody.content.text/csv", {"schema": TEXT}),
    ("op.responses.404", None),
    ("op.responses.503", {"description": "not now"}),
    ("op.summary", "says it better"),
]


@pytest.mark.parametrize(
    ("at", "value"), COMPATIBLE, ids=[f"{at}={value}" for at, value in COMPATIBLE]
)
def test_what_takes_nothing_away_is_compatible(at: str, value: Any) -> None:
    new = api()
    put(new, at, value)
    assert difference(api(), new).breaks == ()


def test_another_name_of_a_part_of_the_path_is_no_change() -> None:
    text = json.dumps(api()).replace("{id}", "{car_id}").replace('"name": "id"', '"name": "car_id"')
    assert difference(api(), json.loads(text)).breaks == ()


def test_what_is_deprecated_or_no_longer_read_is_noted_and_no_break() -> None:
    new = api()
    put(new, "op.deprecated", True)
    del new["paths"]["/price/{id}"]["post"]["parameters"][1]
    found = difference(api(), new)
    assert found.breaks == () and found.notes == (
        f"{CALL}: deprecated from now on",
        f"{CALL} query.limit: no longer read",
    )


def test_one_more_way_in_is_compatible_and_one_less_is_not() -> None:
    one = api()
    two = api()
    put(one, "op.security", [{"bearer": []}])
    put(two, "op.security", [{"bearer": []}, {"key": []}])
    assert difference(one, two).breaks == () and difference(one, api()).breaks == ()
    assert difference(two, one).breaks == (f"{CALL} security: needs bearer from now on",)


def test_a_field_moved_into_all_of_is_no_change_and_what_is_lost_there_is() -> None:
    new = api()
    parts = [
        {"type": "object", "properties": {name: schema}}
        for name, schema in CAR["properties"].items()
    ]
    put(new, "Car.allOf", [*parts, {"required": ["brand"]}])
    put(new, "Car.properties", None)
    assert difference(api(), new).breaks == ()
    put(new, "Car.allOf", [*parts, {"required": ["brand", "tags"]}])
    assert difference(api(), new).breaks == (f"{CALL} request.tags: now required",)


def test_a_variant_that_is_no_longer_taken_is_a_break() -> None:
    one = api()
    two = api()
    put(one, "Car.properties.note", {"oneOf": [TEXT, {"type": "integer"}]})
    put(two, "Car.properties.note", TEXT)
    assert difference(one, two).breaks == (
        f"{CALL} request.note: type changed from integer to string",
    )
    assert difference(two, one).breaks == ()


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"swagger": "2.0"}, "no OpenAPI 3"),
        ([], "no OpenAPI 3"),
        ({**api(), "paths": []}, "a list where an object belongs"),
        ({**api(), "paths": {"/price/{id}": {"post": {"parameters": 7}}}}, "another shape"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_cannot_be_read_is_not_called_compatible(spoilt: Any, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        difference(api(), spoilt)


# what holds for every description

names = st.sampled_from(["a", "b", "c", "d"])
leaves = st.one_of(
    st.just({"type": "string"}),
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    st.builds(
        lambda values: {"type": "string", "enum": values},
        st.lists(names, min_size=1, max_size=3, unique=True),
    ),
    st.just({"$ref": "#/components/schemas/Node"}),
    st.just({"$ref": "#/components/schemas/Car"}),
    st.just({}),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.builds(
        lambda properties, required: {
            "type": "object",
            "properties": properties,
            "required": sorted(required & set(properties)),
        },
        st.dictionaries(names, inner, max_size=3),
        st.sets(names, max_size=2),
    )
    arrays = st.builds(lambda items: {"type": "array", "items": items}, inner)
    mixed = st.builds(
        lambda key, many: {key: many},
        st.sampled_from(["anyOf", "oneOf", "allOf"]),
        st.lists(inner, min_size=1, max_size=2),
    )
    return objects | arrays | mixed


schemas = st.recursive(leaves, nested, max_leaves=8)


def with_schemas(request: Any, response: Any) -> dict[str, Any]:
    new = api()
    put(new, f"{BODY}.schema", request)
    put(new, "op.responses.200.content.application/json.schema", response)
    return new


@settings(max_examples=150, deadline=None)
@given(schemas, schemas)
def test_a_description_is_compatible_with_itself(request: Any, response: Any) -> None:
    assert difference(with_schemas(request, response), with_schemas(request, response)).breaks == ()


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(names, schemas, max_size=3),
    st.dictionaries(names, schemas, max_size=3),
    schemas,
    schemas,
)
def test_adding_optional_things_is_compatible(asked: Any, told: Any, more: Any, field: Any) -> None:
    def described(request: Any, response: Any) -> Any:
        return with_schemas(
            {"type": "object", "properties": request}, {"type": "object", "properties": response}
        )

    new = described({**asked, "new": more}, {**told, "new": field})
    put(new, "op.parameters.x", {"name": "new", "in": "query", "schema": more})
    put(new, "paths./new", {"get": {"responses": {}}})
    assert difference(described(asked, told), new).breaks == ()


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(names, schemas, min_size=1, max_size=3), st.data())
def test_a_field_that_is_gone_from_an_answer_is_always_a_break(told: Any, data: Any) -> None:
    gone = data.draw(st.sampled_from(sorted(told)))
    kept = {name: schema for name, schema in told.items() if name != gone}
    old = with_schemas({}, {"type": "object", "properties": told})
    new = with_schemas({}, {"type": "object", "properties": kept})
    assert f"{CALL} response.200.{gone}: removed" in difference(old, new).breaks
