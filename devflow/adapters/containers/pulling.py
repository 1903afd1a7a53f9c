"""The image of a container as an engine has it, pulled from its registry."""

import json
import re
from contextlib import closing
from typing import Any, Final, Iterable, Iterator, Mapping

import docker  # type: ignore[import-untyped]

from devflow.adapters.http.guard import is_loopback
from devflow.adapters.images.engine.client import disk_full, image_of, is_disk_full
from devflow.model.errors import AccessDenied, DevflowError, StepFailed, Unavailable
from devflow.ports.containers import Start

_DENIED: Final = re.compile(r"unauthorized|denied|authentication required|no basic auth", re.I)
_NO_ANSWER: Final = "what it says of the pull is no JSON"
_NO_TLS: Final = "server gave HTTP response to HTTPS client"
# the oldest version of its API that Podman 4 and 5 speak
_PODMANS_PULL: Final = "/v4.0.0/libpod/images/pull"
_UNREACHABLE: Final = re.compile(
    r"connection refused|no such host|i/o timeout|dial tcp|TLS handshake|http: server gave", re.I
)


def pulled(client: Any, start: Start) -> dict[str, Any]:
    """The image of a start as the engine has it, pulled by its platform's own digest.

    Raises ``StepFailed``, ``Unavailable``, ``AccessDenied`` or ``StorageFailed``.
    """
    reference = f"{start.repository}@{start.image}"
    problem = _pull(client, start)
    if _NO_TLS in problem and is_loopback(f"//{start.repository}"):
        problem = _pull_without_tls(client, start, problem)
    if problem:
        raise _pull_failure(problem, reference)
    image = image_of(client, reference)
    if image is None:
        problem = "the engine says that it pulled the image, and does not have it"
        raise StepFailed(problem, where=reference)
    found = f"{image.get('Os')}/{image.get('Architecture')}"
    if found != "/".join(start.platform.split("/")[:2]):
        problem = f"the image of {start.service} for {start.platform} is one for {found}"
        raise StepFailed(problem, where=reference, hint="build and publish it anew")
    return image


def _pull(client: Any, start: Start) -> str:
    """Why it cannot be pulled, empty where it was. Engines tell it amid the answer, or by its
    status."""
    try:
        return _problem(
            client.pull(
                start.repository, tag=start.image, stream=True, decode=True, platform=start.platform
            )
        )
    except docker.errors.APIError as error:
        return str(error.explanation or error)
    except docker.errors.StreamParseError as error:
        # a class of its own beside all others of the SDK
        raise docker.errors.DockerException(_NO_ANSWER) from error


def _pull_without_tls(client: Any, start: Start, problem: str) -> str:
    """The same of Podman's own API, from a registry of this machine: Docker asks such a one without
    TLS by itself, Podman where it is told to. The first ``problem`` stays where an engine has no
    such API."""
    system, architecture, *variant = start.platform.split("/")
    asked = {
        "reference": f"{start.repository}@{start.image}",
        "tlsVerify": "false",
        "OS": system,
        "Arch": architecture,
        "Variant": "".join(variant),
    }
    registry = start.repository.partition("/")[0]
    account = docker.auth.get_config_header(client, registry)
    response = client.post(
        f"{client.base_url}{_PODMANS_PULL}",
        params=asked,
        headers={"X-Registry-Auth": account} if account else {},
        stream=True,
        timeout=client.timeout,
    )
    try:
        with closing(response):
            client._raise_for_status(response)
            return _problem(_rows(response.iter_lines()))
    except docker.errors.NotFound:
        return problem
    except docker.errors.APIError as error:
        return str(error.explanation or error)


def _rows(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    try:
        for line in lines:
            if line:
                yield json.loads(line)
    except ValueError as error:
        raise docker.errors.DockerException(_NO_ANSWER) from error


def _problem(rows: Iterable[Mapping[str, Any]]) -> str:
    """The status was 200 before anything was pulled."""
    return next((str(row["error"]) for row in rows if row.get("error")), "")


def _pull_failure(problem: str, reference: str) -> DevflowError:
    what = f"the engine cannot pull the published image: {problem}"
    if is_disk_full(problem):
        return disk_full(reference)
    if _UNREACHABLE.search(problem):
        hint = "the engine itself has to reach the registry, and to trust its certificate"
        return Unavailable(what, where=reference, hint=hint)
    if _DENIED.search(problem):
        return AccessDenied(what, where=reference, hint="docker login, with the same account")
    return StepFailed(what, where=reference, hint="publish it again")
