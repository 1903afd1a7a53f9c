"""What a transition's screen asks for, and what is sent there: the values of pipeline.yaml, each in
the form that its field takes.

What a screen does not offer is left out, since JIRA would drop or refuse it.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Mapping

from devflow.adapters.jira.adf import to_adf
from devflow.adapters.jira.answers import ScreenField, Transition
from devflow.model.errors import StepFailed
from devflow.model.workflow import AskedField

# what JIRA sites in English call "finished as asked"
RESOLVED: Final = ("done", "fixed", "resolved", "completed")
LONG_TEXTS: Final = ("textarea", "description", "environment")


@dataclass(frozen=True)
class Screens:
    """``values`` by a field's id or name, ``resolution`` the id of the one that this workflow's
    finished tickets have, ``is_cloud`` whether people are named by account ids and long texts are
    documents."""

    values: Mapping[str, Any] = field(default_factory=dict)
    resolution: str = ""
    is_cloud: bool = True

    def sent(self, transition: Transition) -> dict[str, Any]:
        """What to send for the fields of a screen.

        Raises ``StepFailed`` naming each required field for which nothing is known, and a value
        that a field does not take.
        """
        problems = [one.problem for one in self.asks(transition)]
        if problems:
            raise StepFailed("; ".join(problems), hint=self.asks(transition)[0].advice)
        sent: dict[str, Any] = {}
        for field_id, one in transition.fields.items():
            value = self._value(field_id, one)
            if value is not None:
                sent[field_id] = self._formed(one, value)
        return sent

    def asks(self, transition: Transition) -> tuple[AskedField, ...]:
        """The required fields for which nothing is known, or a value that they do not take."""
        asked: list[AskedField] = []
        for field_id, one in transition.fields.items():
            value = self._value(field_id, one)
            if value is None and (not one.required or one.has_default_value):
                continue
            if value is None or not _is_allowed(one, value):
                name = one.name or field_id
                allowed = tuple(_words(option) for option in one.allowed_values)
                asked.append(AskedField(transition=transition.name, name=name, allowed=allowed))
        return tuple(asked)

    def _value(self, field_id: str, one: ScreenField) -> Any:
        """What is known for a field: a person's word, else a resolution that means done."""
        names = (field_id.casefold(), one.name.casefold())
        for name, value in self.values.items():
            if name.casefold() in names:
                return value
        if field_id != "resolution" or not one.required:
            return None
        ids = [str(option.get("id", "")) for option in one.allowed_values]
        if self.resolution in ids:
            return self.resolution
        named = [_words(option) for option in one.allowed_values]
        return next((name for name in named if name.casefold() in RESOLVED), None)

    def _formed(self, one: ScreenField, value: Any) -> Any:
        if one.kind.type == "array":
            parts = value if isinstance(value, (list, tuple)) else [value]
            return [self._single(one, one.kind.items, part) for part in parts]
        return self._single(one, one.kind.type, value)

    def _single(self, one: ScreenField, kind: str, value: Any) -> Any:
        option = _option(one, value)
        if option is not None:
            return {"id": option["id"]} if "id" in option else option
        if kind == "user":
            return {"accountId" if self.is_cloud else "name": str(value)}
        if kind == "number" or not isinstance(value, str):
            return value
        is_long = one.kind.system in LONG_TEXTS or one.kind.custom.endswith(":textarea")
        return to_adf(value) if is_long and self.is_cloud else value


def _is_allowed(one: ScreenField, value: Any) -> bool:
    if not one.allowed_values:
        return True
    parts = value if isinstance(value, (list, tuple)) else [value]
    return all(_option(one, part) is not None for part in parts)


def _option(one: ScreenField, value: Any) -> Mapping[str, Any] | None:
    """The allowed value that an id, a name or a text means."""
    word = str(value).casefold()
    for option in one.allowed_values:
        names = [str(option.get(part, "")).casefold() for part in ("id", "name", "value", "key")]
        if word in names:
            return option
    return None


def _words(option: Mapping[str, Any]) -> str:
    return str(option.get("name") or option.get("value") or option.get("id") or "")
