"""Repositories of the shapes that foreign ones have, and what is broken in each, a case a row.

Their files lie in ``repositories/``, a folder a shape; what no file can hold (a submodule, a file
of git-lfs, an editable install) is made by ``shape_place``.
"""

from dataclasses import dataclass
from typing import Iterator, Literal

Kind = Literal["suite", "hook", "shell", "linter"]
Way = Literal["uncommitted", "committed", "pushed"]
# the programs that a shape needs beside git and Python, by the shape's name
PROGRAMS = {
    "node": ("node", "npm"),
    "lfs": ("git-lfs",),
    "monorepo": ("node",),
    "polyglot": ("gotestsum", "go", "phpunit", "node", "pnpm"),
    "ruby": ("ruby", "rspec"),
}
NEVER = """    hooks:
      - {id: never, name: never, entry: "false", language: system, pass_filenames: false}
"""


@dataclass(frozen=True)
class Edit:
    """A place of a file, and what stands there then; without ``old`` the text is added."""

    path: str
    new: str
    old: str = ""


@dataclass(frozen=True)
class Break:
    """What is broken, and the entry that has to say so.

    ``without``: the entries that would find it earlier, which the pipeline then does not have.
    """

    id: str
    kind: Kind
    entry: str
    edits: tuple[Edit, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """A repository in ``repositories/``, the ticket's work in it, and its breaks.

    ``roots``: the folders that its packages are imported from. ``editable``: they are installed so
    that Python finds the working tree's.
    """

    name: str
    work: tuple[Edit, ...]
    breaks: tuple[Break, ...]
    base: str = "main"
    roots: tuple[str, ...] = ()
    editable: bool = False


RISING = Edit("src/tidewords/words.py", "return after_m < before_m", "return after_m > before_m")
RAISES = Edit("src/tidewords/words.py", '\nraise RuntimeError("half done")\n')
SRC_LAYOUT = Shape(
    "src_layout",
    work=(
        Edit(
            "src/tidewords/words.py",
            '\n\ndef slack(before_m, after_m):\n    """Whether the water stands."""\n'
            "    return before_m == after_m\n",
        ),
        Edit(
            "tests/test_slack.py",
            "from tidewords.words import slack\n\n\n"
            "def test_still_water_is_slack():\n    assert slack(1.0, 1.0)\n",
        ),
    ),
    breaks=(
        Break("wrong-answer", "suite", "local_tests", (RISING,)),
        Break("no-import", "suite", "local_tests", (RAISES,)),
        Break("wrong-answer-pushed", "suite", "tests", (RISING,), ("local_tests",)),
        Break("linter", "linter", "quality", (Edit("src/tidewords/words.py", "\nimport os\n"),)),
    ),
    roots=("src",),
    editable=True,
)

SLUG = Edit("src/slug.js", "text.trim()", "text.trim().toLowerCase().replaceAll(' ', '-')")
NODE = Shape(
    "node",
    work=(
        Edit("src/slug.js", "exports.shout = (text) => exports.slug(text).toUpperCase();\n"),
        Edit(
            "test/shout.test.js",
            "'use strict';\n\nconst assert = require('node:assert');\n"
            "const { test } = require('node:test');\n\n"
            "const { shout } = require('../src/slug');\n\n"
            "test('it is loud', () => assert.equal(shout('a b'), 'A-B'));\n",
        ),
    ),
    breaks=(
        Break("wrong-answer", "shell", "unit", (SLUG,)),
        Break("install", "shell", "install", (Edit("tools/install.js", "nowhere", "'vendor'"),)),
        Break(
            "dependency",
            "shell",
            "unit",
            (Edit("vendor/left-pad/index.js", "padEnd", "padStart"),),
        ),
        Break(
            "syntax",
            "shell",
            "syntax",
            (Edit("src/slug.js", "exports.slug = (", "exports.slug = "),),
            ("install", "unit", "local_tests"),
        ),
        Break("wrong-answer-reported", "suite", "local_tests", (SLUG,), ("unit",)),
        Break("no-report", "suite", "local_tests", (Edit("package.json", "=a.xml", "=node.xml"),)),
        Break("linter", "linter", "quality", (Edit("src/slug.js", "var loud = true;\n"),)),
    ),
)

FIVES = Edit("numerals.py", '"V": 50', '"V": 5')
MASTER_SUBMODULE = Shape(
    "master_submodule",
    work=(
        Edit("numerals.py", '"X": 10, "L": 50', '"X": 10'),
        Edit(
            "tests/test_fifty.py",
            'from numerals import number\n\n\ndef test_fifty():\n    assert number("XL") == 40\n',
        ),
    ),
    breaks=(
        # only a test case of the submodule knows of five
        Break("wrong-answer", "suite", "local_tests", (FIVES,)),
        Break("wrong-answer-pushed", "suite", "tests", (FIVES,), ("local_tests",)),
        Break(
            "own-command",
            "suite",
            "local_tests",
            (Edit("numerals.py", "VALUES[letter.upper()]", "VALUES[letter]"),),
        ),
        Break("linter", "linter", "quality", (Edit("numerals.py", "\nZERO  =  0\n"),)),
    ),
    base="master",
)

LARGE = "data/rates.csv"
RATE = Edit(LARGE, "SEK,-1", "SEK,0.09")
NO_RATE = Edit(LARGE, "SEK,\n", "SEK,0.09\n")
LFS = Shape(
    "lfs",
    work=(
        Edit(LARGE, "NOK,0.08\n"),
        Edit("tests/test_rates.py", '"CHF", "NOK", "SEK"', '"CHF", "SEK"'),
    ),
    breaks=(
        Break("large-file", "suite", "local_tests", (RATE,)),
        Break(
            "program",
            "suite",
            "local_tests",
            (Edit("rates.py", 'row["eur"]', 'float(row["eur"])'),),
        ),
        Break("own-command", "suite", "local_tests", (Edit(LARGE, "SEK, 0.09", "SEK,0.09"),)),
        Break("linter", "linter", "quality", (Edit("rates.py", "\nimport os\n"),)),
        Break("large-file-checked", "shell", "data", (NO_RATE,), ("local_tests",)),
        Break("large-file-pushed", "shell", "pushed_data", (NO_RATE,), ("local_tests", "data")),
    ),
)

UNTOLD = Edit("quotes/app.py", "\nVERSION = 2\n")
FASTAPI = Shape(
    "fastapi",
    work=(
        Edit("quotes/app.py", ', "ada": "It might act upon other things."}', "}"),
        Edit("CHANGES.md", "- Ada's words\n"),
    ),
    breaks=(
        Break("untold-change", "hook", "pre_commit", (UNTOLD,)),
        Break(
            "branch-refused",
            "hook",
            "pre_commit",
            (Edit(".pre-commit-config.yaml", "--pattern SCRUM-.*", "--branch main"),),
        ),
        Break(
            "never",
            "hook",
            "pre_commit",
            (Edit(".pre-commit-config.yaml", NEVER, "    hooks:\n"),),
        ),
        Break(
            "wrong-answer",
            "suite",
            "local_tests",
            (Edit("quotes/app.py", '"words": QUOTES', '"text": QUOTES'),),
        ),
        Break(
            "own-command",
            "suite",
            "local_tests",
            (Edit("quotes/app.py", 'title="Words"', 'title="Quotes"'),),
        ),
        Break(
            "linter",
            "linter",
            "quality",
            (Edit("quotes/app.py", "\nimport os\n"), Edit("CHANGES.md", "- the system\n")),
        ),
    ),
)

SUM = Edit("packages/ledger/src/ledger.py", "len(amounts)", "sum(amounts)")
LINE = Edit("packages/report/src/report.py", "{name} ", "{name}: ")
BAR = Edit("packages/widget/src/bar.js", "share * 20", "share * 10")
MONOREPO = Shape(
    "monorepo",
    work=(
        Edit(
            "packages/ledger/src/ledger.py",
            '\n\ndef least(amounts):\n    """The smallest."""\n    return min(amounts)\n',
        ),
        Edit("packages/widget/src/bar.js", "exports.full = () => exports.bar(1);\n"),
    ),
    breaks=(
        Break("ledger", "suite", "local_tests", (SUM,)),
        Break("report", "suite", "local_tests", (LINE,)),
        Break("widget", "shell", "widget", (BAR,), ("local_tests",)),
        Break("widget-reported", "suite", "local_tests", (BAR,)),
        Break(
            "linter",
            "linter",
            "quality",
            (Edit("packages/report/src/report.py", "\nimport os\n"),),
        ),
        Break("json", "hook", "pre_commit", (Edit("packages/shared.json", "{\n"),)),
        Break("ledger-pushed", "suite", "ledger_tests", (SUM,), ("local_tests",)),
        Break("report-pushed", "suite", "report_tests", (LINE,), ("local_tests",)),
        Break("widget-pushed", "shell", "pushed_widget", (BAR,), ("widget", "local_tests")),
        Break("widget-suite", "suite", "widget_tests", (BAR,), ("widget", "local_tests")),
    ),
)

FEWEST = Edit("tally/tally.go", "count < t[most]", "count > t[most]")
OFTEN = Edit("web/src/line.js", "plural(count, 'day')", "plural(count, 'time')")
PRODUCT = Edit("sums/src/Sum.php", "array_product", "array_sum")
UNREACHED = "\nfunc never() int {\n\treturn 1\n\treturn 2\n}\n"
POLYGLOT = Shape(
    "polyglot",
    work=(
        Edit(
            "tally/tally.go",
            "\n// Names counts the names.\nfunc (t Tally) Names() int { return len(t) }\n",
        ),
        Edit("web/src/line.js", "exports.never = (name) => exports.line(name, 0);\n"),
        Edit("sums/src/Sum.php", "\n// the end\n"),
    ),
    breaks=(
        Break("go", "suite", "local_tests", (FEWEST,)),
        Break("go-compiles-not", "suite", "local_tests", (Edit("tally/tally.go", "\nfunc {\n"),)),
        Break("javascript", "suite", "local_tests", (OFTEN,)),
        Break(
            "lock-file",
            "suite",
            "local_tests",
            (Edit("web/pnpm-lock.yaml", "specifier: file:other", "specifier: file:vendor/plural"),),
        ),
        Break("php", "suite", "local_tests", (PRODUCT,)),
        Break(
            "no-report",
            "suite",
            "local_tests",
            (Edit("web/package.json", "destination=other.xml", "destination=node.xml"),),
        ),
        Break("go-pushed", "suite", "tally_tests", (FEWEST,), ("local_tests",)),
        Break("javascript-pushed", "suite", "web_tests", (OFTEN,), ("local_tests",)),
        Break("php-pushed", "suite", "sums_tests", (PRODUCT,), ("local_tests",)),
        Break("vet", "linter", "quality", (Edit("tally/tally.go", UNREACHED),)),
    ),
)

HIGHEST = Edit("lib/tides/table.rb", "min_by", "max_by")
UNUSED = "\ndef unused\n  left = 1\n  2\nend\n"
RUBY = Shape(
    "ruby",
    work=(
        Edit(
            "lib/tides/table.rb",
            "    def lowest\n      @heights_m.min_by { |_, height_m| height_m }.first\n    end\n\n"
            "    def rising?",
            "    def rising?",
        ),
        Edit(
            "spec/lowest_spec.rb",
            "require 'tides/table'\n\nRSpec.describe Tides::Table, '#lowest' do\n"
            "  it 'is the hour of the lowest water' do\n"
            "    expect(described_class.new({ 0 => 1.5, 1 => 0.5 }).lowest).to eq(1)\n  end\nend\n",
        ),
    ),
    breaks=(
        Break("wrong-answer", "suite", "local_tests", (HIGHEST,)),
        Break("loads-not", "suite", "local_tests", (Edit("lib/tides/table.rb", "\nraise 'no'\n"),)),
        Break(
            "spec-loads-not",
            "suite",
            "local_tests",
            (Edit("spec/table_spec.rb", "require 'tides/gone'", "require 'tides/table'"),),
        ),
        Break("no-spec", "suite", "local_tests", (Edit(".rspec", "--pattern nowhere\n"),)),
        Break("wrong-answer-pushed", "suite", "specs", (HIGHEST,), ("local_tests",)),
        Break("warning", "linter", "quality", (Edit("lib/tides/table.rb", UNUSED),)),
    ),
)

SHAPES = {
    shape.name: shape
    for shape in (SRC_LAYOUT, NODE, MASTER_SUBMODULE, LFS, FASTAPI, MONOREPO, POLYGLOT, RUBY)
}

# one a shape, each kind of thing in the working tree and in a commit
ALWAYS = {
    ("src_layout", "wrong-answer", "pushed"),
    ("node", "wrong-answer", "committed"),
    ("master_submodule", "wrong-answer", "uncommitted"),
    ("lfs", "large-file-checked", "uncommitted"),
    ("fastapi", "untold-change", "uncommitted"),
    ("monorepo", "json", "committed"),
    ("polyglot", "vet", "committed"),
    ("ruby", "warning", "uncommitted"),
}


@dataclass(frozen=True)
class Case:
    """A break of a shape: ``uncommitted`` in the working tree, ``committed`` by hand, or ``pushed``
    by hand and mended in the working tree, which is not asked then."""

    shape: str
    broken: Break
    way: Way

    @property
    def is_always_run(self) -> bool:
        """Whether plain pytest runs it; ``make shapes`` runs all."""
        return (self.shape, self.broken.id, self.way) in ALWAYS

    def __str__(self) -> str:
        return f"{self.shape}-{self.broken.id}-{self.way}"


def _cases() -> Iterator[Case]:
    for name, shape in SHAPES.items():
        for broken in shape.breaks:
            yield Case(name, broken, "uncommitted")
            yield Case(name, broken, "committed")
            # without the entries that find it earlier, it is pushed anyway
            if not broken.without:
                yield Case(name, broken, "pushed")


CASES = tuple(_cases())
