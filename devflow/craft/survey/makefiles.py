"""Targets of a Makefile that are called as if they tested, and whether what their recipes call is
here.

A recipe is a program of the shell: only the first words of its commands are looked at, and what
they cannot tell, such as a script, is not guessed.
"""

import re
import shlex
from typing import Final, Iterator, Sequence

from devflow.model.survey.seen import Sight
from devflow.ports.shell import ShellReads

MAKEFILES: Final = ("Makefile", "makefile", "GNUmakefile")
_TARGET: Final = re.compile(r"^(test|check)[ \t]*:(?!=)", re.MULTILINE)
_VARIABLE: Final = re.compile(r"^([A-Za-z_]\w*)[ \t]*(?:\?|::?)?=[ \t]*([^#\n]*)", re.MULTILINE)
_NAMED: Final = re.compile(r"\$[({]([A-Za-z_]\w*)[)}]")
# where programs are looked for, or what reads the recipe, is the file's own business
_OWN_WAYS: Final = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?:PATH|SHELL)[ \t]*[:?+]*=|^\.ONESHELL|\bactivate\b", re.MULTILINE
)
_PROGRAM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_SETS: Final = re.compile(r"[A-Za-z_]\w*=.*")
# words of the shell itself, as POSIX has them; the second kind goes on in ways of its own
_BUILTINS: Final = frozenset(
    "break cd command continue echo eval exec exit export false getopts hash printf pwd read "
    "readonly return set shift test time times trap true type ulimit umask unset wait".split()
)
_SYNTAX: Final = frozenset(
    "if then else elif fi for while until do done case esac function".split()
)
_UNTOLD: Final = frozenset(("|", "||", "&", "(", ")", ">", "<"))


def tested_by(makefile: str) -> str:
    """The target that tests, empty where there is none."""
    match = _TARGET.search(makefile)
    return match[1] if match else ""


def not_here(program: str) -> str:
    """Why a suite that needs it is left out."""
    return f"no {program} on this machine"


def why_not_made(makefile: str, target: str, shell: ShellReads, others: Sequence[Sight]) -> str:
    """Why the target cannot be run here, empty where nothing says so: a program that is missing,
    make's own or one of its recipe's; of a recipe that does not tell, what another suite lacks."""
    if not shell.found("make"):
        return not_here("make")
    programs = list(_programs(makefile, target))
    for program in programs:
        if program and not shell.found(program):
            return f"its recipe calls {program}: {not_here(program)}"
    if all(programs) and programs:
        return ""
    for suite in others:
        if suite.why_not.endswith(" on this machine"):
            return f"it may run {suite.words}: {suite.why_not}"
    return ""


def _programs(makefile: str, target: str) -> Iterator[str]:
    """What the recipes of a target and of what it depends on call, empty for what is not told."""
    if _OWN_WAYS.search(makefile):
        yield ""
        return
    text = makefile.replace("\\\n", " ")
    names = [match[1] for match in _VARIABLE.finditer(text)]
    # one that is set twice depends on what make finds
    variables = {
        match[1]: match[2].strip()
        for match in _VARIABLE.finditer(text)
        if names.count(match[1]) == 1
    }
    todo = [target]
    seen = set[str]()
    while todo:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        rule = re.search(
            rf"^{re.escape(name)}[ \t]*::?(?!=)([^#;\n]*).*\n((?:(?:\t.*|[ \t]*)\n)*)",
            f"{text}\n",
            re.MULTILINE,
        )
        if rule is None:
            continue
        todo += rule[1].replace("|", " ").split()
        for line in rule[2].splitlines():
            yield from _called(_filled(line.strip(), variables))


def _filled(line: str, variables: dict[str, str]) -> str:
    """A line with the variables that the file itself sets."""
    return _NAMED.sub(lambda match: variables.get(match[1], match[0]), line)


def _called(line: str) -> Iterator[str]:
    """The programs that a line of a recipe calls, as far as its first words tell."""
    # after a -, make takes no failure for one
    if not line or line.startswith(("#", "-", "@-")):
        return
    try:
        parts = shlex.shlex(line.lstrip("@+"), posix=True, punctuation_chars=True)
        parts.whitespace_split = True
        words = list(parts)
    except ValueError:
        yield ""
        return
    is_first = True
    for word in words:
        if word in ("&&", ";"):
            is_first = True
        elif word in _SYNTAX or word in _UNTOLD and is_first or word == "||":
            yield ""
            return
        elif is_first and not _SETS.fullmatch(word):
            is_first = False
            if word not in _BUILTINS:
                yield word if _PROGRAM.fullmatch(word) else ""
