"""The web addresses that the products of a run name, as screens show them, which of its pull
requests are open there, and which versions were brought where."""

from dataclasses import dataclass, field, replace
from typing import Any, Iterable, Iterator, Mapping

from devflow.ui.words import is_web_link


@dataclass(frozen=True)
class Addresses:
    """``made`` are those of what entries made, each under the first entry that named it: of what a
    later one names too (production, the pull request that it merged) it is not the maker.
    ``answered`` are those of the services that answered when an entry last looked at them, by entry
    and service; ``open_pulls`` the numbers of pull requests that were open then, by entry;
    ``has_merged``: one of them was seen to be merged. ``brought`` are the environment and the
    version that an entry brought there."""

    made: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, str] = field(default_factory=dict)
    open_pulls: Mapping[str, int] = field(default_factory=dict)
    has_merged: bool = False
    brought: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def after(self, entry: str, product: Mapping[str, Any]) -> "Addresses":
        """With what a product of the entry names."""
        open_before = {name: n for name, n in self.open_pulls.items() if name != entry}
        has_merged = self.has_merged or (_is_pull(product) and bool(product.get("merged")))
        pulls = {**open_before, **_open_pull(entry, product)}
        there = brought_by(product)
        brought = {**self.brought, entry: there} if there else self.brought
        now = replace(self, open_pulls=pulls, has_merged=has_merged, brought=brought)
        url = product.get("url")
        others = {name: one for name, one in self.made.items() if name != entry}
        if isinstance(url, str) and is_web_link(url) and url not in others.values():
            now = replace(now, made={**self.made, entry: url})
        services = product.get("services")
        if isinstance(services, (list, tuple)):
            now = replace(now, answered={**self._others(entry), **dict(_answered(entry, services))})
        return now

    def _others(self, entry: str) -> dict[str, str]:
        of_entry = f"{entry} "
        return {name: url for name, url in self.answered.items() if not name.startswith(of_entry)}


def _open_pull(entry: str, product: Mapping[str, Any]) -> dict[str, int]:
    if not _is_pull(product) or product.get("merged"):
        return {}
    is_open = str(product.get("state")).startswith("open")
    return {entry: product["number"]} if is_open else {}


def brought_by(product: Mapping[str, Any]) -> tuple[str, str] | None:
    """The environment and the version of a deployment alone: what was measured there names them
    too."""
    if "rolled_back" not in product:
        return None
    return str(product.get("environment")), str(product.get("version"))


def _is_pull(product: Mapping[str, Any]) -> bool:
    """Whether it is a product of a pull request: another one has no head commit."""
    return isinstance(product.get("number"), int) and "head_sha" in product


def _answered(entry: str, services: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for service in services:
        if not isinstance(service, Mapping) or service.get("problem"):
            continue
        url = service.get("url")
        is_wanted = service.get("status", 0) == service.get("wanted_status", 200)
        if is_wanted and isinstance(url, str) and is_web_link(url):
            yield f"{entry} {service.get('service', '')}", url
