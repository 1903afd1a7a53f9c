"""The GraphQL language, as far as clients of reviews need it: operations, arguments, variables,
aliases, fragments.

It knows no schema: `select` takes from a graph of plain values what a query names, and complains
about a field that the graph does not have. A value of the graph that depends on arguments is a
function of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

TOKEN: Final = re.compile(
    r'[\s,]+|#[^\n]*|(?P<token>\.\.\.|\$?[_A-Za-z]\w*|-?\d+(?:\.\d+)?|"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|[{}()\[\]:=!@|&])'
)
LITERALS: Final = {"true": True, "false": False, "null": None}


class QueryError(Exception):
    """The query cannot be answered; carries GitHub's error entry."""

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.entry = {"message": message, "locations": [{"line": 1, "column": 1}], **detail}


@dataclass(frozen=True)
class Field:
    name: str
    alias: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    selection: tuple["Field | Spread", ...] = ()


@dataclass(frozen=True)
class Spread:
    """A fragment put in: `selection` where it stands inline, else the `name` of a fragment."""

    on: str | None
    name: str | None
    selection: tuple["Field | Spread", ...] = ()


@dataclass(frozen=True)
class Document:
    kind: str  # query or mutation
    selection: tuple[Field | Spread, ...]
    fragments: Mapping[str, Spread]


@dataclass(frozen=True)
class Variable:
    name: str


class Parser:
    """Reads one document. Raises QueryError where it is not GraphQL."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while position < len(text):
            found = TOKEN.match(text, position)
            if found is None:
                raise QueryError(f"Parse error on {text[position]!r}")
            position = found.end()
            if found["token"]:
                self._tokens.append(found["token"])
        self._tokens.reverse()

    def document(self) -> Document:
        kind, selection, fragments = "query", None, {}
        while self._tokens:
            if self._peek() == "fragment":
                self._next()
                name = self._next()
                self._expect("on")
                fragments[name] = Spread(self._next(), name, self._selection())
                continue
            if self._peek() in ("query", "mutation"):
                kind = self._next()
                self._skip_to_selection()
            selection = self._selection()
        if selection is None:
            raise QueryError("A query attribute must be specified and must be a string.")
        return Document(kind, selection, fragments)

    def _peek(self) -> str:
        return self._tokens[-1] if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise QueryError("Parse error: unexpected end of the query")
        return self._tokens.pop()

    def _expect(self, word: str) -> None:
        found = self._next()
        if found != word:
            raise QueryError(f"Parse error on {found!r}: expected {word!r}")

    def _skip_to_selection(self) -> None:
        """Passes over the operation's name and the types of its variables."""
        while self._peek() not in ("{", "("):
            self._next()
        if self._peek() == "(":
            while self._next() != ")":
                continue

    def _selection(self) -> tuple[Field | Spread, ...]:
        self._expect("{")
        chosen: list[Field | Spread] = []
        while self._peek() != "}":
            chosen.append(self._spread() if self._peek() == "..." else self._field())
        self._next()
        return tuple(chosen)

    def _spread(self) -> Spread:
        self._next()
        if self._peek() not in ("on", "{"):
            return Spread(None, self._next())
        on = None
        if self._peek() == "on":
            self._next()
            on = self._next()
        return Spread(on, None, self._selection())

    def _field(self) -> Field:
        alias = name = self._name()
        if self._peek() == ":":
            self._next()
            name = self._name()
        arguments = {}
        if self._peek() == "(":
            self._next()
            while self._peek() != ")":
                key = self._name()
                self._expect(":")
                arguments[key] = self._value()
            self._next()
        return Field(name, alias, arguments, self._selection() if self._peek() == "{" else ())

    def _name(self) -> str:
        word = self._next()
        if not re.fullmatch(r"[_A-Za-z]\w*", word):
            raise QueryError(f"Parse error on {word!r}: expected a name")
        return word

    def _value(self) -> Any:
        word = self._next()
        if word == "[":
            items = []
            while self._peek() != "]":
                items.append(self._value())
            self._next()
            return items
        if word == "{":
            entries = {}
            while self._peek() != "}":
                key = self._name()
                self._expect(":")
                entries[key] = self._value()
            self._next()
            return entries
        return _scalar(word)


def _scalar(word: str) -> Any:
    if word.startswith("$"):
        return Variable(word[1:])
    if word.startswith('"'):
        return re.sub(r"\\(.)", r"\1", word.strip('"'))
    if word in LITERALS:
        return LITERALS[word]
    return int(word) if re.fullmatch(r"-?\d+", word) else word


def select(value: Any, document: Document, variables: Mapping[str, Any]) -> Any:
    """What the document names of a graph, in its order and under its aliases."""
    return _selected(value, document.selection, document, variables)


def _selected(
    value: Any,
    selection: tuple[Field | Spread, ...],
    document: Document,
    variables: Mapping[str, Any],
) -> Any:
    if isinstance(value, list):
        return [_selected(item, selection, document, variables) for item in value]
    if not isinstance(value, dict) or not selection:
        if value is not None and bool(selection) != isinstance(value, dict):
            raise QueryError("Field must have selections, or may have none, for its type")
        return value
    chosen: dict[str, Any] = {}
    for part in selection:
        if isinstance(part, Spread):
            spread = document.fragments.get(part.name, part) if part.name else part
            if spread.on in (None, value["__typename"]):
                chosen |= _selected(value, spread.selection, document, variables)
            continue
        if part.name not in value:
            detail = {
                "code": "undefinedField",
                "typeName": value["__typename"],
                "fieldName": part.name,
            }
            raise QueryError(
                f"Field '{part.name}' doesn't exist on type '{value['__typename']}'",
                extensions=detail,
            )
        inner = value[part.name]
        inner = inner(_bound(part.arguments, variables)) if callable(inner) else inner
        chosen[part.alias] = _selected(inner, part.selection, document, variables)
    return chosen


def _bound(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, Mapping):
        return {key: _bound(item, variables) for key, item in value.items()}
    return [_bound(item, variables) for item in value] if isinstance(value, list) else value
