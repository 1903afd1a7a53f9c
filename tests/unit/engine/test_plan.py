"""The wiring between entries: refused before anything runs, with its place and the nearest valid
name."""

from typing import Final

import pytest

from devflow.config.mistakes import Mistakes
from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.errors import PipelineInvalid
from devflow.steps import REGISTRY
from devflow.ui.errors import error_text
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


MANY: Final = """\
devflow: 1
conect: sandbox
project:
  nam: shop
  suites: {unit: {path: tests, timeout_s: -1}}
phases:
  plan: [ticket, ticket]
  check:
    - quality: {with: {max_complexity: many, linter: [ruff]}}
    - unit_tests: {uses: sute, with: {suite: unit}}
    - local_tests: {requird: false}
"""


def test_every_mistake_is_told_with_its_place() -> None:
    mistakes = Mistakes()
    pipeline = parse("pipeline.yaml", MANY, mistakes)
    with pytest.raises(PipelineInvalid) as raised:
        build(pipeline, REGISTRY, mistakes)
    told = [(one.place.partition(":")[2], one.message) for one in raised.value.every]
    assert told == [
        ("2:1", 'unknown key "conect", did you mean "connect"?'),
        ("4:3", 'unknown key "nam"'),
        (
            "5:32",
            "timeout_s: -1 is not allowed here, but seconds, above 0 and up to 604800 (a week)",
        ),
        ("7:18", 'entry "ticket" stands twice'),
        ("11:21", 'unknown key "requird"'),
        ("9:46", 'unknown key "linter"'),
        (
            "9:24",
            'max_complexity: "many" is not allowed here, but a whole number from 1 to 1000000',
        ),
        ("10:20", 'unknown step "sute", did you mean "suite"?'),
    ]


def test_wires_are_told_all_at_once_and_only_where_each_entry_is_right() -> None:
    text = "devflow: 1\nphases: {all: [push, commit, ticket, branch, %s]}\n"
    with pytest.raises(PipelineInvalid) as raised:
        build(parse("pipeline.yaml", text % "coding"), REGISTRY)
    entries = {one.message.split('"')[1] for one in raised.value.every}
    assert entries == {"push", "commit"}
    with pytest.raises(PipelineInvalid) as raised:
        build(parse("pipeline.yaml", text % "codng"), REGISTRY)
    assert [one.message for one in raised.value.every] == [
        'unknown step "codng", did you mean "coding"?'
    ]


def test_a_wrong_project_is_not_held_against_the_entries_that_name_it() -> None:
    text = "devflow: 1\nproject: {suites: {backend: {pth: tests}}}\nphases: {ci: [backend_tests]}\n"
    mistakes = Mistakes()
    pipeline = parse("pipeline.yaml", text, mistakes)
    with pytest.raises(PipelineInvalid) as raised:
        build(pipeline, REGISTRY, mistakes)
    assert all("suite" not in one.message for one in raised.value.every)


def test_no_more_mistakes_are_shown_than_a_screen_holds() -> None:
    phases = ", ".join(f"no_step_{number}" for number in range(30))
    with pytest.raises(PipelineInvalid) as raised:
        build(parse("pipeline.yaml", f"devflow: 1\nphases: {{all: [{phases}]}}\n"), REGISTRY)
    lines = error_text(raised.value, colour=False, encoding="utf-8").splitlines()
    assert sum(line.startswith("error: unknown step") for line in lines) == 20
    assert lines[-1] == "and 10 more"
