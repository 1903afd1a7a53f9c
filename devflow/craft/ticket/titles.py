"""What the sections of a ticket are called, in the languages that teams write in; pipeline.yaml may
add its own."""

import re
import unicodedata
from typing import Final, Iterable, Mapping

from devflow.model.declared.criteria_titles import CRITERIA_TITLES

CRITERIA: Final = "criteria"
OTHER: Final = "other"

TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "story": (
        "user story",
        "story",
        "description",
        "context",
        # de, fr, es, pt, it, nl, pl, ru, ja, zh
        *("anwendergeschichte", "beschreibung", "récit utilisateur", "contexte"),
        *("historia de usuario", "descripción", "história de usuário", "descrição"),
        *("storia utente", "descrizione", "gebruikersverhaal", "omschrijving"),
        *("historyjka użytkownika", "opis", "пользовательская история", "описание"),
        *("ユーザーストーリー", "用户故事"),
    ),
    "criteria": CRITERIA_TITLES,
    "technical": (
        "technical requirements",
        "technical requirement",
        "technical notes",
        "requirements",
    ),
    "constraints": (
        "constraints",
        "constraint",
        "technical constraints",
        "non functional requirements",
    ),
    "approach": (
        "approach",
        "architecture",
        "architecture design",
        "design",
        "solution",
        "proposed solution",
    ),
    "technology": ("technology", "technologies", "technology stack", "tech stack", "stack"),
    "files": (
        "files",
        "files to modify",
        "files to change",
        "files modified",
        "affected files",
        "file structure",
    ),
    "success": ("success metrics", "success metric", "success criteria", "metrics"),
    "plan": (
        "implementation plan",
        "plan",
        "implementation",
        "implementation steps",
        "steps",
        "tasks",
    ),
}
_SEPARATORS: Final = re.compile(r"\s+[-\u2013\u2014]\s+|\s*[:/&+|]\s*|\s+and\s+")

# a criterion's own, which is no section's
_LABELLED: Final = re.compile(r"\W*a/?c[\s#-]*\d", re.I)


class Titles:
    """Which section a title opens; ``more`` are a team's own titles by section."""

    def __init__(self, more: Mapping[str, Iterable[str]] | None = None) -> None:
        self._sections: dict[str, str] = {}
        for titles in (TITLES, more or {}):
            for section, names in titles.items():
                for name in names:
                    self._sections[normal(name)] = section

    def section(self, title: str) -> str:
        """The section that is called so, empty where none is."""
        if _LABELLED.match(title):
            return ""
        return self._sections.get(normal(title), "")

    def heading(self, title: str) -> str:
        """The section that a heading opens: its own title's, or the criteria's where a part of it
        names them, as in "Acceptance Criteria - Backend"; else empty."""
        section = self.section(title)
        if not section:
            parts = _SEPARATORS.split(title)
            if CRITERIA in map(self.section, parts):
                return CRITERIA
        return section


def normal(title: str) -> str:
    """A title's words in lower case, without an aside in brackets, numbers and signs."""
    without_aside = re.sub(r"\([^)]{0,200}\)", " ", unicodedata.normalize("NFC", title))
    return " ".join(re.findall(r"[^\W\d_]+", without_aside.casefold()))
