"""docs/linters.md: how linters are named, and what is read of which tool, made from the settings
and from the reports that the tests read."""

from typing import Iterator

from devflow.craft.quality.linter_settings import NAMED, Linter
from tests.unit.craft.quality.given import ASKED, TOLD

_FORMS = {
    "sarif": "SARIF",
    "checkstyle": "checkstyle's XML",
    "json": "its own JSON",
    "lines": "lines",
}
_EXAMPLE = """\
    - quality: # what the project configures of those that devflow knows
    - quality: {with: {linters: [ruff, black]}}
    - quality:
        with:
          linters:
            ruff:
            mypy: mypy src
            eslint:
              run: npx --no-install eslint -f json .
              cwd: web
              setup: npm ci
              setup_key: [package-lock.json]
              keep: [node_modules]
            biome: {run: npx biome lint --reporter=sarif --reporter-file=b.sarif, report: b.sarif}
"""


def linters_page() -> str:
    """The whole page."""
    lines = [
        "# Linters",
        "",
        "Step 16 runs the project's own linters by the project's own configuration, each in a"
        " checkout of the pushed",
        "commit, and side by side with it in one of the commit that the ticket is compared with.",
        "",
        "```yaml",
        *_EXAMPLE.splitlines(),
        "```",
        "",
        f"Known by their names are {', '.join(NAMED)}: each is started from the project's own"
        " environment where it is",
        "there, else from devflow's. Any other is a command:",
        "",
        *_settings(),
        "",
        "Without any named, those that the tree configures are asked: from the top what the top"
        " configures, in its folder what",
        "only a folder does (`flake8 packages/a`), but not in folders called tests, fixtures,"
        " examples and the like. ruff finds",
        "the configuration nearest to each file by itself; what black and flake8 would not apply"
        " from where they run, and the",
        "configurations of other linters in any folder, are named in the evidence as not run.",
        "",
        "## What decides",
        "",
        "With `scope: new`, a finding decides when the base commit's run of the same linter has"
        " none of its rule, its path",
        "and the text of its line; where the line stands is of no matter, and a file that git says"
        " was renamed is followed.",
        "A finding without a rule is known by its words. Of several alike as many are old as the"
        " base has. What was there",
        "before is counted and shown. Where the base could not be measured, everything decides, and"
        " the reason is said.",
        "With `scope: all` everything decides and the base is not run.",
        "",
        "What a linter said of the base commit is kept in the user's cache, 100 MB of it at most,"
        " and taken by a later command",
        "while the commit, the linter's declaration, its program or interpreter with all packages,"
        " the environment, the user's",
        "own settings of linters and the machine are the same; the line then says when it was"
        " found. `devflow cache` shows it,",
        "`ship --again` measures it anew. Kept is what is asked by its name, and a `run:` whose"
        " program lies beside the project's",
        "own interpreter or comes, with a `setup_key`, from a lock file; of others, of one with"
        " `pass_env` and of a matrix it is",
        "not known what they load: they run again.",
        "",
        "## What is no measurement",
        "",
        "- a linter that is missing, with the command that installs it",
        "- one that ends otherwise than with 0 and names no finding that can be read",
        "- mypy that says that it cannot read its settings: it goes on without them, and may well "
        "end with 0",
        "- zizmor that says that it left a workflow out: it ends with 0 where the others have "
        "nothing to find",
        "- one that says that it looked at no file; that a linter does not tell how many is said",
        "- a report that is not whole, or not of the form that was named",
        "- one whose SARIF has no list of results, unless it names the files it looked at or says"
        " that it was carried out;",
        "  one that tells there of an error at no place of the tree, of a signal, of an exit code"
        " without a finding, or that it",
        "  was not carried out",
        "- one whose output is a JSON object of a form that devflow does not know, whole or with"
        " a list of objects in it,",
        "  or a report of tests (JUnit)",
        "- one that failed, brings no new finding, and prints a line that nobody can read and that"
        " the base's run does not",
        "  print as often; numbers in it are of no matter",
        "",
        "Findings count also where the linter ends with 0. Lines that are neither findings nor"
        " known words of a tool are",
        "counted, and the first is shown.",
        "",
        "## What was read",
        "",
        "Every line stands for a report that the tool itself wrote and a test reads; others of"
        " these forms are read by the",
        "same rules.",
        "",
        *_reports(),
        "",
        "golangci-lint was not run: its text, checkstyle's XML, SARIF and JSON are read by the"
        " rules of its source (the printers",
        "of 2.13 and of 1.64), which tests hold. In its `tab` form the linter stands in the words"
        " and is no rule. oxlint's",
        "default form, biome's and pyright's are read too, with lines that are counted as not"
        " read.",
    ]
    return "\n".join(lines) + "\n"


def _settings() -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    for name, field in Linter.model_fields.items():
        yield f"| `{name}` | {field.description} |"


def _reports() -> Iterator[str]:
    yield "| linter | version | form | files told |"
    yield "|---|---|---|---|"
    for name in sorted({*TOLD, *ASKED}):
        tool, _, rest = name.rpartition("-")
        version = ".".join(part for part in rest.split(".") if part.isdecimal())
        form, files, _ = TOLD.get(name, ("", None, set()))
        is_asked = name in ASKED
        told = "yes" if files is not None or is_asked else "no"
        words = "as devflow asks it" if is_asked else _FORMS[form]
        yield f"| {tool} | {version} | {words} | {told} |"
