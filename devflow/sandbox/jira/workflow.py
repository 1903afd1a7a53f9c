"""The site's workflow: its statuses, transitions and screens, as the catalogue has them or as the
behaviour of this server says.

``behaviour["workflow"]`` may hold, each in place of the catalogue's own: ``statuses`` (id: name and
category), ``transitions`` (id: name, from, to, the ids of the fields that its screen requires;
``from`` may be ``"*"``), ``columns`` (the board's, each a list of status ids), ``resolutions`` (id:
name), ``fields`` (id: name, type and, where there are some, ``allowed`` values by id),
``categories`` (key: name) and ``changelog`` (status id: its name in the language in which changes
are written down).
"""

from dataclasses import dataclass
from typing import Any

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call
from devflow.sandbox.jira import catalogue
from devflow.sandbox.jira.answers import refuse


@dataclass(frozen=True)
class Transition:
    """A way from a status (``*``: from each) to another one, and the fields that it requires."""

    id: str
    name: str
    start: str
    target: str
    required: tuple[str, ...]

    def is_offered(self, status: str) -> bool:
        return self.start in ("*", status) and self.target != status


def _own(call: Call, part: str) -> Json | None:
    own: Json | None = call.behaviour.get("workflow", {}).get(part)
    return own


def statuses(call: Call) -> dict[str, tuple[str, str]]:
    """Name and category of each status, by its id."""
    own = _own(call, "statuses")
    if own is None:
        return catalogue.STATUSES
    return {status_id: (entry[0], entry[1]) for status_id, entry in own.items()}


def transitions(call: Call) -> list[Transition]:
    own = _own(call, "transitions")
    if own is None:
        rows = [(key, *entry) for key, entry in catalogue.TRANSITIONS.items()]
        return [
            Transition(key, name, start, target, ("resolution",) if screen else ())
            for key, name, start, target, screen in rows
        ]
    return [
        Transition(key, entry[0], entry[1], entry[2], tuple(entry[3])) for key, entry in own.items()
    ]


def columns(call: Call) -> list[list[str]]:
    """The status ids of the board's columns, from left to right."""
    own = call.behaviour.get("workflow", {}).get("columns")
    return own or [[status_id] for status_id in statuses(call)]


def resolutions(call: Call) -> dict[str, str]:
    return _own(call, "resolutions") or catalogue.RESOLUTIONS


def name_then(call: Call, status_id: str) -> str:
    """A status's name as the changelog has it."""
    name: str | None = (_own(call, "changelog") or {}).get(status_id)
    return name or str(status(call, status_id)["name"])


def status(call: Call, status_id: str) -> Json:
    """A status as JIRA shows it."""
    # one that the workflow of now has no more has only its id
    lost = catalogue.STATUSES.get(status_id, (f"status {status_id}", "indeterminate"))
    name, key = statuses(call).get(status_id, lost)
    number, label, colour = catalogue.CATEGORIES[key]
    label = (_own(call, "categories") or {}).get(key, label)
    site = f"{call.base}/rest/api/3"
    category = {"self": f"{site}/statuscategory/{number}", "id": number, "key": key}
    return {
        "self": f"{site}/status/{status_id}",
        "id": status_id,
        "name": name,
        "description": "",
        "iconUrl": f"{call.base}/images/icons/statuses/generic.png",
        "statusCategory": {**category, "colorName": colour, "name": label},
    }


def resolution(call: Call, resolution_id: str) -> Json:
    name = resolutions(call).get(resolution_id) or catalogue.RESOLUTIONS[resolution_id]
    link = f"{call.base}/rest/api/3/resolution/{resolution_id}"
    return {"self": link, "id": resolution_id, "description": "", "name": name}


def screen_field(call: Call, field_id: str) -> Json:
    """A required field of a screen, as ``transitions.fields`` has it."""
    shown: Json = {"required": True, "key": field_id, "hasDefaultValue": False}
    shown["operations"] = ["set"]
    if field_id == "resolution":
        allowed = [resolution(call, key) for key in resolutions(call)]
        kind = catalogue.schema("resolution")
        return {**shown, "name": "Resolution", "schema": kind, "allowedValues": allowed}
    own = (_own(call, "fields") or {})[field_id]
    number = int(field_id.removeprefix("customfield_"))
    custom = f"{catalogue.CUSTOM}:{own['type']}"
    shown |= {"name": own["name"]}
    shown["schema"] = {"type": own["type"], "custom": custom, "customId": number}
    if "allowed" in own:
        site = f"{call.base}/rest/api/3/customFieldOption"
        options = own["allowed"].items()
        shown["allowedValues"] = [
            {"self": f"{site}/{key}", "id": key, "value": value} for key, value in options
        ]
    return shown


def given_value(call: Call, field_id: str, fields: Json) -> Any:
    """The value that came for a required field, as it is stored. Raises Refused with 400."""
    value = fields.get(field_id)
    if field_id == "resolution":
        if value is None:
            refuse(400, resolution="Resolution is required.")
        return catalogue.find(resolutions(call), value, "resolution")
    own = (_own(call, "fields") or {})[field_id]
    if value is None:
        refuse(400, **{field_id: f"{own['name']} is required."})
    if "allowed" not in own:
        return value
    for key, text in own["allowed"].items():
        is_meant = value.get("id") == key or value.get("value") == text
        if is_meant:
            return {"id": key, "value": text}
    return refuse(400, **{field_id: f"Option id '{value.get('id')}' is not valid"})
