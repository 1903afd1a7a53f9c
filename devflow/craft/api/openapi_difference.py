"""The difference of two OpenAPI 3 descriptions of one API: what a caller who relied on the older
one can no longer rely on.

No library of the registry does this well kept, and oasdiff is a program in Go: these are its rules
of the level "error", and one of a lower level: a scheme of security that asks for something else
under its old name locks every caller out. What is not listed as a break is compatible.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterable, Iterator

from devflow.craft.api.openapi_operations import (
    Operation,
    headers,
    key_path,
    mapping,
    media_types,
    methods,
    operations,
    parameters,
    responses,
    schema_of,
    unread_paths,
)
from devflow.craft.api.openapi_security import security_breaks
from devflow.craft.api.schema_alternatives import Unreadable, resolved
from devflow.craft.api.schema_difference import Break, Schemas, Uncompared
from devflow.craft.api.schema_values import Node, Side
from devflow.model.wording import one_line

PLACE_CHARS: Final = 120  # characters; beside it the operation and the reason fit on a line


@dataclass(frozen=True)
class Difference:
    """``breaks`` are lines such as ``POST /price request.mileage_km: now required``; ``notes``
    break nothing; ``uncompared`` are places of which it cannot be told, each with the reason."""

    breaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()


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
    compared = _Comparison(old, new)
    notes: list[str] = []
    found: list[Break] = []
    for path, why in {**unread_paths(old), **unread}.items():
        found.append((path, Uncompared(why)))
    for key, was in before.items():
        if key in after:
            found += _at(f"{was.called} ", compared.breaks(was, after[key]))
            notes += [f"{was.called}{text}" for text in compared.notes(was, after[key])]
        # one of a path that cannot be read may still be there
        elif not any(key_path(path) == key[1] for path in unread):
            found.append((was.called, "removed"))
    found += _at("webhook ", compared.webhooks())
    return Difference(
        breaks=_lines(f"{at}: {text}" for at, text in found if not isinstance(text, Uncompared)),
        notes=_lines(notes),
        uncompared=_lines(f"{at}: {text}" for at, text in found if isinstance(text, Uncompared)),
    )


def _at(called: str, breaks: Iterable[Break]) -> Iterator[Break]:
    for place, text in breaks:
        yield f"{called}{_place(place)}", text


def _place(place: str) -> str:
    """A place as a line has room for it, its beginning and its end."""
    if len(place) <= PLACE_CHARS:
        return place
    half = PLACE_CHARS // 2
    return f"{place[:half]}…{place[-half:]}"


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line."""
    return tuple(dict.fromkeys(one_line(text) for text in texts))


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
        parameters_now = parameters(self._new, now)
        for place, name in parameters(self._old, was):
            if (place, name) not in parameters_now and place != "path":
                yield f" {place}.{name}: no longer read"

    def webhooks(self) -> Iterator[Break]:
        """What the service no longer sends by itself, or sends otherwise."""
        after = mapping(self._new.get("webhooks"))
        for name, item in mapping(self._old.get("webhooks")).items():
            if name not in after:
                yield str(name), "removed"
                continue
            try:
                yield from self._sent(str(name), item, after[name])
            except Unreadable as error:
                yield str(name), Uncompared(error)

    def _sent(self, name: str, old: Any, new: Any) -> Iterator[Break]:
        after = dict(methods(mapping(resolved(self._new, new))))
        for method, described in methods(mapping(resolved(self._old, old))):
            if method not in after:
                yield f"{name} {method.upper()}", "removed"
                continue
            was = mapping(resolved(self._old, mapping(described).get("requestBody")))
            now = mapping(resolved(self._new, mapping(after[method]).get("requestBody")))
            # what is sent to a caller is to him what an answer is
            yield from self._contents(f"{name} body", was, now)

    def _parameters(self, was: Operation, now: Operation) -> Iterator[Break]:
        before = parameters(self._old, was)
        for (place, name), parameter in parameters(self._new, now).items():
            at = f"{place}.{parameter.get('name', name)}"
            earlier = before.get((place, name), {})
            is_required = parameter.get("required") is True and place != "path"
            if is_required and earlier.get("required") is not True:
                yield at, "now required" if earlier else "required, and new"
            if earlier:
                yield from self._default(at, earlier, parameter)
                yield from self._schema(at, "request", schema_of(earlier), schema_of(parameter))

    def _default(self, at: str, earlier: Node, parameter: Node) -> Iterator[Break]:
        """What it means to leave a parameter out; a default that is told for the first time may
        have held before."""
        was = mapping(resolved(self._old, schema_of(earlier)))
        now = mapping(resolved(self._new, schema_of(parameter)))
        if "default" in was and "default" in now and was["default"] != now["default"]:
            yield at, f"left out, it means {now['default']} and no longer {was['default']}"

    def _schema(self, at: str, side: Side, old: Any, new: Any) -> Iterator[Break]:
        for inner, text in self._schemas.breaks(side, old, new):
            yield at + inner, text

    def _body(self, was: Operation, now: Operation) -> Iterator[Break]:
        before = mapping(resolved(self._old, was.node.get("requestBody")))
        after = mapping(resolved(self._new, now.node.get("requestBody")))
        if after.get("required") is True and before.get("required") is not True:
            yield "request", "now required" if before else "required, and new"
        if before and not after:
            yield "request", "no longer taken"
        if before and after:
            yield from self._contents("request", before, after)

    def _responses(self, was: Operation, now: Operation) -> Iterator[Break]:
        after = responses(now)
        for code, response in responses(was).items():
            # a code that is no longer listed may be covered by its class
            code_now = code if code in after else f"{code[0]}XX"
            if code_now in after:
                old = mapping(resolved(self._old, response))
                new = mapping(resolved(self._new, after[code_now]))
                yield from self._contents(f"response.{code}", old, new)
                yield from self._headers(f"response.{code}", old, new)
            elif code.startswith("2"):
                yield f"response.{code}", "removed"

    def _headers(self, at: str, before: Node, after: Node) -> Iterator[Break]:
        headers_now = headers(after)
        for name, header in headers(before).items():
            place = f"{at} header {name}"
            if name not in headers_now:
                yield place, "removed"
                continue
            was = mapping(resolved(self._old, header))
            now = mapping(resolved(self._new, headers_now[name]))
            if was.get("required") is True and now.get("required") is not True:
                yield place, "may now be missing"
            yield from self._schema(place, "response", schema_of(was), schema_of(now))

    def _contents(self, at: str, before: Node, after: Node) -> Iterator[Break]:
        """What stands in each media type, which is named where there are several."""
        side: Side = "request" if at == "request" else "response"
        old = media_types(before)
        new = media_types(after)
        for media, content in old.items():
            anything = new.get("*/*") if side == "request" else None
            content_now = new.get(media, anything)
            if content_now is None:
                yield f"{at} {media}", "media type removed"
                continue
            place = f"{at} {media} " if len(old) > 1 else at
            schema = mapping(content).get("schema")
            yield from self._schema(place, side, schema, mapping(content_now).get("schema"))

    def _security(self, was: Operation, now: Operation) -> Iterator[Break]:
        return security_breaks(self._old, self._new, was, now)
