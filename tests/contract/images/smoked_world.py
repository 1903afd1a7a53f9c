"""Step 23 on real containers without an engine: an image of busybox that serves a small site, well
or badly, for tests."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.adapters.http.web import HttpWeb
from devflow.adapters.machine.children import Processes
from devflow.adapters.machine.clock import SystemClock
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.declared.project import ImageSettings, Project, Service
from devflow.model.images import PublishedImage
from devflow.model.release import Published
from devflow.step import Tools, Turn
from devflow.steps import s23_smoke
from devflow.testing import MemoryRegistry
from tests.contract.images.namespace_world import SHELL, busybox, file
from tests.contract.images.tiny import OWN_PLATFORM
from tests.contract.images.tiny_layers import published_image

VERSION = "a" * 40
TURN = Turn(run="SCRUM-95", entry="smoke")
# a shell and busybox' httpd hold 2 MB and take 3 %; loops that only spin get more than this also
# where the machine has much else to do
LIMITS = {"api": {"memory_mb": 8, "cpu_pct": 20}}
BRISK = 4  # times as fast as a person's: what is waited for on purpose is as much shorter
OPENAPI = {
    "paths": {
        "/health": {"get": {"responses": {"200": {}}}},
        "/cgi-bin/predict": {
            "post": {
                "requestBody": {"content": {"application/json": {"example": {"year": 2020}}}},
                "responses": {"200": {}},
            }
        },
    }
}
PAGE = '<link rel="stylesheet" href="/static/app.css"><script src="/static/app.js"></script>'
# it goes on for a while after its signal, so that what it took is answered
GENTLY = "sleep 0.5; kill $!; exit 0"
SERVE = "{before} trap '{ending}' TERM; httpd -f -p {{port}} -h /www & wait"


class BriskClock:
    """A clock whose waits are shorter."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def sleep(self, seconds: float) -> None:
        SystemClock().sleep(seconds / BRISK)


@dataclass
class Site:
    """What is in the image, and what its command does before it serves and at its end."""

    before: str = ""
    ending: str = GENTLY
    user: str = "1000"
    health: str = "/health"
    files: dict[str, str] = field(default_factory=dict)
    without: str = ""

    def layer(self) -> list[Source]:
        """Everything of it."""
        content = {
            "www/health": json.dumps({"version": VERSION}),
            "www/openapi.json": json.dumps(OPENAPI),
            "www/index.html": PAGE,
            "www/static/app.css": "a{}",
            "www/static/app.js": "1",
            "www/cgi-bin/predict": answering("200 OK"),
            **self.files,
        }
        content.pop(self.without, None)
        folders = [
            Source(Entry(name, Kind.DIRECTORY, 0o755))
            for name in ("www", "www/static", "www/cgi-bin")
        ]
        written = [
            file(path, text.encode(), 0o755 if "cgi-bin" in path else 0o644)
            for path, text in content.items()
        ]
        return [*busybox(), *folders, *written]


def answering(status: str, before: str = "") -> str:
    """A program of the site that answers with a status."""
    body = json.dumps({"version": VERSION})
    return f"#!/bin/sh\n{before}\necho 'Status: {status}'\necho\necho '{body}'\n"


def smoked(containers: NamespaceContainers, registry: MemoryRegistry, site: Site) -> Any:
    """What step 23 makes of the site."""
    config = {**SHELL, "User": site.user}
    digest = published_image(registry, "api", [site.layer()], config, OWN_PLATFORM)
    image = PublishedImage(
        service="api",
        repository="registry.test/api",
        digest=digest,
        tags=("SCRUM-95-abc",),
        manifests={OWN_PLATFORM: digest},
    )
    command = SERVE.format(before=site.before, ending=site.ending)
    settings = ImageSettings(command=(command,))
    service = Service(path="api", port=8000, health=site.health, openapi="api.json", image=settings)
    publish = Published(digests={"api": digest}, version=VERSION, images=(image,))
    needs = s23_smoke.Needs(publish=publish, project=Project(services={"api": service}))
    ports: dict[str, Any] = dict.fromkeys(Tools.__annotations__)
    ports["containers"] = containers
    ports["web"] = HttpWeb(Processes())
    ports["clock"] = BriskClock()
    params = s23_smoke.Params.model_validate({"limits": LIMITS})
    product = s23_smoke.make(Tools(**ports), TURN, params, needs)
    return product, s23_smoke.judge(params, product)
