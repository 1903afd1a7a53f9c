"""What tools say beside their findings: how much they looked at, and that they could not.

A table of words, as the tools named beside each were seen to print them, but where it says that
they are as documented.
"""

import re
from dataclasses import dataclass
from typing import Final, Iterable

_RULES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # mypy 1.x and 2.x
        r"Success: no issues found in (?P<files>\d+) source files?",
        r"Found \d+ errors? in \d+ files? \(checked (?P<files>\d+) source files?\)",
        r"Found \d+ errors? in \d+ files? \((?P<problem>errors prevented further checking)\)",
        # it goes on without the settings of a file that it cannot read
        r"(?P<problem>\S+\.toml: .+ \(at (?:line \d+, column \d+|end of document)\))",
        r"(?P<problem>\S+\.toml: (?:toml config file contains|tool\.mypy\.overrides sections) .+)",
        r"(?P<problem>\S+\.(?:ini|cfg): File contains no section headers\.)",
        r"(?P<problem>\S+\.(?:ini|cfg): (?:While reading from|Source contains parsing errors: ).+)",
        r"(?P<problem>\S+: No \[mypy\] section in config file)",
        r"(?P<problem>\S+: \[mypy[^\]]*\]: ?\w+: Not a boolean: .+)",
        # ruff
        r"All checks passed!",
        r"Found \d+ errors?(?: \(\d+ fixed, \d+ remaining\))?\.",
        r"\[\*\] \d+ fixable .*|No fixes available .*",
        r"warning: (?P<none>No Python files found under the given path\(s\))",
        # biome 2
        r"Checked (?P<files>\d+) files? in [\d.]+.s\..*",
        r"Found \d+ (?:errors?|warnings?|infos?)\.",
        r"(?:lint|check|format|ci) ━+",
        r"\s*× Some (?:errors|warnings) were emitted while running checks\.",
        # eslint and stylelint
        r"✖ \d+ problems? \(.+\)",
        r"\s+\d+ .+ potentially fixable with the .--fix. option\.",
        # oxlint
        r"Found \d+ warnings? and \d+ errors?\.",
        r"Finished in \S+ on (?P<files>\d+) files? with \d+ rules? using \d+ threads?\.",
        r"\d+ problems?",
        # markdownlint-cli2 and rumdl
        r"markdownlint-cli2 v\S+ \(markdownlint v\S+\)",
        r"Finding: .+",
        r"Linting: (?P<files>\d+) files?",
        r"Summary: \d+ issues? in \d+ files?",
        r"Success: No issues found in (?P<files>\d+) files? \(.+\)",
        r"Issues: Found \d+ issues? in \d+ files? \(.+\)",
        r"Run `rumdl fmt` to automatically fix .+",
        # ty
        r"Found \d+ diagnostics?",
        r"WARN (?P<none>No python files found under the given path\(s\))",
        # stylelint --formatter unix
        r"\d+ problems? \(.+\)",
        # zizmor, the middle one of a workflow that it leaves out
        r" INFO (?:audit: )?zizmor: .+",
        r" WARN .+ zizmor::registry::input: (?P<problem>failed to (?:validate|parse) .+)",
        r"No findings to report\. Good job!.*",
        # what commands of GitHub's workflows stand in
        r"::group::.*|::endgroup::",
        # golangci-lint 2, as its source prints them
        r"\d+ issues[.:]",
        r"\* [\w-]+: \d+",
        # pylint 3 and 4
        r"\*{13} Module .+",
        r"-{20,}",
        r"Your code has been rated at .+",
        # pyright
        r"\d+ errors?, \d+ warnings?, \d+ informations? ?",
        # go vet
        r"# \S+",
        # tsc with --pretty, as documented
        r"Found \d+ errors? in .+",
    )
)


@dataclass(frozen=True)
class Said:
    """What the lines that are no findings come to."""

    files: int | None = None
    problem: str = ""
    unread: tuple[str, ...] = ()


def said(lines: Iterable[str]) -> Said:
    """Reads the lines that are no findings; blank ones say nothing."""
    files: int | None = None
    problem = ""
    unread = []
    for line in lines:
        if not line.strip():
            continue
        known = _known(line)
        if known is None:
            unread.append(line)
            continue
        parts = known.groupdict()
        if parts.get("files"):
            files = int(parts["files"])
        if parts.get("none"):
            files = 0
        problem = parts.get("problem") or problem
    return Said(files, problem, tuple(unread))


def _known(line: str) -> re.Match[str] | None:
    for rule in _RULES:
        match = rule.fullmatch(line)
        if match:
            return match
    return None
