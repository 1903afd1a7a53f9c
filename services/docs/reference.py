"""Writes the API reference as Markdown, from the backend's own description of its routes.

The routes are read, nothing of the backend runs: neither model nor database is opened.
"""

import json
from typing import Any, Dict, Iterator, List

from services.backend.app import described

TITLE = "API reference"


def description() -> Dict[str, Any]:
    """Return the OpenAPI description that the backend serves."""
    return described().openapi()


def markdown(api: Dict[str, Any]) -> str:
    """Return the reference of an OpenAPI description: each operation, then each schema."""
    lines = [
        f"# {TITLE}",
        "",
        "Generated from the backend's own OpenAPI description, which it serves as `/openapi.json`.",
    ]
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            lines += _operation(f"{method.upper()} {path}", operation)
    for name, schema in sorted(api["components"]["schemas"].items()):
        lines += ["", f"## {name}", "", schema.get("description", "")]
        lines += _fields(schema)
        lines += _examples(schema.get("examples", []))
    return "\n".join(lines) + "\n"


def _operation(name: str, operation: Dict[str, Any]) -> Iterator[str]:
    yield from ("", f"## {name}", "")
    yield operation.get("description", operation["summary"])
    yield from _parameters(operation.get("parameters", []))
    yield from _body(operation.get("requestBody"))
    yield from _responses(operation["responses"])


def _parameters(parameters: List[Dict[str, Any]]) -> Iterator[str]:
    if parameters:
        yield from _table("parameter", "in", "type", "what it is")
    for parameter in parameters:
        name = _name(parameter["name"], parameter.get("required"))
        kind = _type(parameter["schema"])
        yield _row(name, parameter["in"], kind, parameter.get("description", ""))


def _body(body: Any) -> Iterator[str]:
    contents = body.get("content", {}) if body else {}
    for media_type, content in contents.items():
        yield from ("", f"Send {_type(content['schema'])} as `{media_type}`.")


def _responses(responses: Dict[str, Any]) -> Iterator[str]:
    yield from _table("status", "answer", "when")
    for status, response in responses.items():
        contents = response.get("content", {}).values()
        kinds = [_type(content["schema"]) for content in contents if content.get("schema")]
        yield _row(status, ", ".join(kinds), response["description"])


def _fields(schema: Dict[str, Any]) -> Iterator[str]:
    if "properties" in schema:
        yield from _table("field", "type", "what it is")
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        yield _row(_name(name, name in required), _type(field), _limits(field))


def _examples(examples: List[Any]) -> Iterator[str]:
    for example in examples:
        yield ""
        for line in json.dumps(example, indent=2).splitlines():
            yield f"    {line}"


def _table(*heads: str) -> Iterator[str]:
    yield from ("", _row(*heads), _row(*["---"] * len(heads)))


def _row(*cells: str) -> str:
    texts = []
    for cell in cells:
        # a bar would end the cell, a line's end the table
        escaped = cell.replace("|", "\\|")
        texts.append(" ".join(escaped.split()))
    return "| " + " | ".join(texts) + " |"


def _name(name: str, required: Any) -> str:
    return f"`{name}`" if required else f"`{name}` (optional)"


def _type(schema: Dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    words = (schema.get("type", "anything"), schema.get("format", ""))
    return " ".join(filter(None, words))


def _limits(field: Dict[str, Any]) -> str:
    parts = [field.get("description", "")]
    if "default" in field:
        default = json.dumps(field["default"])
        parts.append(f"default `{default}`")
    return "; ".join(filter(None, parts))
