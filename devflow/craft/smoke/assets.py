"""What a page loads from its own site."""

from html.parser import HTMLParser
from typing import Final, Iterator
from urllib.parse import urljoin, urlsplit

_LOADED: Final = {"link": "href", "script": "src", "img": "src", "source": "src"}
# links that name something else than a file to load
_NOT_LOADED: Final = ("canonical", "alternate", "next", "prev", "author", "license")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps what a tag loads."""
        attribute = _LOADED.get(tag)
        values = dict(attrs)
        relation = (values.get("rel") or "").lower()
        if attribute and values.get(attribute) and relation not in _NOT_LOADED:
            self.found.append(str(values[attribute]))


def assets(page: str, url: str) -> Iterator[str]:
    """The addresses of what a page at ``url`` loads from its own host, each once."""
    parser = _Page()
    parser.feed(page)
    host = urlsplit(url).netloc
    seen = set()
    for name in parser.found:
        address = urljoin(url, name).partition("#")[0]
        if urlsplit(address).netloc == host and address not in seen:
            seen.add(address)
            yield address
