"""Checks exchanges that the sandbox logged against the official API descriptions of GitHub and
JIRA.

Only what a description covers is checked: an operation or an error status that it does not have is
passed over, a success status that it does not have is a violation. The descriptions' known faults
are mended here, one by one.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator, OAS31Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FILES = {
    "github": "github-rest.*.json",
    "platform": "jira-platform-v3.*.json",
    "agile": "jira-software.*.json",
}
BASE = "urn:description"
CHECKS = "required_status_checks"


def violations(api_log: Path, folder: Path) -> list[str]:
    """What contradicts the descriptions in `folder`: one text for each faulty request or answer of
    the log."""
    found = []
    for line in api_log.read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        found += [
            f"{exchange['method']} {exchange['path_template']}: {fault}"
            for fault in _faults(exchange, folder)
        ]
    return found


def covered(api_log: Path, folder: Path) -> set[tuple[str, str]]:
    """The operations (method, path template) in the log that a description has."""
    exchanges = [json.loads(line) for line in api_log.read_text(encoding="utf-8").splitlines()]
    known = [
        exchange
        for exchange in exchanges
        if _operation(exchange, _description(_source(exchange), folder)) is not None
    ]
    return {(exchange["method"], exchange["path_template"]) for exchange in known}


def _source(exchange: dict[str, Any]) -> str:
    if exchange["service"] == "github":
        return "github"
    return "agile" if exchange["path_template"].startswith("/rest/agile/") else "platform"


def _operation(exchange: dict[str, Any], description: dict[str, Any]) -> dict[str, Any] | None:
    operation = (
        description["paths"].get(exchange["path_template"], {}).get(exchange["method"].lower())
    )
    return operation if isinstance(operation, dict) else None


def _faults(exchange: dict[str, Any], folder: Path) -> Iterator[str]:
    description = _description(_source(exchange), folder)
    operation = _operation(exchange, description)
    status = exchange["status"]
    if operation is None:
        return
    place = ["paths", exchange["path_template"], exchange["method"].lower()]
    body = ["requestBody", "content", "application/json", "schema"]
    if status < 400 and exchange["request_json"] not in ({}, None) and _has(operation, body):
        yield from _schema_faults(
            "request", exchange["request_json"], [*place, *body], exchange, folder
        )
    answer = operation["responses"].get(str(status))
    if answer is None:
        if status < 400:
            yield f"status {status} is not described"
        return
    where = [*place, "responses", str(status)]
    if "$ref" in answer:
        where = answer["$ref"].removeprefix("#/").split("/")
        answer = description["components"]["responses"][where[-1]]
    schema = ["content", "application/json", "schema"]
    if _has(answer, schema):
        yield from _schema_faults(
            f"answer {status}", exchange["response_json"], [*where, *schema], exchange, folder
        )


def _has(value: Any, path: list[str]) -> bool:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return isinstance(value, dict)


def _schema_faults(
    what: str, value: Any, path: list[str], exchange: dict[str, Any], folder: Path
) -> Iterator[str]:
    validator = _validator(_source(exchange), folder)
    pointer = "/".join(_escape(part) for part in path)
    for error in validator.evolve(schema={"$ref": f"{BASE}#/{pointer}"}).iter_errors(value):
        if _is_default(error):
            continue
        place = ".".join(str(part) for part in error.absolute_path) or "top"
        yield f"{what} at {place}: {error.message[:300]}"


def _is_default(error: Any) -> bool:
    """Whether a value has not its schema's format and is the default that the schema itself names.

    GitHub describes the links of a deployment's status so: a `uri` whose default is "".
    """
    default: object = error.schema.get("default") if isinstance(error.schema, dict) else None
    return bool(error.validator == "format" and default is not None and default == error.instance)


def _escape(part: str) -> str:
    """A part of a JSON pointer in a URI."""
    pointer = part.replace("~", "~0").replace("/", "~1")
    return pointer.replace("{", "%7B").replace("}", "%7D")


@cache
def _validator(source: str, folder: Path) -> Any:
    registry: Registry[Any] = Registry().with_resource(
        BASE, DRAFT202012.create_resource(_description(source, folder))
    )
    if source == "github":
        return OAS30Validator({}, registry=registry, format_checker=oas30_format_checker)
    # JIRA's times (`...+0000`) are no RFC 3339: its formats are not checked
    return OAS31Validator({}, registry=registry)


@cache
def _description(source: str, folder: Path) -> dict[str, Any]:
    (path,) = folder.glob(FILES[source])
    description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    _allow_null(description)
    if source == "platform":
        _mend_platform(description)
    if source == "github":
        _mend_github(description)
    return description


def _allow_null(node: Any) -> None:
    """What is nullable has to list null in its enum and variants too, which GitHub's description
    forgets.

    Seen at `conclusion` of a check run (enum) and at `committer` of a commit (oneOf).
    """
    if isinstance(node, dict):
        if node.get("nullable") and isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"].append(None)
        if node.get("nullable") and isinstance(node.get("oneOf"), list):
            node["oneOf"].append({"nullable": True, "enum": [None]})
        for value in node.values():
            _allow_null(value)
    elif isinstance(node, list):
        for value in node:
            _allow_null(value)


def _mend_platform(description: dict[str, Any]) -> None:
    """Five faults: see the comments."""
    # a change from or to nothing is null
    change = description["components"]["schemas"]["ChangeDetails"]["properties"]
    for name in ("from", "fromString", "to", "toString"):
        change[name]["type"] = ["string", "null"]
    # the remote links of an issue are an array
    links = description["paths"]["/rest/api/3/issue/{issueIdOrKey}/remotelink"]["get"]["responses"][
        "200"
    ]["content"]
    media = links["application/json"]
    media["schema"] = {"type": "array", "items": media["schema"]}
    # JIRA takes a transition's id as a number and a link's comment as null too, and the `jira`
    # client sends them so
    schemas = description["components"]["schemas"]
    schemas["IssueTransition"]["properties"]["id"]["type"] = ["string", "integer"]
    comment = schemas["LinkIssueRequestJsonBean"]["properties"]
    comment["comment"] = {"anyOf": [comment["comment"], {"type": "null"}]}
    # what a bulk move requires is misspelt, and forbidden so
    for name, wrong, right in (
        ("targetToSourcesMapping", "issueIdOrKeys", "issueIdsOrKeys"),
        ("IssueBulkMovePayload", "targetToMultipleSourceMapping", "targetToSourcesMapping"),
    ):
        required = schemas[name]["required"]
        required[required.index(wrong)] = right


def _mend_github(description: dict[str, Any]) -> None:
    """Four faults: see the comments."""
    # clients may send `checks` instead of the `contexts` that are said to be required, and null for
    # a switch left alone
    protection = description["paths"]["/repos/{owner}/{repo}/branches/{branch}/protection"]["put"]
    body = protection["requestBody"]["content"]["application/json"]["schema"]["properties"]
    body[CHECKS]["required"] = [name for name in body[CHECKS]["required"] if name != "contexts"]
    for switch in body.values():
        switch["nullable"] = True
    # "you can also pass an array of labels directly", which its schema forgets
    labels = description["paths"]["/repos/{owner}/{repo}/issues/{issue_number}/labels"]["post"][
        "requestBody"
    ]
    labels["content"]["application/json"]["schema"]["oneOf"].append(
        {"type": "array", "items": {"type": "string"}}
    )
    # a folder is an array, which has no property to tell the variants apart by
    contents = description["paths"]["/repos/{owner}/{repo}/contents/{path}"]["get"]["responses"][
        "200"
    ]["content"]
    del contents["application/json"]["schema"]["discriminator"]
