"""Reads a YAML file into plain data that still knows where each value stands.

PyYAML's ``compose`` is walked by hand, so that duplicate keys, explicit tags, more than one
document, deep nesting and alias bombs are refused with their line, and nothing is ever constructed
but text, numbers, booleans and null.
"""

from typing import Any, Collection, Final

import yaml

from devflow.config.excerpt import MESSAGE_CHARS, VALUE_CHARS, Position, cut, marked
from devflow.config.mistakes import Mistakes
from devflow.config.syntax import broken
from devflow.model.bounds.sizes import PIPELINE_BYTES
from devflow.model.errors import PipelineInvalid

Path = tuple[str | int, ...]

MAX_NODES: Final = 150_000  # nodes, also after aliases; 10,000 entries take about 100,000
MAX_DEPTH: Final = 32  # levels; the deepest bundled parameter is at 9

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT: Final = "tag:yaml.org,2002:str"
_MERGE: Final = "tag:yaml.org,2002:merge"
_CONSTRUCTOR: Final = yaml.constructor.SafeConstructor()


class Source:
    """A parsed file: its ``data``, and where each path of it stands. Raises ``PipelineInvalid``
    with every mistake; where ``mistakes`` are collected only for what is no YAML, and of what is
    wrong the likeliest is read.
    """

    def __init__(self, name: str, text: str, mistakes: Mistakes | None = None) -> None:
        self.name = name
        self.lines = text.splitlines()
        self._places: dict[Path, Position] = {}
        self._written: dict[Path, str] = {}
        self._found = Mistakes() if mistakes is None else mistakes
        self._tagged: dict[int, PipelineInvalid] = {}
        self._told: dict[Path, PipelineInvalid] = {}
        self._odd_keys: dict[Path, PipelineInvalid] = {}
        self._twice: set[Path] = set()
        try:
            self.data = self._read(text)
        except PipelineInvalid as error:
            self._found.stop(error)
        if mistakes is None:
            self._found.refuse()

    def error(self, message: str, path: Path = (), *, hint: str = "") -> PipelineInvalid:
        """An error at the nearest known place of a path; segments that YAML does not have are
        skipped."""
        known = path
        while known and known not in self._places:
            known = known[:-1]
        return self._error_at(message, self._places.get(known, Position(1, 1)), known, hint)

    def has(self, path: Path) -> bool:
        """Whether the file itself says something at this path."""
        return path in self._places

    def known(self, path: Path) -> Path:
        """The way in the file alone, without the segments that it does not have."""
        known: Path = ()
        for segment in path:
            if (*known, segment) in self._places:
                known = (*known, segment)
        return known

    def told(self, path: Path) -> PipelineInvalid | None:
        """The mistake for which the value that stands here could not be read for what it is."""
        return self._told.get(path)

    def told_of_key(self, path: Path) -> PipelineInvalid | None:
        """The mistake of a key that was no text."""
        return self._odd_keys.get(path)

    def is_certain(self, path: Path) -> bool:
        """Whether nothing at this path or below could mean something else than what was read."""
        return not any(one[: len(path)] == path for one in (*self._told, *self._twice))

    def written(self, path: Path) -> str:
        """A number, a date or a truth as it was written, such as ``3.10`` or ``no``; else empty."""
        return self._written.get(path, "")

    def where(self, path: Path) -> str:
        """``pipeline.yaml:38`` for a path that the file has."""
        return f"{self.name}:{self._places[path].line}"

    def _error_at(
        self, message: str, place: Position, path: Path = (), hint: str = ""
    ) -> PipelineInvalid:
        where = f"{self.name}:{place.line}:{place.column}"
        if path:
            where += "  " + path_wording(path)
        excerpt = ""
        if 0 < place.line <= len(self.lines):
            excerpt = marked(self.lines[place.line - 1], place)
        return PipelineInvalid(
            cut(message, MESSAGE_CHARS), hint=cut(hint, MESSAGE_CHARS), where=where, excerpt=excerpt
        )

    def _read(self, text: str) -> Any:
        if len(text.encode("utf-8", "replace")) > PIPELINE_BYTES:
            raise PipelineInvalid(
                f"{self.name} is larger than {PIPELINE_BYTES} bytes", where=self.name
            )
        try:
            self._tell_tags(text)
            node = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            what = broken(error, text, _LOADER)
            message = f"not valid YAML: {what.problem}"
            raise self._error_at(message, what.place, hint=what.hint) from None
        except yaml.reader.ReaderError as error:
            # with the character itself, so that one at a line's start has its line
            rows = text[: error.position + 1].splitlines() or [""]
            place = Position(len(rows), max(1, len(rows[-1])))
            raise self._error_at(f"not valid YAML: {error.reason}", place) from None
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise self._error_at(f"not valid YAML: {error}", Position(1, 1)) from None
        if node is None:
            return None
        self._measured(node, {})
        return self._value(node, ())

    def _tell(
        self, message: str, place: Position, path: Path = (), hint: str = ""
    ) -> PipelineInvalid:
        error = self._error_at(message, place, path, hint)
        self._found.add([error])
        return error

    def _tell_tags(self, text: str) -> None:
        depth = 0
        nodes = 0
        for event in yaml.parse(text, Loader=_LOADER):
            nodes += isinstance(event, yaml.NodeEvent)
            if nodes > MAX_NODES:
                problem = f"more than {MAX_NODES} values, which is more than a pipeline has"
                raise self._error_at(problem, _place_of(event))
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise self._error_at(f"nested deeper than {MAX_DEPTH} levels", _place_of(event))
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if getattr(event, "tag", None) is not None:
                hint = "write plain text, numbers or true/false"
                told = self._tell("tags are not allowed here", _place_of(event), hint=hint)
                self._tagged[_index(event)] = told

    def _measured(self, node: yaml.Node, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
        """How many nodes a node comes to after aliases are followed, and how many levels: each is
        counted once, so that no bomb is expanded to be refused."""
        if id(node) in known:
            return known[id(node)]
        # what holds itself meets this
        known[id(node)] = (MAX_NODES, MAX_DEPTH)
        nodes = 1
        levels = 0
        for child in _children(node):
            below, deep = self._measured(child, known)
            nodes += below
            levels = max(levels, deep + 1)
        if nodes > MAX_NODES or levels > MAX_DEPTH:
            problem = "this file expands to more than it may (aliases or nesting)"
            raise self._error_at(problem, _place_of(node))
        known[id(node)] = (nodes, levels)
        return known[id(node)]

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self._places.setdefault(path, _place_of(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        if _index(node) in self._tagged:
            self._told[path] = self._tagged[_index(node)]
            return node.value
        try:
            value = _CONSTRUCTOR.construct_object(node)
        except (ValueError, yaml.YAMLError) as error:
            hint = "write it in quotes where text is meant"
            problem = f"cannot be read: {error}"
            self._told[path] = self._tell(problem, _place_of(node), path, hint)
            return node.value
        if value is not None and not isinstance(value, str):
            self._written[path] = node.value
        return value

    def _mapping(
        self, node: yaml.MappingNode, path: Path, known: Collection[str] = ()
    ) -> dict[str, Any]:
        """The table of a node, without the keys that are ``known``."""
        table: dict[str, Any] = {}
        merged: list[yaml.MappingNode] = []
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged += self._merged(value_node, path)
                continue
            key = self._key(key_node, path)
            if key is None or key in known:
                continue
            if key in table:
                self._tell_twice(key, key_node, path)
                # which of the two is meant nobody knows: this one is read for its mistakes alone
                self._value(value_node, (*path, f"{key} (again)"))
                continue
            self._places[(*path, key)] = _place_of(key_node)
            table[key] = self._value(value_node, (*path, key))
        for one in merged:
            # what stands in the table itself goes before what is merged into it
            table.update(self._mapping(one, path, {*known, *table}))
        return table

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        """A key's text, also where it is read as something else, which is told; ``None`` where it
        is no word at all."""
        place = _place_of(node)
        if not isinstance(node, yaml.ScalarNode):
            kind = "mapping" if isinstance(node, yaml.MappingNode) else "list"
            hint = "write one word in front of the colon"
            self._tell(f"a key has to be text, and this one is a {kind}", place, path, hint)
            return None
        key = str(node.value)
        if node.tag == _TEXT or _index(node) in self._tagged:
            return key
        if key in ("", "~"):
            hint = "write one word in front of the colon"
            self._tell("a key has to be text, and nothing stands here", place, path, hint)
            return None
        shown = cut(key, VALUE_CHARS)
        problem = f'the key {shown} has to be text: write "{shown}" in quotes'
        self._odd_keys[(*path, key)] = self._tell(problem, place, path)
        return key

    def _tell_twice(self, key: str, node: yaml.Node, path: Path) -> None:
        first = self._places[(*path, key)]
        hint = f"keep one of the two; the first is in line {first.line}"
        self._tell(f'"{key}" stands twice', _place_of(node), (*path, key), hint)
        self._twice.add((*path, key))

    def _merged(self, node: yaml.Node, path: Path) -> list[yaml.MappingNode]:
        """The tables that ``<<`` takes over, the first before those after it."""
        tables = node.value if isinstance(node, yaml.SequenceNode) else [node]
        mappings = [one for one in tables if isinstance(one, yaml.MappingNode)]
        if len(mappings) < len(tables):
            problem = "<< takes over a mapping, or a list of mappings"
            hint = "name the mapping by an anchor: <<: *name"
            self._told[path] = self._tell(problem, _place_of(node), path, hint)
        return mappings


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _index(item: Any) -> int:
    """How many characters stand in front of an event, and of the node that is made of it."""
    index: int = item.start_mark.index
    return index


def path_wording(path: Path) -> str:
    """A path as a person says it: ``phases → ci → parallel[1]``."""
    words = ""
    for segment in path:
        if isinstance(segment, int):
            words += f"[{segment}]"
        else:
            name = cut(segment, VALUE_CHARS)
            words += f" → {name}" if words else name
    return words


def _place_of(item: Any) -> Position:
    start = item.start_mark
    end = item.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Position(start.line + 1, start.column + 1, max(1, width))
