"""What a step needs, read off the annotations of its ``Needs``."""

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, replace
from typing import Any, get_args, get_origin

from devflow.model.outcomes import Absent
from devflow.model.tree import Tree
from devflow.model.values import Value
from devflow.step import AnyStep


@dataclass(frozen=True)
class Asked:
    """A field of ``Needs`` as it is annotated."""

    field: str
    products: tuple[Any, ...]
    takes_absent: bool
    collects: bool

    @property
    def is_tree(self) -> bool:
        """Whether it is what an entry settled, and not its product."""
        return self.products == (Tree,)

    def settling(self, product: type[Value]) -> "Asked":
        """The same need, of the entries that settle a tree."""
        return replace(self, products=(product,))

    @property
    def wording(self) -> str:
        """Its products by their names."""
        return " or ".join(product.__name__ for product in self.products)

    def fits(self, step: AnyStep) -> bool:
        """Whether a step makes what is asked for."""
        return any(issubclass(step.makes, product) for product in self.products)


def asked_by(field: str, kind: Any) -> Asked:
    """A field by its annotation: a product, several of which one may be, or a mapping of all."""
    collects = get_origin(kind) is AbstractMapping
    product = get_args(kind)[1] if collects else kind
    kinds = get_args(product) or (product,)
    products = tuple(one for one in kinds if one is not Absent)
    return Asked(field, products, Absent in kinds, collects)
