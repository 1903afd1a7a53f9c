"""A product of an earlier schema is upgraded when it is read, one of a later one is left alone."""

from typing import Any, ClassVar, Mapping

import pytest
from pydantic import ValidationError

from devflow.model.errors import MadeByNewer
from devflow.model.products import read_product
from devflow.model.values import Upgrade, Value


def named(fields: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 had the name of one place."""
    return {"places": [fields["place"]]}


def counted(fields: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 had no count."""
    return {**fields, "count": len(fields["places"])}


class Toy(Value):
    """Made in three versions of devflow."""

    SCHEMA: ClassVar[int] = 3
    UPGRADES: ClassVar[Mapping[int, Upgrade]] = {1: named, 2: counted}

    places: tuple[str, ...]
    count: int


class Plain(Value):
    """Never changed."""

    text: str


NOW = Toy(places=("a",), count=1)


@pytest.mark.parametrize(
    ("schema", "written"),
    [(1, {"place": "a"}), (2, {"places": ["a"]}), (3, {"places": ["a"], "count": 1})],
)
def test_every_earlier_shape_is_read_as_the_shape_of_now(schema: int, written: Any) -> None:
    assert read_product(Toy, written, schema) == NOW
    assert written != {} and read_product(Toy, NOW.model_dump(mode="json"), Toy.SCHEMA) == NOW


def test_a_later_shape_was_made_by_a_newer_devflow() -> None:
    with pytest.raises(
        MadeByNewer, match="made by a newer devflow: schema 4, this knows 3"
    ) as told:
        read_product(Toy, {"anything": 1}, 4)
    assert told.value.exit_code == 3 and "pipx install" in told.value.hint
    with pytest.raises(MadeByNewer):
        read_product(Plain, {"text": "a"}, 2)


def test_what_is_no_such_product_is_none_in_any_schema() -> None:
    for schema, written in ((3, {"place": "a"}), (1, None), (2, {"places": 4, "count": 1})):
        with pytest.raises((ValidationError, TypeError)):
            read_product(Toy, written, schema)
    assert read_product(Plain, {"text": "a"}, 1) == Plain(text="a")
