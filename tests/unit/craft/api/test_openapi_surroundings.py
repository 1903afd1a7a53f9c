"""What callers rely on beside the bodies: headers, defaults, limits of answers, what lets them in,
what is sent to them, and the methods that OpenAPI 3.2 adds."""

import copy
from typing import Any

import pytest

from devflow.craft.api.openapi_difference import difference
from tests.unit.craft.api.test_openapi_difference import CALL, TEXT, api, put

SALE = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "eur": {"type": "number", "minimum": 0, "exclusiveMaximum": 8},
        "word": {"type": "string", "minLength": 2, "maxLength": 9},
    },
}
LEFT = {"required": True, "schema": {"type": "integer"}}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
BEARER = {"type": "http", "scheme": "Bearer"}
FLOWS: dict[str, Any] = {"clientCredentials": {}, "password": {}}


def described() -> dict[str, Any]:
    document = api()
    sale = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sale"}}}}
    document["components"]["schemas"]["Sale"] = SALE
    document["openapi"] = "3.2.0"
    document["webhooks"] = {"sold": {"post": {"requestBody": sale}}}
    document["paths"]["/search"] = {"query": {"responses": {"200": sale}}}
    document["paths"]["/copy"] = {"additionalOperations": {"COPY": {"responses": {}}}}
    put(document, "op.responses.200.headers", {"X-Left": LEFT})
    put(document, "op.parameters.1.schema.default", 10)
    return copy.deepcopy(document)


SEARCH = "QUERY /search response.200"
SOLD = "webhook sold body"
BREAKS = [
    ("op.requestBody", None, f"{CALL} request: no longer taken"),
    (
        "op.parameters.1.schema.default",
        5,
        f"{CALL} query.limit: left out, it means 5 and no longer 10",
    ),
    ("op.responses.200.headers", None, f"{CALL} response.200 header x-left: removed"),
    (
        "op.responses.200.headers.X-Left.required",
        False,
        f"{CALL} response.200 header x-left: may now be missing",
    ),
    (
        "op.responses.200.headers.X-Left.schema",
        TEXT,
        f"{CALL} response.200 header x-left: type changed from integer to string",
    ),
    ("paths./search", None, "QUERY /search: removed"),
    ("paths./search.query", None, "QUERY /search: removed"),
    ("paths./copy.additionalOperations", None, "COPY /copy: removed"),
    ("webhooks.sold", None, "webhook sold: removed"),
    ("webhooks.sold.post", None, "webhook sold POST: removed"),
]
POORER = [
    ("at", None, ".at: removed"),
    ("eur.minimum", -1, ".eur: no longer at least 0"),
    ("eur.minimum", None, ".eur: no longer at least 0"),
    ("eur.exclusiveMaximum", 9, ".eur: no longer less than 8"),
    ("word.maxLength", None, ".word: maxLength raised from 9 to none"),
    ("word.minLength", 1, ".word: minLength lowered from 2 to 1"),
]


@pytest.mark.parametrize(
    ("at", "value", "said"), BREAKS, ids=[f"{at}={value}" for at, value, _ in BREAKS]
)
def test_a_break_is_named_by_its_place(at: str, value: Any, said: str) -> None:
    new = described()
    put(new, at, value)
    assert difference(described(), new).breaks == (said,)


@pytest.mark.parametrize(
    ("at", "value", "said"), POORER, ids=[f"{at}={value}" for at, value, _ in POORER]
)
def test_what_is_answered_and_what_is_sent_may_not_be_poorer(
    at: str, value: Any, said: str
) -> None:
    new = described()
    put(new, f"Sale.properties.{at}", value)
    assert difference(described(), new).breaks == (f"{SEARCH}{said}", f"{SOLD}{said}")


COMPATIBLE = [
    ("op.parameters.1.schema.default", None),
    ("op.responses.200.headers", {"x-left": LEFT}),
    ("op.responses.200.headers.X-More", LEFT),
    ("Sale.properties.eur.minimum", 1),
    ("Sale.properties.word", {"type": "string", "const": "two"}),
    ("Sale.properties.by", TEXT),
    ("webhooks.bought", {"post": {}}),
]


@pytest.mark.parametrize(
    ("at", "value"), COMPATIBLE, ids=[f"{at}={value}" for at, value in COMPATIBLE]
)
def test_what_takes_nothing_away_is_compatible(at: str, value: Any) -> None:
    new = described()
    put(new, at, value)
    assert difference(described(), new).breaks == ()


def let_in_by(security: Any, **schemes: Any) -> dict[str, Any]:
    document = api()
    put(document, "op.security", security)
    put(document, "components.securitySchemes", schemes)
    return document


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (KEY, {**KEY, "name": "X-Api-Key"}, "the header X-Api-Key, no longer the header X-Key"),
        (KEY, BEARER, "http bearer, no longer the header X-Key"),
        (
            {"type": "oauth2", "flows": FLOWS},
            {"type": "oauth2", "flows": {"password": {}}},
            "oauth2 by password, no longer oauth2 by clientCredentials",
        ),
    ],
    ids=["another header", "another kind", "a flow less"],
)
def test_a_scheme_that_asks_for_something_else_by_its_old_name_is_a_break(
    was: Any, now: Any, said: str
) -> None:
    old = let_in_by([{"key": []}], key=was)
    new = let_in_by([{"key": []}], key=now)
    assert difference(old, new).breaks == (f"{CALL} security: key is {said}",)


def test_a_scheme_that_is_described_otherwise_or_is_needed_no_more_is_compatible() -> None:
    old = let_in_by(
        [{"key": []}, {"oauth": []}], key=KEY, oauth={"type": "oauth2", "flows": {"password": {}}}
    )
    described_otherwise = {"key": {**KEY, "description": "ask us"}}
    more_flows = {"oauth": {"type": "oauth2", "flows": FLOWS}}
    new = let_in_by([{"key": []}, {"oauth": []}], **described_otherwise, **more_flows)
    assert difference(old, new).breaks == ()
    assert difference(old, let_in_by([{"key": []}, {}], key=BEARER)).breaks == ()


@pytest.mark.parametrize("name", ["dependentRequired", "contentEncoding", "minContains"])
def test_words_whose_change_is_not_understood_are_named(name: str) -> None:
    new = api()
    put(new, f"Car.{name}", {"brand": ["note"]})
    found = difference(api(), new)
    assert (found.breaks, found.uncompared) == (
        (),
        (f"{CALL} request: {name} is another now, and its parts are not compared",),
    )
