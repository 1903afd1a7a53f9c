"""The bill of materials of one platform's image: CycloneDX 1.6, the same bytes for the same image.

What tools leave to chance (references, serial number, time) comes from the image: its digest, its
packages' URLs, its commit's time.
"""

import uuid
from datetime import datetime
from typing import Any, Final, Iterator

from devflow import VERSION
from devflow.craft.oci.formats import json_bytes
from devflow.craft.oci.layers import Entry
from devflow.craft.supply.artifacts import timestamp
from devflow.craft.supply.components import Inventory
from devflow.craft.supply.found import Component, purl

SPECIFICATION: Final = "1.6"
SCHEMA: Final = "http://cyclonedx.org/schema/bom-1.6.schema.json"
# single files that are named beside the packages; an application has some hundreds
LOOSE_MAX: Final = 2000
_OTHER_TYPES: Final = {"generic": "platform"}


def sbom(service: str, inventory: Inventory, created: datetime) -> bytes:
    """The document as bytes."""
    root = _image(service, inventory)
    # the image's URL holds its digest
    serial = uuid.uuid5(uuid.NAMESPACE_URL, root["purl"])
    components = [_component(one) for one in inventory.components]
    references = [one["bom-ref"] for one in components]
    files = [_file(entry) for entry in inventory.loose[:LOOSE_MAX]]
    body = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": timestamp(created),
            "tools": {
                "components": [{"type": "application", "name": "devflow", "version": VERSION}]
            },
            "component": root,
            "properties": list(_properties(inventory)),
        },
        "components": components + files,
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": references},
            *({"ref": one} for one in references),
        ],
        "compositions": [
            # what nobody's package list names is listed by file, and is complete in that way alone
            {"aggregate": "incomplete", "assemblies": [root["bom-ref"]]}
        ],
    }
    return json_bytes(body)


def _image(service: str, inventory: Inventory) -> dict[str, Any]:
    architecture = inventory.platform.partition("/")[2]
    url = purl("oci", "", service.lower(), inventory.digest, {"arch": architecture})
    return {
        "type": "container",
        "bom-ref": url,
        "name": service,
        "version": inventory.digest,
        "purl": url,
        "hashes": [{"alg": "SHA-256", "content": inventory.digest.removeprefix("sha256:")}],
    }


def _properties(inventory: Inventory) -> Iterator[dict[str, str]]:
    yield _property("platform", inventory.platform)
    yield _property("distribution", inventory.distribution.title or "not named")
    for name in inventory.absent:
        yield _property("named-not-present", name)
    for text in inventory.unread:
        yield _property("not-read", text)
    more = len(inventory.loose) - LOOSE_MAX
    if more > 0:
        yield _property("files-not-named", str(more))


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"devflow:{name}", "value": value}


def _component(one: Component) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": _OTHER_TYPES.get(one.ecosystem, "library"),
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
    }
    if one.supplier:
        body["supplier"] = {"name": one.supplier}
    if one.licences:
        body["licenses"] = _licences(one.licences)
    files = "unknown" if one.files is None else str(one.files)
    properties = [_property("files", files)]
    if one.source and one.source != one.name:
        properties.append(_property("source-package", one.source))
    body["properties"] = properties
    return body


def _licences(names: tuple[str, ...]) -> list[dict[str, Any]]:
    """By name, since whether SPDX has an id is not looked up; an expression stands alone."""
    if len(names) == 1 and " " in names[0]:
        return [{"expression": names[0]}]
    return [{"license": {"name": name}} for name in names]


def _file(entry: Entry) -> dict[str, Any]:
    # names are bytes to Linux, and need not be text
    path = entry.path.encode("utf-8", "backslashreplace").decode()
    return {
        "type": "file",
        "bom-ref": f"file:/{path}",
        "name": f"/{path}",
        "hashes": [{"alg": "SHA-256", "content": entry.sha256}],
    }
