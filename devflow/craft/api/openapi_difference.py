"""The difference of two OpenAPI 3 descriptions of one API: what a caller who relied on the older
one can no longer rely on.

No library of the registry does this well kept, and oasdiff is a program in Go: these are its rules
of the level "error". What is not listed as a break is compatible.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Iterable, Iterator, Mapping

from devflow.craft.api.schema_difference import Node, Schemas, Unreadable, resolved
from devflow.model.wording import one_line

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
UNREAD_HEADERS: Final = (
    "accept",
    "content-type",
    "authorization",
)  # the specification: parameters of these names are ignored
_IN_PATH: Final = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Difference:
    """``breaks`` are lines such as ``POST /price request.mileage_km: now required``; ``notes``
    break nothing."""

    breaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
        raise Unreadable(
            f"a description of another shape ({type(error).__name__}: {error})"
        ) from error


def _difference(old: Any, new: Any) -> Difference:
    before, after = operations(old), operations(new)
    comparison = _Comparison(old, new)
    breaks, notes = [], []
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            breaks.append(f"{was.called}: removed")
            continue
        breaks += [f"{was.called} {place}: {text}" for place, text in comparison.of(was, now)]
        notes += [f"{was.called}{text}" for text in comparison.notes(was, now)]
    return Difference(
        *(tuple(dict.fromkeys(one_line(line) for line in lines)) for lines in (breaks, notes))
    )


def operations(document: Any) -> dict[tuple[str, str], Operation]:
    """The operations by method and path; how a part of a path is called inside is of no matter to
    callers."""
    if not isinstance(document, Mapping) or not str(document.get("openapi", "")).startswith("3."):
        raise Unreadable("no OpenAPI 3 description")
    found = {}
    for path, given in _mapping(document.get("paths")).items():
        item = _mapping(resolved(document, given))
        for method in METHODS:
            if method in item:
                called = f"{method.upper()} {path}"
                found[method, _IN_PATH.sub("{}", str(path))] = Operation(
                    called, str(path), item, _mapping(item[method])
                )
    return found


def _mapping(value: Any) -> Node:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable(f"a {type(value).__name__} where an object belongs")
    return value


class _Comparison:
    def __init__(self, old: Node, new: Node) -> None:
        self._old, self._new = old, new
        self._schemas = Schemas(old, new)

    def of(self, was: Operation, now: Operation) -> Iterator[tuple[str, str]]:
        yield from self._parameters(was, now)
        yield from self._body(was, now)
        yield from self._responses(was, now)
        yield from self._security(was, now)

    def notes(self, was: Operation, now: Operation) -> Iterator[str]:
        """What callers may want to know: it is deprecated from now on, or no longer reads what they
        send."""
        if now.node.get("deprecated") is True and was.node.get("deprecated") is not True:
            yield ": deprecated from now on"
        for (place, name), _ in self._given(self._old, was).items():
            if (place, name) not in self._given(self._new, now) and place != "path":
                yield f" {place}.{name}: no longer read"

    def _given(self, document: Node, operation: Operation) -> dict[tuple[str, str], Node]:
        """The parameters by place and name; one in the path goes by its position there."""
        order = [part[1:-1] for part in _IN_PATH.findall(operation.path)]
        found: dict[tuple[str, str], Node] = {}
        for given in (*operation.item.get("parameters", ()), *operation.node.get("parameters", ())):
            parameter = _mapping(resolved(document, given))
            place, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
            if place == "path":
                name = str(order.index(name)) if name in order else name
            if place == "header":
                name = name.lower()
            if place != "header" or name not in UNREAD_HEADERS:
                found[place, name] = parameter
        return found

    def _parameters(self, was: Operation, now: Operation) -> Iterator[tuple[str, str]]:
        before, after = self._given(self._old, was), self._given(self._new, now)
        for (place, name), parameter in after.items():
            at, earlier = f"{place}.{parameter.get('name', name)}", before.get((place, name))
            if (
                parameter.get("required") is True
                and place != "path"
                and (earlier or {}).get("required") is not True
            ):
                yield at, "now required" if earlier else "required, and new"
            if earlier:
                for inner, text in self._schemas.breaks(
                    "request", _schema(earlier), _schema(parameter)
                ):
                    yield at + inner, text

    def _body(self, was: Operation, now: Operation) -> Iterator[tuple[str, str]]:
        before = _mapping(resolved(self._old, was.node.get("requestBody")))
        after = _mapping(resolved(self._new, now.node.get("requestBody")))
        if after.get("required") is True and before.get("required") is not True:
            yield "request", "now required" if before else "required, and new"
        if before and after:
            yield from self._contents("request", before, after)

    def _responses(self, was: Operation, now: Operation) -> Iterator[tuple[str, str]]:
        before, after = (
            {
                str(code).upper(): given
                for code, given in _mapping(one.node.get("responses")).items()
            }
            for one in (was, now)
        )
        for code, given in before.items():
            kept = code if code in after else f"{code[0]}XX"
            if kept in after:
                yield from self._contents(
                    f"response.{code}",
                    _mapping(resolved(self._old, given)),
                    _mapping(resolved(self._new, after[kept])),
                )
            elif code.startswith("2"):
                yield f"response.{code}", "removed"

    def _contents(self, at: str, before: Node, after: Node) -> Iterator[tuple[str, str]]:
        """What stands in each media type, which is named where there are several."""
        side: Any = at.partition(".")[0]
        old, new = (
            {str(name).lower(): one for name, one in _mapping(given.get("content")).items()}
            for given in (before, after)
        )
        for media, given in old.items():
            taken = new.get(media, new.get("*/*") if side == "request" else None)
            if taken is None:
                yield f"{at} {media}", "media type removed"
                continue
            place = f"{at} {media} " if len(old) > 1 else at
            for inner, text in self._schemas.breaks(
                side, _mapping(given).get("schema"), _mapping(taken).get("schema")
            ):
                yield f"{place}{inner}", text

    def _security(self, was: Operation, now: Operation) -> Iterator[tuple[str, str]]:
        before, after = _ways(self._old, was), _ways(self._new, now)
        if not all(any(_suffices(way, asked) for asked in after) for way in before):
            asked = " or ".join(
                " and ".join(sorted({name for name, _ in way})) or "nothing" for way in after
            )
            yield "security", f"needs {asked} from now on"


def _schema(parameter: Node) -> Any:
    """A parameter's schema, which may stand under its one media type instead."""
    contents = _mapping(parameter.get("content"))
    return next((_mapping(one).get("schema") for one in contents.values()), parameter.get("schema"))


def _ways(document: Node, operation: Operation) -> list[frozenset[tuple[str, str]]]:
    """The ways in which a call may be let in, each as pairs of a scheme and a scope; the empty one
    needs nothing."""
    given: Iterable[Any] = operation.node.get("security", document.get("security")) or ({},)
    return [
        frozenset(
            (str(name), str(scope))
            for name, scopes in _mapping(way).items()
            for scope in (*scopes, "")
        )
        for way in given
    ]


def _suffices(way: frozenset[tuple[str, str]], asked: frozenset[tuple[str, str]]) -> bool:
    return asked <= way
