"""Which tests a C++ source defines, by its macros: CTest names no file, and calls ``Http.Ridge``
what GoogleTest calls ``Ridge`` of ``Http``; a test of Catch2 it calls by its title."""

import re
from dataclasses import replace
from typing import Final

from devflow.craft.reports.junit import ReportedCase

ENDINGS: Final = (".cc", ".cpp", ".cxx", ".h", ".hpp")
"""Of the sources whose macros are looked at."""
# with what CMake puts before it, the name of an instance, and a parameter or a type behind
_OF_CTEST: Final = re.compile(r"(?:.*?[./])??(\w+)(?:/\d+)?\.(\w+)(?:[/<].*)?")
_SCENARIO: Final = "Scenario: "  # what Catch2 puts before the title of one
_MACRO: Final = re.compile(r"TEST\w*\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)")
_TITLED: Final = re.compile(r"(?:TEST_CASE|SCENARIO)\w*\s*\([^\"\n]*\"((?:\\.|[^\"\\])*)\"")


class Macros:
    """The tests that a source defines."""

    def __init__(self, text: str) -> None:
        self._tests = frozenset(_MACRO.findall(text))
        self._titles = frozenset(_TITLED.findall(text))

    def own(self, entry: ReportedCase) -> ReportedCase | None:
        """The case, called as its macro calls it; ``None`` where there is no macro for it."""
        name = entry.case.name
        found = _OF_CTEST.fullmatch(name) if entry.classname in ("", name) else None
        suite, test = found.groups() if found else (entry.classname, name)
        if (suite, test) in self._tests:
            case = entry.case.model_copy(update={"name": test})
            return replace(entry, case=case, classname=suite)
        return entry if name.removeprefix(_SCENARIO) in self._titles else None
