"""The reports that real linters wrote (the files' names are tool and version), and what they
say."""

from pathlib import Path
from typing import Final

REPORTS: Final = Path(__file__).parent / "reports"

UNUSED = "lint/correctness/noUnusedVariables"
EQUALS = "lint/suspicious/noDoubleEquals"
BIOME = {
    ("a.js", 1, UNUSED),
    ("a.js", 3, EQUALS),
    ("c.js", 1, UNUSED),
    ("c.js", 1, "parse"),
    ("s.css", 1, "lint/correctness/noUnknownProperty"),
    ("t.ts", 1, UNUSED),
    ("t.ts", 2, UNUSED),
}
ESLINT = {("a.js", 1, "no-unused-vars"), ("a.js", 2, "no-var"), ("a.js", 3, "eqeqeq")}
HADOLINT = {
    ("Dockerfile", 1, "DL3007"),
    ("Dockerfile", 2, "DL3014"),
    ("Dockerfile", 2, "DL3008"),
    ("Dockerfile", 2, "DL3015"),
    ("Dockerfile", 2, "DL3009"),
    ("Dockerfile", 3, "DL3003"),
    ("Dockerfile", 3, "SC2164"),
}
RUFF = {
    ("a.py", 1, "I001"),
    ("a.py", 1, "F401"),
    ("a.py", 2, "F401"),
    ("bad.py", 1, "invalid-syntax"),
    ("bad.py", 2, "invalid-syntax"),
}
STYLELINT = {
    ("s.css", 1, "declaration-block-single-line-max-declarations"),
    ("s.css", 1, "color-hex-length"),
    ("s.css", 1, "property-no-unknown"),
}
OXLINT = {("a.js", 2, "eslint(no-debugger)"), ("a.js", 3, "eslint(no-unused-vars)")}
PYLINT = {
    ("a.py", 1, "C0114"),
    ("a.py", 4, "C0116"),
    ("a.py", 6, "C0103"),
    ("a.py", 1, "W0611"),
    ("a.py", 2, "W0611"),
}
YAMLLINT = {
    ("a.yaml", 1, "document-start"),
    ("a.yaml", 2, "key-duplicates"),
    ("a.yaml", 3, "colons"),
    ("a.yaml", 3, "trailing-spaces"),
}
# the report: the form that it is told by, the files that it tells, and its findings
TOLD: dict[str, tuple[str, int | None, set[tuple[str, int, str]]]] = {
    "biome-2.6.8.checkstyle.xml": ("checkstyle", None, BIOME),
    "biome-2.6.8.github.txt": (
        "lines",
        None,
        {("a.js", 1, UNUSED), ("a.js", 2, "lint/suspicious/noDebugger")},
    ),
    "biome-2.6.8.sarif": ("sarif", None, BIOME),
    "eslint-10.15.0.checkstyle.xml": ("checkstyle", 3, {*ESLINT, ("c.js", 1, "")}),
    "eslint-10.15.0.json": ("json", 3, {*ESLINT, ("c.js", 1, "")}),
    "eslint-10.15.0.sarif": ("sarif", 3, {*ESLINT, ("c.js", 1, "ESL0999")}),
    "eslint-10.15.0.txt": ("lines", None, {*ESLINT, ("c.js", 1, "")}),
    "go-vet-1.19.8.txt": ("lines", None, {("a.go", 6, "")}),
    "hadolint-2.15.1.checkstyle.xml": ("checkstyle", None, HADOLINT),
    "hadolint-2.15.1.sarif": ("sarif", None, HADOLINT),
    "hadolint-2.15.1.txt": ("lines", None, HADOLINT),
    "markdownlint-cli2-0.24.1.txt": (
        "lines",
        1,
        {
            ("a.md", 3, "MD001"),
            ("a.md", 3, "MD022"),
            ("a.md", 4, "MD032"),
            ("a.md", 6, "MD012"),
            ("a.md", 7, "MD012"),
        },
    ),
    "mypy-2.4.1.txt": ("lines", 2, {("a.py", 6, "assignment")}),
    "oxlint-1.94.0.checkstyle.xml": ("checkstyle", None, {*OXLINT, ("c.js", 1, "")}),
    "oxlint-1.94.0.json": ("json", 3, {*OXLINT, ("c.js", 1, "")}),
    "oxlint-1.94.0.sarif": ("sarif", None, {*OXLINT, ("c.js", 1, "OXL0001")}),
    # one that does not parse has no rule there, but how bad that is
    "oxlint-1.94.0.unix.txt": ("lines", None, {*OXLINT, ("c.js", 1, "Error")}),
    "perlcritic-1.148.txt": (
        "lines",
        None,
        {
            ("a.pm", 1, ""),
            ("a.pm", 2, ""),
            ("a.pm", 3, ""),
        },
    ),
    "pylint-4.1.4.txt": ("lines", None, PYLINT),
    "ruff-0.17.6.json": ("json", None, RUFF),
    "ruff-0.17.6.txt": ("lines", None, RUFF),
    "rumdl-0.3.0.txt": (
        "lines",
        None,
        {
            ("a.md", 3, "MD001"),
            ("a.md", 4, "MD032"),
            ("a.md", 6, "MD012"),
            ("a.md", 7, "MD012"),
        },
    ),
    "shellcheck-0.11.0.gcc.txt": (
        "lines",
        None,
        {
            ("a.sh", 2, "SC2086"),
            ("a.sh", 3, "SC2115"),
            ("a.sh", 3, "SC2154"),
            ("a.sh", 3, "SC2086"),
        },
    ),
    "stylelint-17.16.0.json": ("json", 1, STYLELINT),
    "stylelint-17.16.0.txt": ("lines", None, STYLELINT),
    "stylelint-18.1.0.unix.txt": (
        "lines",
        None,
        {("s.css", 1, "color-no-invalid-hex"), ("s.css", 1, "property-no-unknown")},
    ),
    "tsc-7.0.2.txt": ("lines", None, {("t.ts", 1, "TS2322"), ("t.ts", 2, "TS2339")}),
    "ty-0.0.108.concise.txt": ("lines", None, {("a.py", 1, "unresolved-reference")}),
    "yamllint-1.38.0.github.txt": ("lines", None, YAMLLINT),
    "yamllint-1.38.0.txt": ("lines", None, YAMLLINT),
}
# those of the linters that are asked by name, which are read by how they were asked
ASKED: Final = (
    "black-25.9.0.txt",
    "black-26.10.1.txt",
    "flake8-7.5.0.txt",
    "ruff-0.17.6.json",
    "ruff-format-0.17.6.txt",
)
