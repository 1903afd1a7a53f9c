"""Where the site's pages come from: the guides, the model card and the API reference in services/,
and what lies beside it.

Everything in services/ is covered by the service's version. What lies beside it is not, and has an
id of its own.
"""

from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional

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
    """Return the pages of the services themselves. Raises OSError; ValueError without index.md."""
    paths = sorted(guides.glob("*.md"), key=lambda path: (path.stem != FIRST, path.stem))
    if not paths or paths[0].stem != FIRST:
        raise ValueError(f"{guides} has no {FIRST}.md")
    pages = []
    for path in paths:
        # named as in the checkout, wherever the folder is: links between guides start there
        origin = f"services/docs/pages/{path.name}"
        pages.append(Source(origin, f"{path.stem}.html", "Guides", _read(path)))
    card_origin = CARD.relative_to(SERVICES.parent).as_posix()
    pages.append(Source(card_origin, "model-card.html", "Reference", _read(CARD)))
    api = reference.markdown(reference.description())
    pages.append(Source(API, "api.html", "Reference", api))
    return pages


def beside(root: Path) -> List[Source]:
    """Return the documents in the checkout beside services/, if there are any. Raises OSError."""
    pages = []
    for path in _documents(root):
        origin = path.relative_to(root)
        folder = origin.parent
        section = "Project" if folder in (Path("."), Path("docs")) else folder.as_posix()
        address = origin.with_suffix(".html").as_posix()
        pages.append(Source(origin.as_posix(), f"project/{address}", section, _read(path)))
    return pages


def _documents(root: Path) -> Iterator[Path]:
    for name in BESIDE:
        path = root / name
        if name.endswith(".md") and path.is_file():
            yield path
    documents = (root / "docs").rglob("*.md")
    for path in sorted(documents, key=lambda path: (path.parent.as_posix(), path.name)):
        # a link could lead out of the checkout, to what is nobody's to read
        if path.resolve().is_relative_to(root.resolve()):
            yield path


def beside_id(root: Path) -> Optional[str]:
    """Return the git tree id of what lies beside services/, None for nothing: see `tree_id`."""
    tree = tree_id(root, BESIDE)
    return None if tree == EMPTY_TREE.hex() else tree


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
