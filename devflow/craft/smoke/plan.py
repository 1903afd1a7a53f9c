"""Which containers are started, from which image, with which command, and which first."""

import re
from dataclasses import dataclass
from typing import Final, Iterable, Mapping

from devflow.model.bounds.commands import argv_of
from devflow.model.declared.project import ImageSettings, Service
from devflow.model.errors import PipelineInvalid
from devflow.model.images import PublishedImage

STATE: Final = "/state"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_URL: Final = "_url"


@dataclass(frozen=True)
class Told:
    """One service that runs from an image, and what it is told there."""

    name: str
    service: Service
    settings: ImageSettings

    @property
    def _asked(self) -> list[str]:
        """The placeholders of its command and of its environment."""
        words = (*argv_of(self.settings.command), *self.service.env.values())
        return _PLACEHOLDER.findall(" ".join(words))

    @property
    def named(self) -> frozenset[str]:
        """The services whose address it is told."""
        words = self._asked
        return frozenset(word.removesuffix(_URL) for word in words if word.endswith(_URL))

    @property
    def takes_port(self) -> bool:
        """Whether it can be told where to listen."""
        return "port" in self._asked

    def command(self, port: int, urls: Mapping[str, str]) -> tuple[str, ...]:
        """Its command with its placeholders filled; others' braces stay."""
        values = _values(port, urls)
        return tuple(_filled(word, values) for word in argv_of(self.settings.command))

    def environment(self, port: int, urls: Mapping[str, str]) -> dict[str, str]:
        """What the service declares of its environment, filled alike; secrets are not given to a
        container."""
        values = _values(port, urls)
        return {name: _filled(text, values) for name, text in self.service.env.items()}


@dataclass(frozen=True)
class Planned(Told):
    """One service whose image is published."""

    image: PublishedImage


def _values(port: int, urls: Mapping[str, str]) -> dict[str, str]:
    values = {"port": str(port), "state": STATE}
    for name, url in urls.items():
        values[f"{name}{_URL}"] = url
    return values


def _filled(word: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return values.get(match[1], match[0])

    return _PLACEHOLDER.sub(value, word)


def planned(
    services: Mapping[str, Service], images: Iterable[PublishedImage]
) -> tuple[Planned, ...]:
    """The services with an image, those first whose address others want.

    Raises ``PipelineInvalid`` where they want each other's in a circle.
    """
    published = {image.service: image for image in images}
    found = {}
    for name, service in services.items():
        settings = service.image
        image = published.get((settings.of or name) if settings else "")
        if settings is not None and image is not None:
            found[name] = Planned(name, service, settings, image)
    return tuple(found[name] for name in _in_order(found))


def refuse_circles(services: Mapping[str, Service]) -> None:
    """Raises ``PipelineInvalid`` where services with an image want each other's addresses in a
    circle, before there is an image of them."""
    told = {}
    for name, service in services.items():
        if service.image is not None:
            told[name] = Told(name, service, service.image)
    _in_order(told)


def _in_order(told: Mapping[str, Told]) -> list[str]:
    """The names, those first whose address others want."""
    ordered: list[str] = []
    while len(ordered) < len(told):
        waiting = [name for name in told if name not in ordered]
        ready = [name for name in waiting if told[name].named & set(told) <= set(ordered)]
        if not ready:
            names = ", ".join(waiting)
            problem = f"each of these wants another's address first: {names}"
            hint = f"have one of them start without it: project.services.{waiting[0]}"
            raise PipelineInvalid(problem, where="pipeline.yaml", hint=hint)
        ordered += ready
    return ordered
