"""What a page loads from its own site."""

from contextlib import suppress
from html.parser import HTMLParser
from typing import Final, Iterator
from urllib.parse import urljoin, urlsplit

_LOADED: Final = {"link": "href", "script": "src", "img": "src", "source": "src"}
# links that name something else than a file to load
_NOT_LOADED: Final = (
    "canonical",
    "alternate",
    "next",
    "prev",
    "author",
    "license",
    "preconnect",
    "dns-prefetch",
)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps what a tag loads."""
        attribute = _LOADED.get(tag)
        values = dict(attrs)
        relations = (values.get("rel") or "").lower().split()
        is_loaded = not any(relation in _NOT_LOADED for relation in relations)
        if attribute and values.get(attribute) and is_loaded:
            self.found.append(str(values[attribute]))


def assets(page: str, url: str) -> Iterator[str]:
    """The addresses of what a page at ``url`` loads from its own host, each once."""
    parser = _Page()
    with suppress(AssertionError):
        # html.parser's word for a declaration that it does not know; what stands before it counts
        parser.feed(page)
    host = urlsplit(url).netloc
    seen = set()
    for name in parser.found:
        address = _joined(url, name)
        if address not in seen and urlsplit(address).netloc == host:
            seen.add(address)
            yield address


def _joined(url: str, name: str) -> str:
    """An address without its fragment, empty for what is none."""
    try:
        return urljoin(url, name.strip()).partition("#")[0]
    except ValueError:
        return ""
