"""The repository's own template of a pull request's text, found where GitHub looks for it.

It is kept as it stands, for people to fill in; our section follows it. No box is ticked in it:
nothing here measured what its words say.
"""

import re
from typing import Final

from devflow.ports.repository import RepositoryReads

# docs.github.com, "Creating a pull request template for your repository": these folders, any case.
# A folder of several is for a person to choose from, by the address of the page
_FOLDERS: Final = (".github/", "", "docs/")
_NAME: Final = re.compile(r"pull_request_template(\.md|\.txt)?", re.IGNORECASE)
_TICKED: Final = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+)\[[xX]\](?=\s)", re.MULTILINE)
_CODE: Final = re.compile(
    r"(^[ \t]*(?:```|~~~)[^\n]*\n.*?^[ \t]*(?:```|~~~)[ \t]*$)", re.MULTILINE | re.DOTALL
)


def template_of(repository: RepositoryReads, rev: str, path: str = "") -> str:
    """The template of a revision: the one at ``path``, else the one that GitHub takes by itself;
    empty where there is none."""
    place = path or _place(repository, rev)
    text = repository.read(rev, place) if place else None
    return unticked(text or "").strip()


def unticked(text: str) -> str:
    """The text with no box ticked; what stands in a block of code is no box."""
    parts = _CODE.split(text)
    # what was split at stands between the others
    parts[::2] = [_TICKED.sub(r"\1[ ]", part) for part in parts[::2]]
    return "".join(parts)


def _place(repository: RepositoryReads, rev: str) -> str:
    paths = repository.paths(rev)
    for folder in _FOLDERS:
        for path in sorted(paths):
            name = path[len(folder) :]
            is_here = path[: len(folder)].lower() == folder and _NAME.fullmatch(name)
            if is_here:
                return path
    return ""
