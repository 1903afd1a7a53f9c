"""The requests that a service's own description gives an example of, and the answers that it
promises to them."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, Iterator, Mapping
from urllib.parse import quote, urlencode

from devflow.craft.api.schema_alternatives import Unreadable, alternatives

METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options")
HOPS_MAX: Final = 10  # of references that lead to references; no generator writes two
_UNFILLED: Final = re.compile(r"\{([^{}]*)\}")
_STATUS: Final = re.compile(r"2[0-9][0-9]")
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
    for path, shared in paths.items():
        item = _resolved(document, shared)
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                parameters = [*_list(item.get("parameters")), *_list(operation.get("parameters"))]
                yield _endpoint(document, (method, path), operation, parameters)


def _endpoint(
    document: Mapping[str, Any],
    where: tuple[str, str],
    operation: Mapping[str, Any],
    parameters: list[Any],
) -> Endpoint:
    method, path = where
    name = f"{method.upper()} {path}"
    statuses = _mapping(operation.get("responses"))
    expected = tuple(int(status) for status in statuses if _STATUS.fullmatch(status))
    filled, query, lacking = _parameters(document, path, parameters)
    body, without = _body(document, operation)
    why_not = lacking or without
    if not expected:
        why_not = why_not or "no status of success is documented"
    target = f"{filled}?{_encoded(query)}" if query else filled
    return Endpoint(name, method.upper(), target, body, expected, why_not)


def _parameters(
    document: Mapping[str, Any], path: str, parameters: list[Any]
) -> tuple[str, dict[str, Any], str]:
    found = {}
    for one in parameters:
        parameter = _resolved(document, one)
        # an operation's own stands in place of the one that its path shares
        found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
    query: dict[str, Any] = {}
    lacking = ""
    for (place, name), parameter in found.items():
        if place != "path" and parameter.get("required") is not True:
            continue
        example = _example(document, parameter)
        if example is _MISSING:
            example = _example(document, _schema(document, parameter.get("schema")))
        if example is _MISSING or place not in ("path", "query"):
            lacking = f"no example of {name}"
        elif place == "path":
            value = quote(_text(example), safe="", errors="replace")
            path = path.replace(f"{{{name}}}", value)
        else:
            query[name] = example
    unfilled = _UNFILLED.search(path)
    if unfilled:
        lacking = lacking or f"no example of {unfilled[1]}"
    return path, query, lacking


def _encoded(query: Mapping[str, Any]) -> str:
    """A list is its name again for each of it, as forms have it and OpenAPI by default."""
    pairs = []
    for name, value in query.items():
        values = value if isinstance(value, list) else [value]
        pairs += [(name, _text(one)) for one in values]
    return urlencode(pairs, errors="replace")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


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
    except (Unreadable, TypeError, ValueError, AttributeError, KeyError):
        # a description that is none there: nothing is known of it
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
    """What a reference within the document leads to; nothing where it leads nowhere."""
    found = _mapping(node)
    for _ in range(HOPS_MAX):
        reference = found.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return found
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = _mapping(target).get(part.replace("~1", "/").replace("~0", "~"))
        found = _mapping(target)
    return {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}
