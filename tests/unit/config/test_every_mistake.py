"""All mistakes of pipeline.yaml at once: each with its own place, once, in the words of YAML, and
none that only follows from another."""

import pytest
from pydantic import Field

from devflow.config.mistakes import MOST
from devflow.config.pipeline import parse
from devflow.config.validation import validated
from devflow.config.yaml_source import Source
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value
from devflow.steps import REGISTRY

HEAD = "devflow: 1\n"
MANY = """\
devflow: 1
connect: !!str sandbox
project:
  name: 2026-13-45
  base: no
  base: main
  1: x
  [a]: b
  ? {c: d}
  : z
  ?
  : y
  services:
    api: &api {path: src, port: 1, prt: 2}
    web: *api
    8: {<<: 3, port: x}
  services:
    more: {path: a, path: b}
phases:
  ci: [b, b]
phases: {}
"""


def every(text: str) -> list[tuple[str, str]]:
    """What is told of a file: the place and the message of each mistake."""
    with pytest.raises(PipelineInvalid) as raised:
        parse("p", text)
    return [(one.place.removeprefix("p:"), one.message) for one in raised.value.every]


def test_every_mistake_is_told_at_once_each_with_its_place_and_none_that_follows() -> None:
    assert every(MANY) == [
        ("2:10", "tags are not allowed here"),
        ("4:9", "cannot be read: month must be in 1..12"),
        ("6:3", '"base" stands twice'),
        ("7:3", 'the key 1 has to be text: write "1" in quotes'),
        ("8:3", "a key has to be text, and this one is a list"),
        ("9:5", "a key has to be text, and this one is a mapping"),
        ("11:4", "a key has to be text, and nothing stands here"),
        ("16:5", 'the key 8 has to be text: write "8" in quotes'),
        ("16:13", "<< takes over a mapping, or a list of mappings"),
        ("17:3", '"services" stands twice'),
        ("18:21", '"path" stands twice'),
        ("21:1", '"phases" stands twice'),
        ("14:36", 'unknown key "prt"'),
        ("5:3", 'no is a word for false where text is meant: write "no" in quotes'),
        ("16:16", 'port: "x" is not allowed here, but a port, from 1 to 65535'),
        ("20:11", 'entry "b" stands twice'),
    ]


def test_what_cannot_be_read_any_further_is_told_with_what_was_found_before() -> None:
    assert [place for place, _ in every("a: !!x 1\nb: [!!y 2\n")] == ["1:4", "2:5", "2:4"]
    assert [place for place, _ in every("- a: 1\n  a: 2\n")] == ["2:3", "1:1"]


def test_of_a_key_that_stands_twice_the_first_is_named() -> None:
    with pytest.raises(PipelineInvalid) as raised:
        parse("p", HEAD + "phases:\n  a: [b]\n  a: [c]\n")
    assert raised.value.hint == "keep one of the two; the first is in line 3"


def test_the_project_is_held_to_nothing_while_it_stands_twice() -> None:
    """A service of the other `services:` is no service that is missing."""
    text = HEAD + "project:\n  services:\n    a: {path: a, port: 1, needs: [b]}\n  services:\n"
    text += "    b: {path: b, port: 2}\nphases: {a: [b]}\n"
    assert every(text) == [("5:3", '"services" stands twice')]


@pytest.mark.parametrize("key", ("null", "true", "3", "2026-01-01"))
def test_a_key_that_is_taken_for_something_else_is_read_as_it_is_written(key: str) -> None:
    text = f"project: {{services: {{? {key} : {{path: x, port: 0}}}}}}\n"
    first, second, *_ = every(HEAD + text)
    assert first == ("2:24", f'the key {key} has to be text: write "{key}" in quotes')
    # what stands behind it is looked at all the same
    assert second[1].startswith("port: 0 is not allowed here")
    # and an unknown one is not told once more
    (alone,) = every(HEAD + f"project: {{? {key} : x}}\nphases: {{a: [b]}}\n")
    assert "has to be text" in alone[1]


ALIASED = """\
devflow: 1
project:
  suites:
    a: &a {path: tests, timeout_s: -1, timeout_s: 2}
    b: *a
    c: {<<: *a, path: other}
phases:
  x: [{one: &with {with: [], required: 3}}, {two: *with}]
"""


def test_a_mistake_behind_an_anchor_is_told_once_however_often_it_is_used() -> None:
    assert every(ALIASED) == [
        ("4:40", '"timeout_s" stands twice'),
        (
            "4:25",
            "timeout_s: -1 is not allowed here, but seconds, above 0 and up to 604800 (a week)",
        ),
        ("8:20", "with: a list of 0 is not allowed here, but a mapping"),
        ("8:30", "required: 3 is not allowed here, but true or false"),
    ]


class Days(Value):
    days: tuple[int, ...] = ()


class Foreign(Value):
    """Parameters as another package's step may have them: of several kinds, in pydantic's own."""

    window: str | Days = ""
    several: tuple[str, ...] = Field(default=("a", "b"), min_length=2)
    least: int = Field(default=5, ge=3)


@pytest.mark.parametrize(
    ("text", "told"),
    (
        ("window: {days: [mond]}", '1:17 days[0]: "mond" is not allowed here, but a whole number'),
        ("window: {dayz: [1]}", '1:10 unknown key "dayz"'),
        ("window: [1]", "1:1 window: a list of 1 is not allowed here, but text"),
        ("several: [a, 7]", '1:14 7 is a number where text is meant: write "7" in quotes'),
        ("several: [a]", "1:1 several: a list of 1 is not allowed here, but a list of 2 or more"),
        ("least: 2", "1:1 least: 2 is not allowed here, but a number from 3"),
    ),
)
def test_a_step_of_another_package_is_spoken_of_in_the_same_words(text: str, told: str) -> None:
    source = Source("p", text)
    with pytest.raises(PipelineInvalid) as raised:
        validated(source, Foreign, source.data, ())
    (one,) = raised.value.every
    assert f"{one.place.removeprefix('p:')} {one.message}" == told


def test_what_an_older_name_stands_for_is_told_beside_the_other_mistakes() -> None:
    source = Source("p", "canary_pct: 500\nkeep: none\n")
    with pytest.raises(PipelineInvalid) as raised:
        validated(source, REGISTRY["production"].params, source.data, ())
    assert [one.message.partition(":")[0] for one in raised.value.every] == ["keep", "pct"]


def test_a_file_of_mistakes_alone_is_refused_at_once() -> None:
    for text in ("a: 1\n" * 60_000, "".join(f"{number}: 1\n" for number in range(60_000))):
        assert len(every(HEAD + text)) == MOST
