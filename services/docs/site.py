"""Builds the whole site: pages with their navigation, as files for a web server or a folder.

All links are relative. A link is good when it leads to a page of the site (and to an anchor that
the page has), to a picture, to another file of the checkout, which the site does not have and so
shows as text, or away from here.
"""

import posixpath
from functools import partial
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import quote, unquote, urlsplit

from services.docs import sources
from services.docs.markup import Page, Way
from services.docs.sources import GUIDES, Source
from services.version import SERVICES

HERE = Path(__file__).resolve().parent
LAYOUT = Template((HERE / "layout.html").read_text(encoding="utf-8"))
PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
IN_CONTENTS = 3  # levels of headings that the table of contents shows
CONTENTS_HEAD = (
    '<nav class="contents" aria-labelledby="on-this-page">\n<h2 id="on-this-page">On this page</h2>'
)


class Site(NamedTuple):
    """The built site: path to content, number of pages, each broken link as `file:line: problem`.

    `beside_id` names what was found beside services/, None when there was nothing.
    """

    files: Dict[str, bytes]
    pages: int
    broken: List[str]
    broken_beside: List[str]
    beside_id: Optional[str]


def build(root: Path = SERVICES.parent, guides: Path = GUIDES) -> Site:
    """Build the site of a checkout. Raises OSError, and ValueError without a first page."""
    own = sources.own(guides)
    beside = sources.beside(root)
    builder = _Builder(root, own + beside)
    builder.files["style.css"] = (HERE / "style.css").read_bytes()
    broken = builder.add_all(own)
    broken_beside = builder.add_all(beside)
    pages = len(own) + len(beside)
    return Site(builder.files, pages, broken, broken_beside, sources.beside_id(root))


def error_page(status: int, title: str) -> bytes:
    """Return a page that says what went wrong, for any address."""
    heading = escape(title)
    advice = f'<p>Error {status}. Go on at the <a href="/">first page</a>.</p>'
    body = f"<h1>{heading}</h1>\n{advice}"
    return LAYOUT.substitute(title=heading, top="/", menu="", body=body).encode()


class _Builder:
    def __init__(self, root: Path, all_sources: List[Source]) -> None:
        self.files: Dict[str, bytes] = {}
        self._root = root.resolve()
        self._sources = {source.origin: source for source in all_sources}
        self._pages = {source.origin: Page(source.text) for source in all_sources}

    def add_all(self, pages: List[Source]) -> List[str]:
        """Render pages; return each problem as `file:line: problem`."""
        problems = []
        for source in pages:
            for line, problem in self._add(source):
                problems.append(f"{source.origin}:{line}: {problem}")
        return problems

    def _add(self, source: Source) -> List[Tuple[int, str]]:
        page = self._pages[source.origin]
        lead = partial(self._lead, source)
        show = partial(self._show, source)
        body, problems = page.html(lead, show)
        title = escape(self._title(source))
        if not body.startswith("<h1"):
            body = f"<h1>{title}</h1>\n{body}"
        heading, end, text = body.partition("</h1>\n")
        body = heading + end + _contents(page) + text
        # relative links, so that a folder can hold the site as well as a web server
        top = "../" * source.address.count("/")
        menu = self._menu(source, top)
        html = LAYOUT.substitute(title=title, top=top, menu=menu, body=body)
        self.files[source.address] = html.encode()
        return problems

    def _title(self, source: Source) -> str:
        return self._pages[source.origin].title or source.origin

    def _menu(self, current: Source, top: str) -> str:
        lines = []
        for section, group in groupby(self._sources.values(), lambda source: source.section):
            lines.append(f"<h2>{escape(section)}</h2>\n<ul>")
            for source in group:
                here = ' aria-current="page"' if source is current else ""
                link = f"{top}{quote(source.address)}"
                title = escape(self._title(source))
                lines.append(f'<li><a href="{link}"{here}>{title}</a></li>')
            lines.append("</ul>")
        return "\n".join(lines)

    def _lead(self, source: Source, target: str) -> Way:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            return Way(target)
        origin = _resolved(source, parts.path) if parts.path else source.origin
        anchor = f"#{parts.fragment}" if parts.fragment else ""
        if origin not in self._sources:
            return Way() if self._is_here(origin) else Way(problem=f"nothing is at {target}")
        if anchor and unquote(parts.fragment) not in self._pages[origin].anchors:
            return Way(problem=f"{origin} has no heading {anchor}")
        if not parts.path:
            return Way(anchor)
        return Way(_link(source, self._sources[origin].address) + anchor)

    def _show(self, source: Source, target: str) -> Way:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            # the policy forbids what is not from here; what the picture says in words is shown
            return Way()
        origin = _resolved(source, parts.path)
        if not self._is_here(origin) or not (self._root / origin).is_file():
            return Way(problem=f"no picture is at {target}")
        if Path(origin).suffix.lower() not in PICTURES:
            return Way(problem=f"{target} is no picture that can be shown")
        address = f"project/{origin}"
        self.files[address] = (self._root / origin).read_bytes()
        return Way(_link(source, address))

    def _is_here(self, origin: str) -> bool:
        path = (self._root / origin).resolve()
        return path.is_relative_to(self._root) and path.exists()


def _link(source: Source, address: str) -> str:
    """Return what leads from a page to an address of the site."""
    folder = posixpath.dirname(source.address) or "."
    return quote(posixpath.relpath(address, folder))


def _resolved(source: Source, path: str) -> str:
    """Return the path in the checkout that a page's link names."""
    name = unquote(path)
    # a link that begins with a slash starts at the checkout's root, as code hosts have it
    if path.startswith("/"):
        return posixpath.normpath(name.lstrip("/"))
    folder = posixpath.dirname(source.origin)
    return posixpath.normpath(posixpath.join(folder, name))


def _contents(page: Page) -> str:
    entries = [heading for heading in page.headings if 1 < heading.level <= IN_CONTENTS]
    if len(entries) < 2:
        return ""
    lines = [CONTENTS_HEAD, "<ul>"]
    for heading in entries:
        link = f'<a href="#{quote(heading.anchor)}">{escape(heading.text)}</a>'
        lines.append(f'<li class="level-{heading.level}">{link}</li>')
    lines += ["</ul>", "</nav>", ""]
    return "\n".join(lines)
