"""Which criteria of the ticket a test claims to prove, in any language: by a property ``ac``, by
its name, or by a comment on or just above it that names ticket and criterion.

A comment in its file that stands at no test of the report is one of all its tests, so that all of
them have to pass. A comment in a file that the report says nothing of claims nothing.
"""

import re
from pathlib import PurePosixPath
from typing import Collection, Final, Iterator, Mapping, NamedTuple, Sequence

from devflow.craft.imports.paths import folder_of, is_test
from devflow.craft.reports import cpp_tests
from devflow.craft.reports.junit import ReportedCase
from devflow.craft.suites.comments import ENDINGS, comments
from devflow.ports.repository import RepositoryReads

# folders whose files hold tests, whatever they are called
_FOLDERS: Final = frozenset("test tests spec specs __tests__ t e2e features".split())
_ONE: Final = r"AC[-_ ]?\d+"
# what stands between several ids that are told of one ticket
_AND: Final = r"(?:[-_ ,/&+]|\band\b)+"
_AFTER_KEY: Final = r"[-_ :/.]+"
_IDS: Final = re.compile(
    rf"(?P<key>[A-Za-z0-9]-\d+{_AFTER_KEY})?(?<![A-Za-z0-9])AC-\d+(?:{_AND}AC-\d+)*(?![0-9])"
)
_NUMBER: Final = re.compile(r"AC[-_ ]?(\d+)", re.IGNORECASE)
_LITERAL: Final = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'|`((?:\\.|[^`\\])*)`")
_WORD: Final = re.compile(r"\w+")
# what runners put in the place of a parameter: %s, $name, ${name}, #{name}
_PLACE: Final = re.compile(r"%[#%a-z]|\$\{[^}]*\}|\$[\w.]+|#\{[^}]*\}")
_PARAMETERS: Final = re.compile(r"[\[({]| with data set ")
_BETWEEN_NAMES: Final = r"(?:^|[\s>./:]|$)"
_SEPARATORS: Final = re.compile(r"[.\\:$]+")


class Ticket(NamedTuple):
    """Whose criteria are claimed: its key, and the paths that it changed, none where that is not
    known."""

    key: str
    changed: tuple[str, ...] = ()


def named_in(text: str, key: str) -> tuple[str, ...]:
    """The ids that a text names together with the ticket: ``SCRUM-95 AC-1``, as an identifier
    ``scrum_95_ac_1``, and several as ``SCRUM-95 AC-1, AC-2``."""
    if not key:
        return ()
    own = re.escape(key).replace(r"\-", "[-_ ]?")
    pattern = rf"(?<![A-Za-z0-9]){own}{_AFTER_KEY}({_ONE}(?:{_AND}{_ONE})*)(?![0-9])"
    found = []
    for several in re.findall(pattern, text, re.IGNORECASE):
        found += [f"AC-{number}" for number in _NUMBER.findall(several)]
    return tuple(dict.fromkeys(found))


def bare_in(text: str) -> tuple[str, ...]:
    """The ids that a text names without any ticket before them: ``SCRUM-7 AC-1, AC-2`` are both of
    SCRUM-7, whichever ticket is asked for."""
    found = []
    for told in _IDS.finditer(text):
        if not told["key"]:
            found += [f"AC-{number}" for number in _NUMBER.findall(told[0])]
    return tuple(dict.fromkeys(found))


def texts_naming(
    repository: RepositoryReads, tree: str, paths: Collection[str], key: str
) -> dict[str, str]:
    """The texts of a tree's test files that name a criterion of the ticket."""
    tests = {path for path in paths if path.endswith(ENDINGS) and _may_hold_tests(path)}
    endings = tuple({PurePosixPath(path).suffix for path in tests})
    if not key or not endings:
        return {}
    found = {}
    for path, text in repository.texts(tree, endings).items():
        if path in tests and named_in(text, key):
            found[path] = text
    return found


def _may_hold_tests(path: str) -> bool:
    return is_test(path) or bool(_FOLDERS & set(PurePosixPath(path).parts[:-1]))


def claims(
    ticket: Ticket, texts: Mapping[str, str], entries: Sequence[ReportedCase]
) -> dict[str, tuple[str, ...]]:
    """The criteria that each case claims, by the case's id; ``texts`` are those of test files.

    Every ticket has an AC-1, so that one without its ticket counts only as a property or in a name
    of a file that the ticket changed; where it is not known what it changed, each counts.
    """
    found: dict[str, list[str]] = {}
    for entry in entries:
        found[entry.id] = [*_by_property(ticket, entry), *_by_name(ticket, entry)]
    for path, text in texts.items():
        for entry, criteria in _by_comments(ticket, path, text, entries):
            found[entry.id] += criteria
    return {id_: tuple(dict.fromkeys(criteria)) for id_, criteria in found.items()}


def is_among(paths: Collection[str], entry: ReportedCase) -> bool:
    """Whether the file of a case is one of the paths."""
    return any(_is_file(path, entry.file) for path in paths)


def _is_file(path: str, named: str) -> bool:
    """Whether a runner means this path: it names a file from its own root, which may be above or
    below the tree's top folder, or from that of the machine."""
    if not named:
        return False
    return path == named or path.endswith(f"/{named}") or named.endswith(f"/{path}")


def _is_own(ticket: Ticket, entry: ReportedCase) -> bool:
    return not ticket.changed or is_among(ticket.changed, entry)


def _by_property(ticket: Ticket, entry: ReportedCase) -> Iterator[str]:
    for name in entry.case.criteria:
        key, _, bare = name.rpartition(" ")
        if key == ticket.key if key else _is_own(ticket, entry):
            yield bare


def _by_name(ticket: Ticket, entry: ReportedCase) -> Iterator[str]:
    whole = f"{entry.classname} {entry.case.name}"
    yield from named_in(whole, ticket.key)
    if _is_own(ticket, entry):
        yield from bare_in(whole)


def _by_comments(
    ticket: Ticket, path: str, text: str, entries: Sequence[ReportedCase]
) -> Iterator[tuple[ReportedCase, tuple[str, ...]]]:
    here = list(_standing_in(path, text, entries))
    for comment in comments(path, text):
        criteria = named_in(comment.text, ticket.key)
        if criteria:
            for entry in _at(comment.code, here) or here:
                yield entry, criteria


def _standing_in(path: str, text: str, entries: Sequence[ReportedCase]) -> Iterator[ReportedCase]:
    """The cases of a file, each called as the file calls it."""
    macros = cpp_tests.Macros(text if path.endswith(cpp_tests.ENDINGS) else "")
    for entry in entries:
        defined = None if entry.file else macros.own(entry)
        if defined or _stands_in(entry, path, text):
            yield defined or entry


def _stands_in(entry: ReportedCase, path: str, text: str) -> bool:
    """Whether a case stands in a file: as its report names the file, its class or its package."""
    if entry.file:
        return _is_file(path, entry.file)
    classname = entry.classname
    if path.endswith(".go"):
        function = re.escape(entry.case.name.partition("/")[0])
        is_package = _is_file(folder_of(path), classname) or folder_of(path) == "."
        return is_package and re.search(rf"^func {function}\(", text, re.MULTILINE) is not None
    if _is_file(path, classname):
        return True
    stem = str(PurePosixPath(path).with_suffix(""))
    parts = _SEPARATORS.sub("/", classname).split("/")
    # tests.test_tabs.TestTabs stands in tests/test_tabs.py, acme.TabsTest in acme/TabsTest.java
    return any(_is_file(stem, "/".join(parts[:count])) for count in range(len(parts), 0, -1))


def _at(code: str, entries: Sequence[ReportedCase]) -> list[ReportedCase]:
    """The cases that a line of code defines: by name and class, else by name, else by class."""
    literals = ["".join(found) for found in _LITERAL.findall(code)]
    words = set(_WORD.findall(_LITERAL.sub(" ", code)))
    by_fit: dict[int, list[ReportedCase]] = {}
    for entry in entries:
        fit = 2 * _has_name(entry, literals, words) + _has_class(entry, literals, words)
        by_fit.setdefault(fit, []).append(entry)
    best = max(by_fit, default=0)
    return by_fit[best] if best else []


def _has_name(entry: ReportedCase, literals: Sequence[str], words: set[str]) -> bool:
    name = entry.case.name
    base = _PARAMETERS.split(name)[0].strip()
    if base in words or name.partition("/")[0] in words:
        return True
    for pattern in map(_title, literals):
        # go test puts `_` where a title has a blank
        texts = (name, base, name.replace("_", " "))
        if pattern and any(re.search(rf"{_BETWEEN_NAMES}{pattern}$", text) for text in texts):
            return True
    return False


def _has_class(entry: ReportedCase, literals: Sequence[str], words: set[str]) -> bool:
    # vitest and others write the path of the file there
    classname = "" if entry.classname.endswith(ENDINGS) else entry.classname
    segments = set(_SEPARATORS.sub(" ", classname).replace("/", " ").split())
    if segments & words:
        return True
    whole = f"{classname} {entry.case.name}"
    for pattern in map(_title, literals):
        if pattern and re.search(f"{_BETWEEN_NAMES}{pattern}{_BETWEEN_NAMES}", whole):
            return True
    return False


def _title(literal: str) -> str:
    """A regular expression for what a title becomes in a report; empty of one that would fit
    anything."""
    parts = _PLACE.split(literal)
    if not any(_WORD.search(part) for part in parts):
        return ""
    return ".*?".join(re.escape(part) for part in parts)
