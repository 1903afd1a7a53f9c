"""Schemas that hold themselves, in every form that a description may take it: compared as they are,
in time that grows with their size, and what cannot be compared is named."""

import copy
import time
from typing import Any, Final, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from devflow.craft.api.openapi_difference import Difference, difference
from tests.unit.craft.api.test_openapi_difference import CALL, api, put

NAMES: Final = ("Car", "Value", "Node", "Other")


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def told(**schemas: Any) -> dict[str, Any]:
    """A description with these schemas in the place of its own."""
    described = api()
    described["components"]["schemas"].update(copy.deepcopy(schemas))
    return described


def same(**schemas: Any) -> Difference:
    return difference(told(**schemas), told(**schemas))


def test_an_optional_parent_as_pydantic_writes_it_is_compared() -> None:
    class Category(BaseModel):
        name: str
        parent: "Category | None" = None
        children: list["Category"] = []

    template = "#/components/schemas/{model}"
    schema = Category.model_json_schema(ref_template=template)
    defs = schema.pop("$defs")
    assert {"anyOf", "default"} <= set(defs["Category"]["properties"]["parent"])
    old = told(Value=ref("Category"), Car=ref("Category"), **defs)
    assert difference(old, copy.deepcopy(old)) == Difference()
    new = copy.deepcopy(old)
    category = new["components"]["schemas"]["Category"]
    category["properties"]["name"]["maxLength"] = 5
    category["required"] = ["name", "parent"]
    del category["properties"]["children"]
    breaks = difference(old, new).breaks
    assert {
        f"{CALL} request.name: maxLength lowered from none to 5",
        f"{CALL} request.parent: now required",
        f"{CALL} response.200.children: removed",
    } <= set(breaks)
    # a break is told where it is met first, and once more inside
    assert len(breaks) <= 8


def object_of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


WAYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "items": {"Car": object_of(a={"type": "array", "items": ref("Car")})},
    "additionalProperties": {"Car": {"type": "object", "additionalProperties": ref("Car")}},
    "a combination with what it stands beside": {
        "Car": object_of(a={"anyOf": [ref("Car"), {"type": "null"}], "title": "A"})
    },
    "oneOf": {"Car": object_of(a={"oneOf": [ref("Car"), {"type": "string"}]})},
    "allOf": {"Car": object_of(a={"allOf": [ref("Car")], "description": "x"})},
    "itself as an alternative": {"Car": {"anyOf": [ref("Car"), {"type": "string"}]}},
    "itself as a part": {"Car": {"allOf": [ref("Car"), object_of(a={"type": "string"})]}},
    "each other": {"Car": object_of(a=ref("Other")), "Other": object_of(b=ref("Car"))},
    "each other through combinations": {
        "Car": {"oneOf": [object_of(a=ref("Other")), {"type": "null"}]},
        "Other": {"allOf": [object_of(b={"anyOf": [ref("Car"), ref("Other")]})]},
    },
    "inheritance": {
        "Other": object_of(child=ref("Car")),
        "Car": {"allOf": [ref("Other"), object_of(child=ref("Car"), x={"type": "string"})]},
    },
    "not": {"Car": {"type": "object", "not": ref("Car")}},
    "a discriminator": {
        "Car": {
            "oneOf": [ref("Other"), object_of(kind={"type": "string"})],
            "discriminator": {"propertyName": "kind", "mapping": {"o": ref("Other")["$ref"]}},
        },
        "Other": object_of(kind={"type": "string"}, inner=ref("Car")),
    },
    "a place inside itself": {
        "Car": object_of(a={"type": "object", "properties": {"b": ref("Car/properties/a")}})
    },
}


@pytest.mark.parametrize("schemas", WAYS.values(), ids=WAYS)
def test_what_holds_itself_is_compatible_with_itself_and_compared(schemas: Any) -> None:
    more = {**schemas, "Value": object_of(car=ref("Car"))}
    assert same(**more) == Difference()


@pytest.mark.parametrize("schemas", WAYS.values(), ids=WAYS)
def test_what_is_lost_beside_a_recursion_is_found(schemas: Any) -> None:
    old = told(**schemas, Value=object_of(car=ref("Car"), lost={"type": "string"}))
    new = told(**schemas, Value=object_of(car=ref("Car")))
    assert difference(old, new).breaks == (f"{CALL} response.200.lost: removed",)


def test_what_was_taken_for_granted_is_compared_again_where_it_was_not_so() -> None:
    """``Other`` fits only as long as ``Car`` does, and is asked for itself too."""
    text = {"type": "string"}
    both = {"Other": object_of(car=ref("Car"))}
    old = told(Car=object_of(other=ref("Other"), lost=text), Value=object_of(), **both)
    new = told(Car=object_of(other=ref("Other")), Value=object_of(), **both)
    for one in (old, new):
        choice = {"oneOf": [ref("Car"), {"type": "object"}]}
        put(one, "components.schemas.Value.properties", {"a": choice, "b": ref("Other")})
    assert f"{CALL} response.200.b.car.lost: removed" in difference(old, new).breaks


UNTOLD: Final[Mapping[str, tuple[Any, str]]] = {
    "a reference that leads nowhere": ({"Car": ref("Nothing")}, "leads nowhere"),
    "another file": ({"Car": {"$ref": "other.yaml#/Car"}}, "another file"),
    "nothing but itself": ({"Car": ref("Car")}, "nothing but itself"),
    "another not": ({"Car": {"not": {"type": "null"}}}, "not is another now"),
    "many alternatives": (
        {"Car": {"allOf": [{"anyOf": [{"maximum": n} for n in range(9)]}] * 3}},
        "more than 64 alternatives",
    ),
}


@pytest.mark.parametrize("schemas,why", UNTOLD.values(), ids=UNTOLD)
def test_what_is_not_compared_is_named_and_the_rest_is_compared(schemas: Any, why: str) -> None:
    new = told(**schemas)
    put(new, "op.parameters.x", {"name": "x", "in": "query", "required": True})
    found = difference(api(), new)
    assert f"{CALL} query.x: required, and new" in found.breaks
    assert any(why in line and line.startswith(CALL) for line in found.uncompared)


def test_a_path_that_refers_to_itself_is_named_and_not_called_removed() -> None:
    new = api()
    put(new, "paths./price/{id}", {"$ref": "#/paths/~1price~1{id}"})
    found = difference(api(), new)
    assert found.breaks == () and found.uncompared[0].startswith("/price/{id}: a $ref")


def chain(length: int) -> dict[str, Any]:
    """Schemas of which each names the next, and the last one the first."""
    names = [f"S{number}" for number in range(length)]
    following = [*names[1:], names[0]]
    return {name: object_of(next=ref(after)) for name, after in zip(names, following)}


def web(size: int) -> dict[str, Any]:
    """Schemas that all name each other, through combinations."""
    names = [f"S{number}" for number in range(size)]
    choices = {other: {"anyOf": [ref(other), {"type": "null"}]} for other in names}
    return {name: object_of(**choices) for name in names}


def test_time_grows_with_the_size_and_not_with_the_ways_through_it() -> None:
    begun_s = time.monotonic()
    for schemas in (chain(90), web(60)):
        old = told(Car=ref("S0"), Value=ref("S1"), **schemas)
        new = copy.deepcopy(old)
        new["components"]["schemas"]["S5"]["properties"]["added"] = {"type": "string"}
        assert difference(old, new) == Difference()
    assert time.monotonic() - begun_s < 5.0, "7,200 pairs of schemas on a busy machine"


def test_what_is_nested_deeper_than_can_be_followed_is_named() -> None:
    old = told(Car=ref("S0"), **chain(300))
    new = told(Car=ref("S0"), **chain(300))
    new["components"]["schemas"]["S3"]["required"] = ["next"]
    found = difference(old, new)
    assert f"{CALL} request.next.next.next.next: now required" in found.breaks
    assert any("deeper than" in line for line in found.uncompared)


leaves = st.sampled_from([*map(ref, NAMES), {"type": "string"}, {"type": "null"}, {}, True])


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(st.sampled_from("abc"), inner, max_size=2).map(
        lambda properties: {"type": "object", "properties": properties}
    )
    lists = st.lists(inner, min_size=1, max_size=2)
    combined = st.builds(lambda key, many: {key: many}, st.sampled_from(["anyOf", "oneOf"]), lists)
    all_of = st.lists(inner, min_size=1, max_size=2).map(lambda many: {"allOf": many})
    single = st.builds(
        lambda key, one: {key: one},
        st.sampled_from(["items", "additionalProperties", "not"]),
        inner,
    )
    return objects | combined | all_of | single


recursive = st.recursive(leaves, nested, max_leaves=6)


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({name: recursive for name in NAMES}))
def test_any_schemas_that_hold_each_other_are_compatible_with_themselves(schemas: Any) -> None:
    found = same(**schemas)
    assert found.breaks == ()
    for line in found.uncompared:
        assert "nothing but itself" in line or "more than 64" in line or "leads nowhere" in line
