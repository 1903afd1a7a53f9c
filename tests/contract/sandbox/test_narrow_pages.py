"""The sandbox's pages in a window as narrow as a phone, measured by a browser: nothing is cut off,
and no short word is broken."""

import json
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from devflow.adapters.http import web
from devflow.sandbox.common.markdown import rendered
from devflow.sandbox.common.page import frame, rows

BROWSER = next(filter(None, map(shutil.which, web.BROWSERS)), None)
WIDTH_PX = 400
MEASURING = """<script>
const lines = (each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
};
const cells = [...document.querySelectorAll("td,th")];
parent.document.body.textContent = JSON.stringify({
  lines: Object.fromEntries(cells.map((each) => [each.textContent, lines(each)])),
  right: Math.max(...cells.map((each) => each.getBoundingClientRect().right)),
});
</script>"""
TABLES = """
| file | lines |
|---|---|
| docs/requirements/of/a/ticket/that/has/SCRUM-99-a-long-name.md | +10 -0 |

| criterion | text | proved by |
|---|---|---|
| AC-1 | An island parcel costs 300 cents more | 4 - SCRUM-99 AC-1: an island costs 300 cents |
| AC-2 | /rate/GRAMS/island answers with it | no test |
"""


@pytest.fixture
def measured(tmp_path: Path) -> Any:
    def measure(body: str) -> dict[str, Any]:
        page = tmp_path / "page.html"
        inner = escape(frame("narrow", body + MEASURING))
        # a window of a desktop's browser is 500 wide at the least
        text = f'<body><iframe width="{WIDTH_PX}" frameborder="0" srcdoc="{inner}"></iframe>'
        page.write_text(text, encoding="utf-8")
        command = [str(BROWSER), "--headless", "--no-sandbox", "--dump-dom"]
        command += [f"--user-data-dir={tmp_path}", page.as_uri()]
        shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        _, _, rest = shown.stdout.partition("<body>")
        found: dict[str, Any] = json.loads(unescape(rest.partition("</body>")[0]))
        return found

    if BROWSER is None:
        pytest.skip("no browser on this machine")
    return measure


def test_no_heading_id_or_number_of_lines_is_broken(measured: Any) -> None:
    lines = measured(rendered(TABLES))["lines"]
    short = ("file", "lines", "criterion", "text", "AC-1", "AC-2", "+10 -0", "no test")
    assert {name: lines[name] for name in short} == dict.fromkeys(short, 1)


def test_an_annotation_is_not_cut_off(measured: Any) -> None:
    message = "Subroutine prototypes used [Subroutines::ProhibitSubroutinePrototypes]"
    place = "lib/Parcel/Rates/With/A/Path/That/Is/Long/Rates.pm:11 failure"
    found = measured(rows([(place, message)], "facts stacked"))
    assert found["right"] <= WIDTH_PX
    assert found["lines"][message] <= 3


def test_a_fact_keeps_its_name_in_one_line_and_breaks_a_long_value(measured: Any) -> None:
    found = measured(rows([("Merged as", "f" * 90), ("Branches", "SCRUM-99-a into main")]))
    assert found["right"] <= WIDTH_PX
    assert (found["lines"]["Merged as"], found["lines"]["Branches"]) == (1, 1)
