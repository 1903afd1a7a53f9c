"""The folders ``t`` of Perl's tests that prove runs, and whether this machine has what writes the
report and what their files use."""

import re
from typing import Any, Final, Iterator

from devflow.craft.imports.paths import collected_by, is_in
from devflow.craft.survey.files import Files, text_at
from devflow.craft.survey.makefiles import not_here
from devflow.model.survey.seen import Sight
from devflow.model.wording import first_of
from devflow.ports.shell import Command, ShellReads

_FOLDER: Final = "t"
_RAKU: Final = "META6.json"
_FORMATTER: Final = "TAP::Formatter::JUnit"
_NO_FORMATTER: Final = (
    f"no {_FORMATTER} on this machine, which writes the report: "
    f"apt-get install libtap-formatter-junit-perl, or cpanm {_FORMATTER}"
)
_BUILT: Final = (
    "its .xs are built first: name sh -c 'perl Makefile.PL && make' as setup:, and -b in place of l"
)
# prove prints its report, and no option of it names a file; why a test failed is said on standard
# error, which stands in the report by --merge alone
_RUN: Final = f"sh -c 'prove -lr --merge --formatter {_FORMATTER} {_FOLDER} > report.xml'"
_PROJECT_FILES: Final = ("Makefile.PL", "Build.PL", "dist.ini", "cpanfile")
_IS_PERL: Final = re.compile(r"\A#!.*\bperl\b|^[ \t]*use[ \t]+(?!v6)[A-Za-z]", re.MULTILINE)
# what begins with a small letter is Perl's own
_USED: Final = re.compile(r"^use[ \t]+([A-Z]\w*(?:::\w+)*)", re.MULTILINE)
_NO_CODE: Final = re.compile(r"^=[a-z].*?(?:^=cut\b|\Z)|^__(?:END|DATA)__.*", re.M | re.S)
# finds without loading: nothing of anybody's is run
_LACKING: Final = (
    "for my $m (@ARGV) { (my $f = qq{$m.pm}) =~ s{::}{/}g; "
    "print qq{$m\\n} unless grep { !ref && -e qq{$_/$f} } @INC }"
)
_ASKED_S: Final = 20.0
_MOST_READ: Final = 200  # files, as of Python's
_SHOWN: Final = 3  # modules that a reason names
_NAMES: Final = (
    ("Makefile.PL", r"""^[^#\n]*\bNAME['"]?\s*=>\s*['"]([\w:-]+)['"]"""),
    ("Build.PL", r"""^[^#\n]*\b(?:dist|module)_name['"]?\s*=>\s*['"]([\w:-]+)['"]"""),
    ("dist.ini", r"^name[ \t]*=[ \t]*([\w:-]+)"),
)


def perl_suites(files: Files, shell: ShellReads) -> Iterator[Sight]:
    """A suite for each project that has tests in its ``t``."""
    tests: dict[str, list[str]] = {}
    collected = collected_by("prove")
    for path in files.own:
        parts = path.split("/")
        if collected.fullmatch(path) and _FOLDER in parts[:-1]:
            tests.setdefault("/".join(parts[: parts.index(_FOLDER)]), []).append(path)
    for folder, paths in tests.items():
        is_raku = bool(files.first_in(folder, _RAKU))
        if not is_raku and any(_IS_PERL.search(files.text(path)) for path in paths[:_MOST_READ]):
            yield _suite(files, shell, folder, paths)


def _suite(files: Files, shell: ShellReads, folder: str, tests: list[str]) -> Sight:
    settings: dict[str, Any] = {"run": _RUN}
    if folder:
        settings["cwd"] = folder
    settings["junit"] = "report.xml"
    name = folder.rpartition("/")[2] or "perl"
    source = files.first_in(folder, *_PROJECT_FILES) or tests[0]
    why_not = _why_not(files, shell, folder, tests)
    return Sight("suite", name, f"prove -lr {_FOLDER}", source, settings, why_not, True)


def _why_not(files: Files, shell: ShellReads, folder: str, tests: list[str]) -> str:
    for program in ("prove", "perl"):
        if not shell.found(program):
            return not_here(program)
    if any(path.endswith(".xs") for path in files.below(folder)):
        return _BUILT
    asked = (_FORMATTER, *_used(files, folder, tests))
    ran = shell.measure(Command(("perl", "-e", _LACKING, *asked), timeout_s=_ASKED_S))
    told = set(ran.output.splitlines())
    lacks = [module for module in asked if module in told]
    if _FORMATTER in lacks:
        return _NO_FORMATTER
    if not lacks:
        return ""
    named = bool(files.first_in(folder, *_PROJECT_FILES))
    install = "cpanm --installdeps ." if named else f"cpanm {' '.join(lacks)}"
    return f"this machine's perl has no {first_of(lacks, _SHOWN)}: {install}"


def _used(files: Files, folder: str, tests: list[str]) -> tuple[str, ...]:
    """The modules of others that the tests and the project's own modules use."""
    modules = [path for path in files.below(folder) if path.endswith(".pm")]
    own = {end for path in modules for end in _ends(path)}
    library = f"{folder}/lib" if folder else "lib"
    tried = [*tests, *(path for path in modules if is_in(path, library))]
    found: dict[str, None] = {}
    for path in tried[:_MOST_READ]:
        found.update(dict.fromkeys(_USED.findall(_NO_CODE.sub("", files.text(path)))))
    return tuple(module for module in found if module not in own)


def _ends(path: str) -> Iterator[str]:
    """What a file may be called as a module: which of its folders Perl looks into, who knows."""
    parts = path.removesuffix(".pm").split("/")
    for place in range(len(parts)):
        yield "::".join(parts[place:])


def perl_name(files: Files) -> tuple[str, str]:
    """What the project at the top calls itself, as its distribution is called in small letters,
    and the file that says so."""
    for path, pattern in _NAMES:
        found = re.search(pattern, files.text(path), re.MULTILINE)
        if found:
            return _spelled(found[1]), path
    return _spelled(text_at(files.json("META.json"), "name")), "META.json"


def _spelled(name: str) -> str:
    return name.replace("::", "-").lower()
