"""The difference of two OpenAPI 3 descriptions of one API: what a caller who relied on the older
one can no longer rely on.

No library of the registry does this well kept, and oasdiff is a program in Go: these are its rules
of the level "error". What is not listed as a break is compatible.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Iterable, Iterator, Mapping

from devflow.craft.api.schema_alternatives import Unreadable, resolved
from devflow.craft.api.schema_difference import Break, Schemas, Uncompared
from devflow.craft.api.schema_values import Node, Side
from devflow.model.wording import one_line

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# the specification: parameters of these names are ignored
UNREAD_HEADERS: Final = ("accept", "content-type", "authorization")
PLACE_CHARS: Final = 120  # characters; beside it the operation and the reason fit on a line
Way = frozenset[tuple[str, str]]
"""One way in which a call may be let in: pairs of a scheme and a scope."""
_IN_PATH: Final = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Difference:
    """``breaks`` are lines such as ``POST /price request.mileage_km: now required``; ``notes``
    break nothing; ``uncompared`` are places of which it cannot be told, each with the reason."""

    breaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """A method of a path: ``called`` as a person names it, ``item`` what its path says for each of
    its methods."""

    called: str
    path: str
    item: Node
    node: Node


def difference(old: Any, new: Any) -> Difference:
    """Compares. Raises ``Unreadable`` where one is no OpenAPI 3 description or is too tangled to be
    followed."""
    try:
        return _difference(old, new)
    except (TypeError, AttributeError, KeyError, RecursionError) as error:
        # outside data of any shape: a list where an object belongs, or an alias that contains
        # itself
        kind = type(error).__name__
        raise Unreadable(f"a description of another shape ({kind}: {error})") from error


def _difference(old: Any, new: Any) -> Difference:
    before = operations(old)
    after = operations(new)
    unread = unread_paths(new)
    comparison = _Comparison(old, new)
    breaks: list[str] = []
    notes: list[str] = []
    uncompared = [f"{path}: {why}" for path, why in {**unread_paths(old), **unread}.items()]
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            # one of a path that cannot be read may still be there
            if not any(_key_path(path) == key[1] for path in unread):
                breaks.append(f"{was.called}: removed")
            continue
        for place, text in comparison.breaks(was, now):
            lines = uncompared if isinstance(text, Uncompared) else breaks
            lines.append(f"{was.called} {_place(place)}: {text}")
        for text in comparison.notes(was, now):
            notes.append(f"{was.called}{text}")
    return Difference(_lines(breaks), _lines(notes), _lines(uncompared))


def _place(place: str) -> str:
    """A place as a line has room for it, its beginning and its end."""
    if len(place) <= PLACE_CHARS:
        return place
    half = PLACE_CHARS // 2
    return f"{place[:half]}…{place[-half:]}"


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line."""
    return tuple(dict.fromkeys(one_line(text) for text in texts))


def operations(document: Any) -> dict[tuple[str, str], Operation]:
    """The operations by method and path; how a part of a path is called inside is of no matter to
    callers. Raises ``Unreadable`` for what is no OpenAPI 3 description."""
    if not isinstance(document, Mapping) or not str(document.get("openapi", "")).startswith("3."):
        raise Unreadable("no OpenAPI 3 description")
    operations_: dict[tuple[str, str], Operation] = {}
    unread = unread_paths(document)
    for path, node in _mapping(document.get("paths")).items():
        if str(path) in unread:
            continue
        item = _mapping(resolved(document, node))
        key_path = _key_path(str(path))
        for method in METHODS:
            if method in item:
                called = f"{method.upper()} {path}"
                operation = Operation(called, str(path), item, _mapping(item[method]))
                operations_[method, key_path] = operation
    return operations_


def unread_paths(document: Node) -> dict[str, str]:
    """The paths whose reference cannot be followed, each with the reason."""
    unread = {}
    for path, node in _mapping(document.get("paths")).items():
        try:
            resolved(document, node)
        except Unreadable as error:
            unread[str(path)] = str(error)
    return unread


def _key_path(path: str) -> str:
    return _IN_PATH.sub("{}", path)


def _mapping(value: Any) -> Node:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable(f"a {type(value).__name__} where an object belongs")
    return value


class _Comparison:
    """Two descriptions, compared an operation at a time; a break is a place and what is broken."""

    def __init__(self, old: Node, new: Node) -> None:
        self._old = old
        self._new = new
        self._schemas = Schemas(old, new)

    def breaks(self, was: Operation, now: Operation) -> Iterator[Break]:
        parts = {
            "parameters": self._parameters,
            "request": self._body,
            "responses": self._responses,
            "security": self._security,
        }
        for name, compared in parts.items():
            try:
                yield from compared(was, now)
            except Unreadable as error:
                yield name, Uncompared(error)

    def notes(self, was: Operation, now: Operation) -> Iterator[str]:
        """What callers may want to know: it is deprecated from now on, or no longer reads what they
        send."""
        if now.node.get("deprecated") is True and was.node.get("deprecated") is not True:
            yield ": deprecated from now on"
        parameters_now = _parameters(self._new, now)
        for place, name in _parameters(self._old, was):
            if (place, name) not in parameters_now and place != "path":
                yield f" {place}.{name}: no longer read"

    def _parameters(self, was: Operation, now: Operation) -> Iterator[Break]:
        before = _parameters(self._old, was)
        for (place, name), parameter in _parameters(self._new, now).items():
            at = f"{place}.{parameter.get('name', name)}"
            earlier = before.get((place, name), {})
            is_required = parameter.get("required") is True and place != "path"
            if is_required and earlier.get("required") is not True:
                yield at, "now required" if earlier else "required, and new"
            if earlier:
                yield from self._schema(at, "request", _schema(earlier), _schema(parameter))

    def _schema(self, at: str, side: Side, old: Any, new: Any) -> Iterator[Break]:
        for inner, text in self._schemas.breaks(side, old, new):
            yield at + inner, text

    def _body(self, was: Operation, now: Operation) -> Iterator[Break]:
        before = _mapping(resolved(self._old, was.node.get("requestBody")))
        after = _mapping(resolved(self._new, now.node.get("requestBody")))
        if after.get("required") is True and before.get("required") is not True:
            yield "request", "now required" if before else "required, and new"
        if before and after:
            yield from self._contents("request", before, after)

    def _responses(self, was: Operation, now: Operation) -> Iterator[Break]:
        after = _responses(now)
        for code, response in _responses(was).items():
            # a code that is no longer listed may be covered by its class
            code_now = code if code in after else f"{code[0]}XX"
            if code_now in after:
                old = _mapping(resolved(self._old, response))
                new = _mapping(resolved(self._new, after[code_now]))
                yield from self._contents(f"response.{code}", old, new)
            elif code.startswith("2"):
                yield f"response.{code}", "removed"

    def _contents(self, at: str, before: Node, after: Node) -> Iterator[Break]:
        """What stands in each media type, which is named where there are several."""
        side: Side = "request" if at == "request" else "response"
        old = _media_types(before)
        new = _media_types(after)
        for media, content in old.items():
            anything = new.get("*/*") if side == "request" else None
            content_now = new.get(media, anything)
            if content_now is None:
                yield f"{at} {media}", "media type removed"
                continue
            place = f"{at} {media} " if len(old) > 1 else at
            schema = _mapping(content).get("schema")
            yield from self._schema(place, side, schema, _mapping(content_now).get("schema"))

    def _security(self, was: Operation, now: Operation) -> Iterator[Break]:
        ways_now = _ways(self._new, now)
        for way in _ways(self._old, was):
            if not any(asked <= way for asked in ways_now):
                ways = " or ".join(_way_wording(asked) for asked in ways_now)
                yield "security", f"needs {ways} from now on"
                return


def _parameters(document: Node, operation: Operation) -> dict[tuple[str, str], Node]:
    """The parameters by place and name; one in the path goes by its position there."""
    order = [part[1:-1] for part in _IN_PATH.findall(operation.path)]
    parameters: dict[tuple[str, str], Node] = {}
    of_path = operation.item.get("parameters", ())
    for node in (*of_path, *operation.node.get("parameters", ())):
        parameter = _mapping(resolved(document, node))
        place = str(parameter.get("in", ""))
        name = str(parameter.get("name", ""))
        if place == "path" and name in order:
            name = str(order.index(name))
        elif place == "header":
            name = name.lower()
        if place != "header" or name not in UNREAD_HEADERS:
            parameters[place, name] = parameter
    return parameters


def _schema(parameter: Node) -> Any:
    """A parameter's schema, which may stand under its one media type instead."""
    for content in _mapping(parameter.get("content")).values():
        return _mapping(content).get("schema")
    return parameter.get("schema")


def _responses(operation: Operation) -> dict[str, Any]:
    responses = _mapping(operation.node.get("responses"))
    return {str(code).upper(): response for code, response in responses.items()}


def _media_types(node: Node) -> dict[str, Any]:
    contents = _mapping(node.get("content"))
    return {str(name).lower(): content for name, content in contents.items()}


def _ways(document: Node, operation: Operation) -> list[Way]:
    """The ways in which a call may be let in; the empty one needs nothing."""
    security: Any = operation.node.get("security", document.get("security")) or ({},)
    ways = []
    for schemes in security:
        pairs: set[tuple[str, str]] = set()
        for name, scopes in _mapping(schemes).items():
            pairs.update((str(name), str(scope)) for scope in (*scopes, ""))
        ways.append(frozenset(pairs))
    return ways


def _way_wording(way: Way) -> str:
    names = sorted({name for name, _ in way})
    return " and ".join(names) or "nothing"
