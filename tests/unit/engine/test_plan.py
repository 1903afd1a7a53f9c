"""The wiring between entries: refused before anything runs, with its place and the nearest valid
name."""

import pytest

from devflow.model.errors import PipelineInvalid
from tests.standins.toy_world import plan_of

WRONG = {
    "an unknown step": (
        "[note, draft, reviw]",
        'unknown step "reviw", did you mean "review"?',
        "devflow explain",
    ),
    "an unknown used step": (
        "[note, other: {uses: note2}]",
        'unknown step "note2"',
        "devflow explain",
    ),
    "a need that is nowhere": (
        "[draft]",
        '"draft" needs an entry "note"',
        "add an entry that makes Note",
    ),
    "a need that comes later": (
        "[draft, note]",
        'needs "note", which does not stand before it',
        'move "note" above',
    ),
    "a need beside it": (
        "[note, {parallel: [draft, review]}]",
        'needs "draft", which does not stand before',
        "move",
    ),
    "a renamed need": (
        "[first: {uses: note}, draft]",
        '"draft" needs an entry "note"',
        "draft: {needs: {note: first}}",
    ),
    "a need of another kind": (
        "[note, draft: {needs: {note: note}}, review: {needs: {draft: note}}]",
        "needs Draft",
        "draft",
    ),
    "a need that is none": ("[note: {needs: {x: note}}]", 'has no need "x"', "its needs: none"),
    "a parameter that is none": (
        "[note: {with: {a: 1}}]",
        'unknown key "a"',
        "keys that exist: none",
    ),
    "a parameter of another kind": ("[note, draft, review: {with: {least: many}}]", "least:", ""),
}


@pytest.mark.parametrize("entries,said,hint", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_wire_is_refused_with_its_place(entries: str, said: str, hint: str) -> None:
    with pytest.raises(PipelineInvalid) as raised:
        plan_of(f"devflow: 1\nphases:\n  all: {entries}\n")
    assert said in raised.value.message
    assert hint in raised.value.hint
    assert raised.value.where.startswith("pipeline.yaml:3:")


def test_a_send_back_target_can_be_renamed_and_has_to_stand_before() -> None:
    text = (
        "devflow: 1\nphases:\n  all: [note, work: {uses: draft}, review: {needs: {draft: work}}]\n"
    )
    assert plan_of(text).entries[-1].sends_back_to == "work"


def test_a_need_that_takes_absence_may_be_missing() -> None:
    plan = plan_of("devflow: 1\nphases:\n  all: [note, draft, close]\n")
    assert {need.field: need.entry for need in plan.entries[-1].needs} == {
        "draft": "draft",
        "gate": "",
    }


def test_what_a_send_back_begins_anew_is_whole_groups() -> None:
    names = [entry.name for entry in plan_of().between("draft", "check")]
    assert names == ["draft", "review", "check", "second_check"]
