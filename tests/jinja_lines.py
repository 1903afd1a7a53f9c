"""A plug-in of coverage.py that counts the lines of Jinja templates that put something on a page.

Jinja compiles a template to Python under the template's own file name, and keeps which Python line
came from which line of the template. Coverage runs plug-ins with its C tracer, which it chooses by
itself when there is one. Registered in `.coveragerc`. Only lines that do something count: a line of
nothing but HTML belongs to the statement before it.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterable, Optional, Set, Tuple

from coverage.plugin import CoveragePlugin, FileReporter, FileTracer
from coverage.plugin_support import Plugins
from jinja2 import Environment

SUFFIX = ".html"


@lru_cache(maxsize=None)
def noted_lines(debug_info: str) -> Dict[int, int]:
    """Return Python line to template line, from a compiled template's notes: `1=13&2=16`."""
    lines = {}
    for pair in debug_info.split("&"):
        if pair:
            template, _, python = pair.partition("=")
            lines[int(python)] = int(template)
    return lines


class Tracer(FileTracer):
    """Knows one template's lines."""

    def __init__(self, filename: str) -> None:
        self._filename = filename

    def source_filename(self) -> str:
        """Return the template's own path."""
        return self._filename

    def line_number_range(self, frame: Any) -> Tuple[int, int]:
        """Return the template's line that the frame's Python line came from, or (-1, -1) for what
        Jinja adds itself.

        Python lines that are not noted stand for text, and belong to no line for certain: after a
        branch they would be taken for the branch. Only those at the head of a block are surely the
        block's.
        """
        noted = noted_lines(frame.f_globals.get("debug_info", ""))
        line = noted.get(frame.f_lineno, -1)
        head = frame.f_code.co_firstlineno
        if line < 0 and head in noted:
            between = range(head + 1, frame.f_lineno)
            if noted.keys().isdisjoint(between):
                line = noted[head]
        return line, line


class Reporter(FileReporter):
    """Says which of a template's lines can run."""

    def source(self) -> str:
        """Return the template's text."""
        return Path(self.filename).read_text(encoding="utf-8")

    def lines(self) -> Set[int]:
        """Return the lines that do something."""
        # as services.frontend.app sets it: it moves what a line is compiled to
        environment = Environment(trim_blocks=True)
        code = environment.compile(self.source(), filename=self.filename, raw=True)
        notes = re.findall("^debug_info = '(.*)'$", code, re.MULTILINE)
        return set(noted_lines(notes[-1]).values())


class JinjaLines(CoveragePlugin):
    """Takes every template on, also those that never ran."""

    def file_tracer(self, filename: str) -> Optional[FileTracer]:
        """Return a tracer for a template, None for anything else."""
        return Tracer(filename) if filename.endswith(SUFFIX) else None

    def file_reporter(self, filename: str) -> FileReporter:
        """Return what knows the template's lines."""
        return Reporter(filename)

    def find_executable_files(self, src_dir: str) -> Iterable[str]:
        """Return every template in a measured folder, also those that no test renders."""
        return [str(path) for path in sorted(Path(src_dir).rglob("*" + SUFFIX))]


def coverage_init(reg: Plugins, options: Dict[str, str]) -> None:
    """Register the plug-in; coverage.py calls this."""
    reg.add_file_tracer(JinjaLines())
