"""in-toto statements about an image: where it was built of what (SLSA provenance v1), and what an
audit of its packages found.

Plain JSON is written: in-toto-attestation's messages turn a predicate's whole numbers into doubles.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Mapping
from urllib.parse import urlsplit, urlunsplit

from devflow import VERSION
from devflow.craft.oci.formats import json_bytes
from devflow.model.images import Audit, BaseImage, BuiltImage, Vulnerability, Wheel

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PROVENANCE: Final = "https://slsa.dev/provenance/v1"
# cosign's own, `--type vuln`: its result is free, so that what was not audited can stand there
VULNERABILITIES: Final = "https://cosign.sigstore.dev/attestation/vuln/v1"
BILL: Final = "https://cyclonedx.org/bom"
BUILD_TYPE: Final = "urn:devflow:build:image:1"
BUILDER: Final = "urn:devflow:builder"
LEVEL: Final = 1
_WHY_LEVEL: Final = (
    "made by the build itself, on the machine that ran it: whoever controls that machine could "
    "have written it otherwise; a signature says who vouches for it"
)
_SECRET: Final = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY", re.I)
WITHHELD: Final = "(withheld: its name is a secret's)"


@dataclass(frozen=True)
class Origin:
    """What an image was built of. ``repository`` is its URL, ``revision`` the commit, ``created``
    the commit's time, ``dockerfile`` a path in it, ``builder`` in words (``engine: docker
    20.10.24``)."""

    repository: str
    revision: str
    created: datetime
    dockerfile: str
    context: str = "."
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    builder: str = ""


def subject(name: str, digest: str) -> dict[str, Any]:
    """What a statement is about."""
    algorithm, _, value = digest.partition(":")
    return {"name": name, "digest": {algorithm: value}}


def statement(subjects: list[dict[str, Any]], predicate_type: str, predicate: Any) -> bytes:
    """A statement as bytes, the same each time."""
    body = {
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return json_bytes(body)


def provenance(image: BuiltImage, origin: Origin) -> bytes:
    """Where an index and its platforms come from."""
    subjects = [subject(image.service, image.digest)]
    for one in image.platforms:
        subjects.append(subject(f"{image.service} ({one.platform})", one.digest))
    builder, _, _ = origin.builder.partition(":")
    predicate = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": _external(image, origin),
            "internalParameters": {"builder": origin.builder},
            "resolvedDependencies": _dependencies(image, origin),
        },
        "runDetails": {
            "builder": {
                "id": f"{BUILDER}:{builder or 'unknown'}",
                "version": {"devflow": VERSION},
            },
            # no id and no time of this run: they would make another statement of the same image
            "metadata": {"slsaBuildLevel": LEVEL, "slsaBuildLevelReason": _WHY_LEVEL},
        },
    }
    return statement(subjects, PROVENANCE, predicate)


def _external(image: BuiltImage, origin: Origin) -> dict[str, Any]:
    args = {}
    for name, value in origin.args.items():
        args[name] = WITHHELD if _SECRET.search(name) else value
    return {
        "repository": without_credentials(origin.repository),
        "revision": origin.revision,
        "dockerfile": origin.dockerfile,
        "context": origin.context,
        "target": origin.target,
        "args": args,
        "platforms": [one.platform for one in image.platforms],
    }


def _dependencies(image: BuiltImage, origin: Origin) -> list[dict[str, Any]]:
    url = without_credentials(origin.repository)
    known: list[dict[str, Any]] = [
        {"uri": f"git+{url}@{origin.revision}", "digest": {"gitCommit": origin.revision}}
    ]
    if image.base is not None:
        known.append(_base(image.base))
    for wheel in sorted(image.wheels, key=lambda one: (one.name, one.version, one.sha256)):
        known.append(_wheel(wheel))
    return known


def _base(base: BaseImage) -> dict[str, Any]:
    algorithm, _, value = base.digest.partition(":")
    described: dict[str, Any] = {"uri": f"docker://{base.name}", "name": base.name}
    if value:
        described["digest"] = {algorithm: value}
    if base.made:
        described["annotations"] = {"made": "here, of Debian packages; pulled from no registry"}
    return described


def _wheel(wheel: Wheel) -> dict[str, Any]:
    described: dict[str, Any] = {"uri": f"pkg:pypi/{wheel.name}@{wheel.version}"}
    if wheel.url:
        described["downloadLocation"] = without_credentials(wheel.url)
    if wheel.sha256:
        described["digest"] = {"sha256": wheel.sha256}
    return described


def without_credentials(url: str) -> str:
    """A URL as it may be published: no user, no password, no query that may hold a token."""
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def vulnerabilities(name: str, digest: str, audit: Audit) -> bytes:
    """What an audit of one platform's packages found, and of what date its sources are."""
    findings = sorted(audit.findings, key=lambda one: (one.package, one.version, one.id))
    result: dict[str, Any] = {
        "findings": [_finding(one) for one in findings],
        "audited": audit.audited,
        "notAudited": sorted(audit.unaudited),
        "sources": sorted(audit.sources),
    }
    if audit.why_not:
        result["whyNot"] = audit.why_not
    predicate = {
        "invocation": {"uri": "", "event_id": "", "builder.id": BUILDER},
        "scanner": {
            "uri": "urn:devflow:audit",
            "version": VERSION,
            "db": {"uri": "; ".join(sorted(audit.sources)), "version": ""},
            "result": result,
        },
        # the sources' dates stand above; the time of this run would make each statement another
        "metadata": {},
    }
    return statement([subject(name, digest)], VULNERABILITIES, predicate)


def _finding(one: Vulnerability) -> dict[str, str]:
    values = {
        "id": one.id,
        "package": one.package,
        "version": one.version,
        "severity": one.severity,
        "fixedIn": one.fixed_in,
        "source": one.source,
    }
    return {key: value for key, value in values.items() if value}
