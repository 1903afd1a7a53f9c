"""What JavaScript and TypeScript files import, by their syntax trees.

Read are ``import`` and ``export ... from``, ``import()``, ``require`` and the mocks of jest and
vitest with a literal name, and ``new URL("./worker.js", import.meta.url)``. Of a file that its
grammar does not know in part (Flow, a syntax of tomorrow) words that look like these are read.
"""

import re
from functools import cache, lru_cache
from typing import Callable, Final, Iterator, Mapping, NamedTuple

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from devflow.craft.imports.paths import COMPONENTS

_STATEMENTS: Final = """
(import_statement source: (string) @name)
(export_statement source: (string) @name)
(call_expression function: [(import) (identifier) (member_expression)] @called
    arguments: (arguments . [(string) (template_string)] @name))
(new_expression constructor: (identifier) @called
    arguments: (arguments . (string) @name))
"""
_REQUIRE: Final = "(import_require_clause source: (string) @name)"
_GRAMMARS: Final[Mapping[str, Callable[[], object]]] = {
    "js": tree_sitter_javascript.language,
    "ts": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
}
_OF_ENDING: Final = {".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx"}
_CALLED: Final = re.compile(
    r"import|require(\.resolve)?|import\.meta\.resolve|URL"
    r"|(jest|vi)\.(mock|doMock|unmock|requireActual|requireMock|importActual|importMock)"
)
# bytes; what is longer is a bundle, which takes more than a second and imports nothing any more
_LONGEST: Final = 1_000_000
_SCRIPT: Final = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_BY_WORD: Final = re.compile(
    r"""(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*(["'`])([^"'`\n]+)\1"""
)
_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))")
_KEPT: Final = 20_000  # texts; the same ones are asked for by the next step


class Read(NamedTuple):
    """Each name that a file imports, as it is written there, once; ``whole`` is false where its
    grammar does not know all of it, and only words that look like imports were read."""

    imported: tuple[str, ...]
    whole: bool = True


@cache
def _language(grammar: str) -> Language:
    return Language(_GRAMMARS[grammar]())


@cache
def _query(grammar: str) -> Query:
    """What is looked for; to compile it takes as long as to load a dozen modules."""
    looked_for = _STATEMENTS if grammar == "js" else _STATEMENTS + _REQUIRE
    return Query(_language(grammar), looked_for)


@lru_cache(maxsize=_KEPT)
def read(ending: str, text: str) -> Read:
    """What a file of that ending imports. Never raises."""
    if ending not in COMPONENTS:
        return _read(_OF_ENDING.get(ending, "js"), text)
    scripts = [_read("ts", script) for script in _SCRIPT.findall(text)]
    names = dict.fromkeys(name for one in scripts for name in one.imported)
    return Read(tuple(names), all(one.whole for one in scripts))


def _read(grammar: str, text: str) -> Read:
    data = text.encode("utf-8", "replace")
    # a parser is no thread's but its own, and costs nothing
    root = Parser(_language(grammar)).parse(data).root_node if len(data) <= _LONGEST else None
    # a query on what the grammar does not know may take the square of its length
    if root is None or root.has_error:
        words = dict.fromkeys(name for _, name in _BY_WORD.findall(text))
        return Read(tuple(words), whole=False)
    return Read(tuple(dict.fromkeys(_names(grammar, root))))


def _names(grammar: str, root: Node) -> Iterator[str]:
    for _, captures in QueryCursor(_query(grammar)).matches(root):
        called = captures.get("called")
        if called is None or _CALLED.fullmatch(_text(called[0])):
            name = _literal(captures["name"][0])
            if name:
                yield name


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _literal(node: Node) -> str:
    """What a literal says; empty of a template with expressions in it."""
    if any(child.type == "template_substitution" for child in node.named_children):
        return ""
    return _ESCAPE.sub(_unescaped, _text(node)[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if not code:
        return found[4]
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else ""
