"""pipeline.yaml as people write it wrong: one message with its line, no traceback, quickly."""

import os
import re
import time
from pathlib import Path
from typing import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.config.pipeline import parse
from devflow.model.errors import PipelineInvalid
from devflow.wiring.pipeline_file import load

HEAD = "devflow: 1\n"
BOMB = "a: &a [1, 1]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip("abcdefghi", "bcdefghij")
)
SERVICES = """\
project:
  services:
    api: {path: a, port: 1, image: {}}
    plain: {path: p, port: 2}
    docs:
      path: d
      port: 3
      image:
        of: %s
    more: {path: m, port: 4, image: {of: %s}}
phases: {a: [b]}
"""
NEEDS = """\
project:
  services:
    api: {path: a, port: 1, needs: [%s]}
    search: {path: s, port: 2, needs: [api]}
phases: {a: [b]}
"""
HEALTH = """\
project:
  services:
    api: {path: a, port: 1, health: %s}
phases: {a: [b]}
"""
CASES = {
    "a need of no service": (
        HEAD + NEEDS % "serch",
        "4:37",
        'there is no service "serch", did you mean "search"?',
    ),
    "needs in a circle": (
        HEAD + NEEDS % "search",
        "4:29",
        "each of these needs the next to be started first: api, search, api",
    ),
    "a need of itself": (HEAD + NEEDS % "api", "4:29", "started first: api, api"),
    "a need of a variable that nobody gives": (
        HEAD + NEEDS % "$DATABASE_URL",
        "4:37",
        "$DATABASE_URL is neither in env nor in pass_env of api",
    ),
    "a port that there is not": (HEAD + NEEDS % "db:70000", "4:37", "a service, host:port"),
    "a version at two places": (
        HEAD + HEALTH % "{path: /, version: {json: /a, header: b}}",
        "4:47",
        "either json: /a/b or header: X-Version",
    ),
    "a version that nothing tells": (
        HEAD + HEALTH % "{version: {header: b}}",
        "4:29",
        "path: is missing",
    ),
    "a health that is no path": (
        HEAD + HEALTH % "health",
        "4:29",
        "the path of a page",
    ),
    "an image of no service": (
        HEAD + SERVICES % ("ap", "api"),
        "10:9",
        'there is no service "ap", did you mean "api"?',
    ),
    "an image of a service without one": (
        HEAD + SERVICES % ("plain", "api"),
        "10:9",
        "docs runs from the image of plain, which has none",
    ),
    "images of each other": (
        HEAD + SERVICES % ("more", "docs"),
        "10:9",
        "docs runs from the image of more, which borrows one itself",
    ),
    "an image of itself": (HEAD + SERVICES % ("docs", "api"), "10:9", "which borrows one itself"),
    "nothing": ("", "1:1", "a mapping of phases is expected"),
    "no version": ("phases: {a: [b]}\n", "1:1", "`devflow: 1` names the format"),
    "a duplicate key": (HEAD + "devflow: 1\n", "2:1", "stands twice"),
    "a tag": (HEAD + "x: !!python/object:os.system {}\n", "2:4", "tags are not allowed"),
    "an alias bomb": (BOMB, "", "more than it may"),
    "itself": ("x: &a [*a]\n", "1:4", "more than it may"),
    "deep nesting": ("x: " + "[" * 60 + "]" * 60, "1:", "nested deeper"),
    "two documents": (HEAD + "---\na: b\n", "2:1", "not valid YAML"),
    "a tab": (HEAD + "\tphases: {}\n", "2:1", "not valid YAML: a tab where"),
    "a tab deeper": (HEAD + "phases:\n  a: [b]\n\tc: [d]\n", "4:1", "only spaces"),
    "an open bracket": (HEAD + "phases: {a: [b\n", "2:13", "a bracket is opened here"),
    "a bracket that ends lines below": (
        HEAD + "phases:\n  a: [b\n  c: [d]\n",
        "3:6",
        "a bracket is opened here and not closed",
    ),
    "an open quotation mark": (
        HEAD + "project:\n  name: 'p\nphases: {a: [b]}\n",
        "3:9",
        "a quotation mark is opened here and not closed",
    ),
    "an open quotation mark before a quoted text": (
        HEAD + 'x: {a: [b, "%f: [%p], c]}\nphases:\n  ci: ["a"]\n',
        "2:12",
        "a quotation mark is opened here and not closed",
    ),
    "a quoted text of two lines before another mistake": (
        HEAD + "x: 'one\n  two'\ny: [a, , b]\n",
        "4:8",
        "not valid YAML: did not find expected node content",
    ),
    "a line that is no key": (HEAD + "phases: {a: [b]}\nproject\n", "3:1", "expected ':'"),
    "a number as key": (HEAD + "1: 2\n", "2:1", "has to be text"),
    "an unknown key": (HEAD + "phasse: {}\n", "2:1", 'did you mean "phases"?'),
    "another format": ("devflow: 2\nphases: {a: [b]}\n", "1:1", "names the format"),
    "true for one": ("devflow: yes\nphases: {a: [b]}\n", "1:1", "names the format"),
    "another connection": (
        HEAD + "connect: prod\nphases: {a: [b]}\n",
        "2:1",
        '"sandbox" or "real"',
    ),
    "a number for text": (
        HEAD + "project: {base: 3.10}\nphases: {a: [b]}\n",
        "2:11",
        "a number where text is meant",
    ),
    "a number as it was written": (
        HEAD + "project: {base: 3.10}\nphases: {a: [b]}\n",
        "2:11",
        'write "3.10" in quotes',
    ),
    "a merge of no table": (
        HEAD + "project: {suites: {a: {<<: 3}}}\nphases: {a: [b]}\n",
        "2:28",
        "<< takes over a mapping, or a list of mappings",
    ),
    "a merge of itself": ("x: &a {<<: *a}\n", "1:4", "more than it may"),
    "what was merged has its own line": (
        HEAD + "project:\n  suites:\n    a: &a {path: tests, timeout_s: -1}\n"
        "    b: {<<: *a, timeout_s: 5}\n    c: {<<: *a, path: other}\nphases: {a: [b]}\n",
        "4:25",
        "seconds, above 0",
    ),
    "what stands beside a merge has its own line": (
        HEAD + "project:\n  suites:\n    a: &a {path: tests, timeout_s: 5}\n"
        "    b: {<<: *a, timeout_s: -1}\nphases: {a: [b]}\n",
        "5:17",
        "seconds, above 0",
    ),
    "an unknown option": (
        HEAD + "phases: {a: [b: {requierd: false}]}\n",
        "2:18",
        'unknown key "requierd"',
    ),
    "an unknown nested key": (
        HEAD + "project: {services: {b: {path: x, prt: 1}}}\n",
        "2:35",
        'unknown key "prt"',
    ),
    "entries as a table": (HEAD + "phases: {a: {b: {}}}\n", "2:10", "list of entries"),
    "an entry twice": (HEAD + "phases: {a: [b, b]}\n", "2:17", "stands twice"),
    "parallel with a neighbour": (
        HEAD + "phases: {a: [{parallel: [b], c: {}}]}\n",
        "2:14",
        "stands alone",
    ),
    "an entry of two names": (
        HEAD + "phases: {a: [{b: {}, c: {}}]}\n",
        "2:14",
        "one name with its options",
    ),
}


@pytest.mark.parametrize("text,where,said", CASES.values(), ids=CASES.keys())
def test_what_is_wrong_is_said_with_its_line(text: str, where: str, said: str) -> None:
    with pytest.raises(PipelineInvalid) as raised:
        parse("pipeline.yaml", text)
    assert said in raised.value.message
    assert raised.value.where.startswith(f"pipeline.yaml:{where}")


def test_the_nearest_key_is_named_also_inside_a_service() -> None:
    with pytest.raises(PipelineInvalid) as raised:
        parse("p", HEAD + "project: {services: {b: {path: x, prt: 1}}}\nphases: {a: [b]}\n")
    assert raised.value.hint == 'did you mean "port"?'


def test_a_command_under_another_name_and_a_key_that_is_missing_are_named() -> None:
    suite = "project: {suites: {web: {cmd: npx vitest}}}\nphases: {a: [b]}\n"
    with pytest.raises(PipelineInvalid) as raised:
        parse("p", HEAD + suite)
    assert raised.value.hint == 'did you mean "run"?'
    with pytest.raises(PipelineInvalid) as raised:
        parse("p", HEAD + "project: {services: {b: {path: x, colour: 1}}}\nphases: {a: [b]}\n")
    assert raised.value.hint == "required and missing: port"


def test_the_marked_line_is_shown() -> None:
    with pytest.raises(PipelineInvalid) as raised:
        parse("p", HEAD + "phasse: {}\n")
    assert raised.value.excerpt.splitlines() == ["     2 | phasse: {}", "       | ^^^^^^"]


NO_YAML = {
    "a: [b\n": "close it with ]",
    "a: {b: c\n": "close it with }",
    "a: [b}\n": "write a comma between two values, or close the bracket with ]",
    "a: 'b\n": "close it with '",
    'a: ["b]\nc: ["d"]\n': 'close it with ": the next one, in line 3, ends it',
    "a: [b, , c]\n": "write a value here, or put text that begins with this character in quotes",
    "a: @b\n": "put text that begins with this character in quotes",
    "a: b: c\n": "put text with a colon in it in quotes, or indent the line as those around it",
    "a:\n  b: c\n d: e\n": "indent the line as the other keys; behind a closing quotation mark or "
    "bracket nothing goes on",
    "a:\n  - b\n  c: d\n": "indent the line as the other items, and begin it with a dash",
    "a\nb: c\n": "write a colon and a blank behind the key, or indent the line as those around it",
    "a: *b\n": "name a value &name before it is used as *name, or put text that begins with * in "
    "quotes",
    'a: "\\q"\n': "write \\\\ for a backslash, or put the text in single quotes",
    "---\na: b\n": "keep one document: take this line away",
    "a:\n\t- b\n": "indent with spaces",
    "a: &\n": "look at indentation, quotation marks and brackets of this line and the one above",
}


@pytest.mark.parametrize("text,hint", NO_YAML.items(), ids=NO_YAML)
def test_what_is_no_yaml_shows_its_line_and_says_what_to_do(text: str, hint: str) -> None:
    with pytest.raises(PipelineInvalid, match="not valid YAML") as raised:
        parse("p", HEAD + text)
    assert raised.value.hint == hint
    assert raised.value.excerpt.splitlines()[1].endswith("^")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PipelineInvalid, match="no pipeline.yaml"):
        load(tmp_path / "pipeline.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.yaml"
    file.write_bytes(b"\xff\xfe\x00devflow")
    with pytest.raises(PipelineInvalid, match="is not UTF-8: byte 0xff"):
        load(file)
    file.write_bytes(b"devflow: 1\n# \xc3\xa9\xe9 latin")
    with pytest.raises(PipelineInvalid) as raised:
        load(file)
    assert raised.value.where == "pipeline.yaml:2:4"


def _pipe(file: Path, beside: Path) -> None:
    os.mkfifo(file)


def _device(file: Path, beside: Path) -> None:
    file.symlink_to("/dev/zero")


def _folder(file: Path, beside: Path) -> None:
    file.mkdir()


def _link_out(file: Path, beside: Path) -> None:
    beside.write_text("devflow: 1\n")
    file.symlink_to(beside)


def _huge(file: Path, beside: Path) -> None:
    with file.open("wb") as content:
        content.truncate(2**40)


NO_FILES = {
    "a pipe": (_pipe, "pipeline.yaml is a pipe, not a file"),
    "a device": (_device, "is a link to /dev/zero, outside of the repository"),
    "a folder": (_folder, "pipeline.yaml is a folder, not a file"),
    "a link out of the repository": (_link_out, "outside of the repository"),
    "a file of a tebibyte": (_huge, "larger than 4194304 bytes"),
}


@pytest.mark.parametrize("make,said", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_refused_at_once(
    make: Callable[[Path, Path], None], said: str, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    make(root / "pipeline.yaml", tmp_path / "beside")
    begun_s = time.monotonic()
    with pytest.raises(PipelineInvalid, match=re.escape(said)):
        load(root / "pipeline.yaml", root)
    assert time.monotonic() - begun_s < 0.5


def test_a_device_that_was_named_is_refused_too() -> None:
    with pytest.raises(PipelineInvalid, match="zero is a device, not a file"):
        load(Path("/dev/zero"))


LONG = "x" * 200_000
LONGS = {
    "a value": f"project: {{base: {LONG}}}\nphases: {{a: [b]}}\n",
    "a key": f"? {LONG}\n: 1\n",
    "a key of the project": f"project: {{? {LONG} : 1}}\nphases: {{a: [b]}}\n",
    "an entry": f"phases: {{a: [{LONG}]}}\n",
    "an entry with options": f"phases: {{a: [{{? {LONG} : {{}}}}]}}\n",
    "an option": f"phases: {{a: [{{b: {{? {LONG} : 1}}}}]}}\n",
    "a connection": f"connect: {LONG}\nphases: {{a: [b]}}\n",
    "a number": f"connect: {'9' * 4000}\nphases: {{a: [b]}}\n",
    "an anchor": f"phases: *{LONG}\n",
    "a phase": f"phases: {{? {LONG} : x}}\n",
    "a number as a key": f"? {'9' * 4000}\n: 1\n",
}


@pytest.mark.parametrize("text", LONGS.values(), ids=LONGS)
def test_what_is_long_is_cut_in_messages_and_refused_at_once(text: str) -> None:
    begun_s = time.monotonic()
    with pytest.raises(PipelineInvalid) as raised:
        parse("pipeline.yaml", HEAD + text)
    assert time.monotonic() - begun_s < 0.5
    error = raised.value
    assert error.where.startswith("pipeline.yaml:2")
    assert len(error.message + error.hint + error.where + error.excerpt) < 1500
    assert "…" in error.message + error.excerpt


def test_a_control_character_is_refused_with_its_line() -> None:
    with pytest.raises(PipelineInvalid, match="control characters") as raised:
        parse("pipeline.yaml", HEAD + "x:\n  y: '\x1b[31m'\n")
    assert raised.value.where == "pipeline.yaml:3:7"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_file_is_parsed_or_refused_with_its_place(data: st.DataObject) -> None:
    text = (Path(__file__).parents[3] / "pipeline.yaml").read_text()
    at = data.draw(st.integers(0, len(text) - 1))
    cut = data.draw(st.integers(0, 40))
    put = data.draw(st.text(alphabet="{}[]:&*!|>-'\"\n\t #,xé\x00", max_size=6))
    try:
        parse("pipeline.yaml", text[:at] + put + text[at + cut :])
    except PipelineInvalid as error:
        assert error.where.startswith("pipeline.yaml")
