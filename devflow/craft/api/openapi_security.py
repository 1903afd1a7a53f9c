"""What callers show to be let in, and which change of it locks them out."""

from typing import Any, Iterator

from devflow.craft.api.openapi_operations import Operation, mapping
from devflow.craft.api.schema_alternatives import resolved
from devflow.craft.api.schema_difference import Break
from devflow.craft.api.schema_values import Node

Way = frozenset[tuple[str, str]]
"""One way in which a call may be let in: pairs of a scheme and a scope."""


def security_breaks(old: Node, new: Node, was: Operation, now: Operation) -> Iterator[Break]:
    """A way in that is no longer one, and a scheme that asks for something else by its old name."""
    ways_now = _ways(new, now)
    for way in _ways(old, was):
        asked = [one for one in ways_now if one <= way]
        if not asked:
            ways = " or ".join(_way_wording(one) for one in ways_now)
            yield "security", f"needs {ways} from now on"
            return
        changed = [list(_changed_schemes(old, new, one)) for one in asked]
        if all(changed):
            yield from (("security", text) for text in changed[0])


def _changed_schemes(old: Node, new: Node, way: Way) -> Iterator[str]:
    for name in sorted({name for name, _ in way}):
        forms_now = _forms(new, name)
        lost = [form for form in _forms(old, name) if form not in forms_now]
        if lost and forms_now:
            yield f"{name} is {' or '.join(forms_now)}, no longer {lost[0]}"


def _ways(document: Node, operation: Operation) -> list[Way]:
    """The ways in which a call may be let in; the empty one needs nothing."""
    security: Any = operation.node.get("security", document.get("security")) or ({},)
    ways = []
    for schemes in security:
        pairs: set[tuple[str, str]] = set()
        for name, scopes in mapping(schemes).items():
            pairs.update((str(name), str(scope)) for scope in (*scopes, ""))
        ways.append(frozenset(pairs))
    return ways


def _forms(document: Node, name: str) -> list[str]:
    """What callers show by a scheme: one thing, or with OAuth 2 one for each flow."""
    schemes = mapping(mapping(document.get("components")).get("securitySchemes"))
    scheme = mapping(resolved(document, schemes.get(name)))
    match scheme.get("type"):
        case None:
            return []
        case "apiKey":
            return [f"the {scheme.get('in')} {scheme.get('name')}"]
        case "http":
            return [f"http {str(scheme.get('scheme')).lower()}"]
        case "oauth2":
            return [f"oauth2 by {flow}" for flow in mapping(scheme.get("flows"))]
        case kind:
            return [str(kind)]


def _way_wording(way: Way) -> str:
    names = sorted({name for name, _ in way})
    return " and ".join(names) or "nothing"
