"""What is sent to a transition's screen: a person's words in the form that each field takes."""

from typing import Any

import pytest

from devflow.adapters.jira.answers import Transition
from devflow.adapters.jira.screens import Screens
from devflow.model.errors import StepFailed

NAMES = ({"id": "1", "name": "Abgelehnt"}, {"id": "2", "name": "Erledigt"})
ENGLISH = ({"id": "1", "name": "Won't Do"}, {"id": "2", "name": "Fixed"})


def screen(**fields: Any) -> Transition:
    category = {"key": "done", "name": "Done"}
    to = {"id": "5", "name": "Closed", "statusCategory": category}
    return Transition.model_validate({"id": "1", "name": "Close", "to": to, "fields": fields})


def resolution(allowed: tuple[dict[str, str], ...]) -> Transition:
    named = {"required": True, "name": "Resolution", "allowedValues": allowed}
    return screen(resolution=named)


def field(kind: str, *allowed: dict[str, str], **more: Any) -> Transition:
    asked = {"required": True, "name": "Team", "schema": {"type": kind, **more}}
    return screen(customfield_1={**asked, "allowedValues": allowed})


def test_a_required_resolution_is_the_one_that_finished_tickets_have() -> None:
    assert Screens(resolution="2").sent(resolution(NAMES)) == {"resolution": {"id": "2"}}


def test_without_history_a_resolution_that_means_done_is_chosen_and_no_other() -> None:
    assert Screens().sent(resolution(ENGLISH)) == {"resolution": {"id": "2"}}
    with pytest.raises(StepFailed, match="allowed: Abgelehnt, Erledigt") as caught:
        Screens().sent(resolution(NAMES))
    assert 'fields: {"Resolution": "Abgelehnt"}' in caught.value.hint


@pytest.mark.parametrize("name", ["resolution", "Resolution", "RESOLUTION"])
@pytest.mark.parametrize("value", ["Abgelehnt", "abgelehnt", "1"])
def test_a_persons_word_comes_before_it_by_id_or_name(name: str, value: str) -> None:
    screens = Screens({name: value}, resolution="2")
    assert screens.sent(resolution(NAMES)) == {"resolution": {"id": "1"}}


def test_a_word_that_the_field_does_not_take_is_told_with_those_that_it_takes() -> None:
    with pytest.raises(StepFailed, match="allowed: Won't Do, Fixed"):
        Screens({"resolution": "Erledigt"}).sent(resolution(ENGLISH))


RED = {"id": "7", "value": "Red"}
BLUE = {"id": "8", "value": "Blue"}
FORMS = {
    "an option": (field("option", RED, BLUE), "blue", {"id": "8"}),
    "several": (field("array", RED, BLUE, items="option"), ["red", "8"], [RED, BLUE]),
    "one of several": (field("array", RED, BLUE, items="option"), "red", [RED]),
    "labels": (field("array", items="string"), ["a", "b"], ["a", "b"]),
    "a number": (field("number"), 7, 7),
    "a text": (field("string"), "free", "free"),
    "an account": (field("user"), "712020:x", {"accountId": "712020:x"}),
    "accounts": (field("array", items="user"), ["x"], [{"accountId": "x"}]),
}


@pytest.mark.parametrize(("asked", "value", "sent"), FORMS.values(), ids=FORMS.keys())
def test_a_value_takes_the_form_of_its_field(asked: Transition, value: Any, sent: Any) -> None:
    if isinstance(sent, list) and sent and "value" in sent[0]:
        sent = [{"id": option["id"]} for option in sent]
    assert Screens({"Team": value}).sent(asked) == {"customfield_1": sent}


def test_a_long_text_is_a_document_on_cloud_alone_and_a_person_a_name_on_data_center() -> None:
    asked = field("string", custom="com.atlassian.jira.plugin.system.customfieldtypes:textarea")
    assert Screens({"Team": "why"}).sent(asked)["customfield_1"]["type"] == "doc"
    center = Screens({"Team": "why"}, is_cloud=False)
    assert center.sent(asked) == {"customfield_1": "why"}
    assert center.sent(field("user")) == {"customfield_1": {"name": "why"}}


def test_what_is_not_required_or_has_a_default_is_left_alone() -> None:
    assert Screens().sent(screen(customfield_1={"name": "Team"})) == {}
    default = {"name": "Team", "required": True, "hasDefaultValue": True}
    assert Screens().sent(screen(customfield_1=default)) == {}


def test_a_field_that_takes_anything_is_named() -> None:
    with pytest.raises(StepFailed, match="asks for 'Team', and nothing is known") as caught:
        Screens().sent(field("string"))
    assert 'fields: {"Team": "..."}' in caught.value.hint


def test_many_allowed_values_are_cut() -> None:
    options = [{"id": str(number), "value": f"v{number}"} for number in range(50)]
    asked = Screens().asks(field("option", *options))
    assert asked[0].advice.endswith('{"Team": "v0"}}}')
    with pytest.raises(StepFailed, match="v19 and 30 more"):
        Screens().sent(field("option", *options))
