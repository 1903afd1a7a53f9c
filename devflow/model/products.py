"""How a product is read out of the journal, whichever version of devflow wrote it.

One of an earlier schema is upgraded number by number; one of a later schema is left alone: it is no
reason to make anything again.
"""

from typing import Any, Mapping, TypeVar

from devflow.model.command_line import install_line
from devflow.model.errors import MadeByNewer
from devflow.model.values import Value

V = TypeVar("V", bound=Value)


def read_product(kind: type[V], product: Mapping[str, Any] | None, schema: int) -> V:
    """The product as this devflow has it.

    Raises ``MadeByNewer``, and pydantic's ``ValidationError`` for what is no such product.
    """
    if schema > kind.SCHEMA:
        known = kind.SCHEMA
        problem = (
            f"{kind.__name__} was made by a newer devflow: schema {schema}, this knows {known}"
        )
        raise MadeByNewer(problem, hint=f"update devflow's checkout, then: {install_line()}")
    fields: Any = product
    for number in range(schema, kind.SCHEMA):
        upgrade = kind.UPGRADES.get(number)
        # a schema without one has the fields of the next
        if upgrade is not None and isinstance(fields, Mapping):
            fields = upgrade(dict(fields))
    return kind.model_validate(fields)
