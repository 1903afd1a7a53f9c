"""The requests that a service's own description gives an example of, and the answers that it
promises to them."""

import json
from dataclasses import dataclass
from typing import Any, Final, Iterator, Mapping
from urllib.parse import quote, urlencode

from devflow.craft.api.schema_difference import Unreadable, alternatives

METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options")
# what changes or removes something that has to be there already is asked by its example alone
_MISSING: Final = object()


@dataclass(frozen=True)
class Endpoint:
    """One operation: what is sent, and the statuses of success that it documents. ``why_not`` says
    what the description lacks to ask it."""

    name: str
    method: str
    path: str
    body: str = ""
    expected: tuple[int, ...] = ()
    why_not: str = ""


def endpoints(document: Any) -> Iterator[Endpoint]:
    """Every operation of an OpenAPI description."""
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict):
        return
    for path, item in paths.items():
        if not isinstance(item, dict):
            continue
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                shared = item.get("parameters") or []
                yield _endpoint(document, (method, path), operation, shared)


def _endpoint(
    document: Mapping[str, Any],
    where: tuple[str, str],
    operation: Mapping[str, Any],
    shared: list[Any],
) -> Endpoint:
    method, path = where
    name = f"{method.upper()} {path}"
    expected = tuple(
        int(status)
        for status in (operation.get("responses") or {})
        if str(status).isdigit() and str(status).startswith("2")
    )
    filled, query, lacking = _parameters(
        document, path, [*shared, *operation.get("parameters", [])]
    )
    body, without = _body(document, operation)
    why_not = lacking or without
    if not expected:
        why_not = why_not or "no status of success is documented"
    target = f"{filled}?{urlencode(query)}" if query else filled
    return Endpoint(name, method.upper(), target, body, expected, why_not)


def _parameters(
    document: Mapping[str, Any], path: str, parameters: list[Any]
) -> tuple[str, dict[str, str], str]:
    query: dict[str, str] = {}
    lacking = ""
    for one in parameters:
        parameter = _resolved(document, one)
        name = str(parameter.get("name", ""))
        if not parameter.get("required"):
            continue
        example = _example(document, parameter)
        if example is _MISSING:
            example = _example(document, _mapping(parameter.get("schema")))
        place = parameter.get("in")
        if example is _MISSING or place not in ("path", "query"):
            lacking = f"no example of {name}"
        elif place == "path":
            path = path.replace(f"{{{name}}}", quote(str(example), safe=""))
        else:
            query[name] = str(example)
    return path, query, lacking


def _body(document: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[str, str]:
    described = _resolved(document, operation.get("requestBody"))
    content = _mapping(_mapping(described.get("content")).get("application/json"))
    if not described:
        return "", ""
    example = _example(document, content)
    if example is _MISSING:
        example = _example(document, _schema(document, content.get("schema")))
    if example is _MISSING:
        return "", "no example of its body"
    return json.dumps(example), ""


def _schema(document: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    """A schema with what it refers to; the first of its alternatives."""
    try:
        found = alternatives(dict(document), node) if node is not None else []
    except Unreadable:
        return {}
    return found[0] if found else {}


def _example(document: Mapping[str, Any], node: Mapping[str, Any]) -> Any:
    """The first example, by either of the two words for it."""
    if "example" in node:
        return node["example"]
    examples = node.get("examples")
    if isinstance(examples, list) and examples:
        return examples[0]
    if isinstance(examples, dict) and examples:
        first = _resolved(document, next(iter(examples.values())))
        return first.get("value", _MISSING)
    return _MISSING


def _resolved(document: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    found = _mapping(node)
    reference = found.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return found
    target: Any = document
    for part in reference.removeprefix("#/").split("/"):
        target = _mapping(target).get(part.replace("~1", "/").replace("~0", "~"))
    return _mapping(target)


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}
