"""Which of a ticket's wishes a program could prove, by the name of such a check.

Only what this pipeline really measures is said to be checked; every other constraint is for the
reviewer, and is printed so.
"""

import re
from typing import Final, Iterable

from devflow.model.planning import Constraint

CHECKS: Final = {
    "no_javascript": re.compile(
        r"\b(?:no|without|free of|zero)\s+(?:\w+\s+)?(?:javascript|js)\b"
        r"|\b(?:css[ -]only|pure css)",
        re.I,
    ),
    "api_compatible": re.compile(
        r"\bno breaking\b|\bbackwards?[ -]compatib"
        r"|\bapi (?:stays|remains|is kept) (?:the same|compatible)",
        re.I,
    ),
}

MEASURED: Final = frozenset({"api_compatible"})
"""The checks that devflow makes: step 10 compares the APIs."""


def check_for(text: str) -> str:
    """The name of the check that proves a sentence, empty where none does."""
    for name, pattern in CHECKS.items():
        if pattern.search(text):
            return name
    return ""


def constraints_of(stated: Iterable[str], implied: Iterable[str]) -> tuple[Constraint, ...]:
    """Every stated constraint, and of the other sentences the first that implies a check which none
    has named yet."""
    constraints = [Constraint(text=text, check=check_for(text)) for text in stated]
    checks = {one.check for one in constraints}
    for text in implied:
        name = check_for(text)
        if name and name not in checks:
            constraints.append(Constraint(text=text, check=name))
            checks.add(name)
    return tuple(constraints)
