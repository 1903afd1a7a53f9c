"""What an OpenAPI 3 description says of its operations, part by part."""

import re
from dataclasses import dataclass
from typing import Any, Final, Iterator, Mapping

from devflow.craft.api.schema_alternatives import Unreadable, resolved
from devflow.craft.api.schema_values import Node

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# the specification: parameters of these names are ignored
UNREAD_HEADERS: Final = ("accept", "content-type", "authorization")
UNREAD_OF_ANSWERS: Final = ("content-type",)
_IN_PATH: Final = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Operation:
    """A method of a path: ``called`` as a person names it, ``item`` what its path says for each of
    its methods."""

    called: str
    path: str
    item: Node
    node: Node


def operations(document: Any) -> dict[tuple[str, str], Operation]:
    """The operations by method and path; how a part of a path is called inside is of no matter to
    callers. Raises ``Unreadable`` for what is no OpenAPI 3 description."""
    if not isinstance(document, Mapping) or not str(document.get("openapi", "")).startswith("3."):
        raise Unreadable("no OpenAPI 3 description")
    operations_: dict[tuple[str, str], Operation] = {}
    unread = unread_paths(document)
    for path, node in mapping(document.get("paths")).items():
        if str(path) in unread:
            continue
        item = mapping(resolved(document, node))
        for method, described in methods(item):
            operation = Operation(f"{method.upper()} {path}", str(path), item, mapping(described))
            operations_[method, key_path(str(path))] = operation
    return operations_


def methods(item: Node) -> Iterator[tuple[str, Any]]:
    """The methods of a path: those that the specification names, and since 3.2 any other."""
    for method in METHODS:
        if method in item:
            yield method, item[method]
    for method, described in mapping(item.get("additionalOperations")).items():
        yield str(method), described


def unread_paths(document: Node) -> dict[str, str]:
    """The paths whose reference cannot be followed, each with the reason."""
    unread = {}
    for path, node in mapping(document.get("paths")).items():
        try:
            resolved(document, node)
        except Unreadable as error:
            unread[str(path)] = str(error)
    return unread


def key_path(path: str) -> str:
    """A path without what its parts are called inside."""
    return _IN_PATH.sub("{}", path)


def mapping(value: Any) -> Node:
    """An object of the description; raises ``Unreadable`` for anything else."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable(f"a {type(value).__name__} where an object belongs")
    return value


def parameters(document: Node, operation: Operation) -> dict[tuple[str, str], Node]:
    """The parameters by place and name; one in the path goes by its position there."""
    order = [part[1:-1] for part in _IN_PATH.findall(operation.path)]
    found: dict[tuple[str, str], Node] = {}
    of_path = operation.item.get("parameters", ())
    for node in (*of_path, *operation.node.get("parameters", ())):
        parameter = mapping(resolved(document, node))
        place = str(parameter.get("in", ""))
        name = str(parameter.get("name", ""))
        if place == "path" and name in order:
            name = str(order.index(name))
        elif place == "header":
            name = name.lower()
        if place != "header" or name not in UNREAD_HEADERS:
            found[place, name] = parameter
    return found


def schema_of(parameter: Node) -> Any:
    """A parameter's schema, which may stand under its one media type instead."""
    for content in mapping(parameter.get("content")).values():
        return mapping(content).get("schema")
    return parameter.get("schema")


def responses(operation: Operation) -> dict[str, Any]:
    """What it may answer, by code, class (``2XX``) or ``DEFAULT``."""
    found = mapping(operation.node.get("responses"))
    return {str(code).upper(): response for code, response in found.items()}


def headers(response: Node) -> dict[str, Any]:
    """The headers of an answer by their names, whose case is of no matter."""
    found = {str(name).lower(): node for name, node in mapping(response.get("headers")).items()}
    return {name: node for name, node in found.items() if name not in UNREAD_OF_ANSWERS}


def media_types(node: Node) -> dict[str, Any]:
    """What stands in a body, by media type."""
    contents = mapping(node.get("content"))
    return {str(name).lower(): content for name, content in contents.items()}
