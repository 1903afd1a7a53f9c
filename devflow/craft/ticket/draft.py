"""The text of a ticket that is still to be created: of what was said for it, or of a template that
a person has filled in."""

import re
from typing import Final, Sequence

from devflow.model.marks import UNSEEN

_TITLES: Final = ("User Story", "Acceptance Criteria")

TEMPLATE: Final = """## User Story

As a …, I want …, so that …

## Acceptance Criteria

- …

<!-- This becomes the description of: {type} "{summary}"
     Whatever stands between these signs is left out; so is a section that still has its dots.
     An empty or unchanged text creates nothing. -->
"""


def described(story: str, criteria: Sequence[str]) -> str:
    """A description of a story and criteria, each where it is said; Markdown."""
    listed = "\n".join(f"- {' '.join(criterion.split())}" for criterion in criteria)
    sections = []
    for title, body in zip(_TITLES, (story.strip(), listed)):
        if body:
            sections.append(f"## {title}\n\n{body}")
    return "\n\n".join(sections)


def template(summary: str, type_: str) -> str:
    """What an editor shows at first."""
    # what would end the remark early is nobody's title
    return TEMPLATE.format(summary=summary.replace("-->", "->"), type=type_)


def filled_in(text: str) -> str:
    """What a person made of the template, empty where nothing was said: without remarks, and
    without lines that still have the template's dots."""
    lines = [line for line in UNSEEN.sub("", text).splitlines() if "…" not in line]
    kept = "\n".join(lines)
    without_empty = re.sub(r"^## [^\n]*\n\s*(?=^## |\Z)", "", kept, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", without_empty).strip()
