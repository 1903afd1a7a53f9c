"""Where the site's pages come from: the guides, the model card and the API reference in services/,
and what lies beside it.

Everything in services/ is covered by the service's version. What lies beside it is not, and has an
id of its own.
"""

from pathlib import Path
from typing import List, NamedTuple, Optional

from services.docs import reference
from services.version import EMPTY_TREE, SERVICES, tree_id

GUIDES = SERVICES / "docs" / "pages"
CARD = SERVICES / "backend" / "model" / "CARD.md"
# there is no such file: so guides can link to the generated page as to one beside them
API = "services/docs/pages/api.md"
FIRST = "index"
BESIDE = ("README.md", "CHANGELOG.md", "docs")


class Source(NamedTuple):
    """A page before it is rendered.

    `origin` is its path in the checkout, by which links find it and messages name it; `address` is
    its path in the site.
    """

    origin: str
    address: str
    section: str
    text: str


def own(guides: Path = GUIDES) -> List[Source]:
    """Return the pages that belong to the services. Raises OSError, and ValueError when there is no
    index.md."""
    paths = sorted(guides.glob("*.md"), key=lambda path: (path.stem != FIRST, path.stem))
    if not paths or paths[0].stem != FIRST:
        raise ValueError(f"{guides} has no {FIRST}.md")
    pages = [
        Source(f"services/docs/pages/{path.name}", f"{path.stem}.html", "Guides", _read(path))
        for path in paths
    ]
    pages.append(Source(_origin(CARD), "model-card.html", "Reference", _read(CARD)))
    pages.append(Source(API, "api.html", "Reference", reference.markdown(reference.description())))
    return pages


def beside(root: Path) -> List[Source]:
    """Return the documents that lie in the checkout beside services/; there may be none. Raises
    OSError."""
    single = [root / name for name in BESIDE if name.endswith(".md") and (root / name).is_file()]
    found = sorted(
        (root / "docs").rglob("*.md"), key=lambda path: (path.parent.as_posix(), path.name)
    )
    folder = [path for path in found if path.resolve().is_relative_to(root.resolve())]
    pages = []
    for path in single + folder:
        origin = path.relative_to(root)
        section = (
            "Project" if origin.parent in (Path("."), Path("docs")) else origin.parent.as_posix()
        )
        pages.append(
            Source(
                origin.as_posix(),
                f"project/{origin.with_suffix('.html').as_posix()}",
                section,
                _read(path),
            )
        )
    return pages


def beside_id(root: Path) -> Optional[str]:
    """Return the git tree id of what lies beside services/, None when there is nothing: see
    `services.version.tree_id`."""
    found = tree_id(root, BESIDE)
    return None if found == EMPTY_TREE.hex() else found


def _origin(path: Path) -> str:
    return path.relative_to(SERVICES.parent).as_posix()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
