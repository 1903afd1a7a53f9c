"""Where nothing was measured, the evidence says why: as every step judges what is recorded of it,
and in whatever any of them may make."""

import ast
import json
from pathlib import Path
from typing import Any, Iterator

import pytest

import devflow
from devflow.model.checks import Check
from devflow.model.figures import NO_REASON, Missing, absent, digest, names, quantity, text
from devflow.model.wording import figure
from tests.ui.judged import PRODUCTS, checks_of, step_of

ROOT = Path(devflow.__file__).parent
# of too few samples: how many there were says it
OF_SAMPLES = "craft/observe/watching.py"


def bare(lines: tuple[Check, ...]) -> list[str]:
    """The lines without a figure that do not say why: of too few samples their number does."""
    found = []
    for line in lines:
        of = line.figure
        is_missing = isinstance(of, Missing) and of.samples is None
        if is_missing and of.why in ("", NO_REASON):
            found.append(f"{line.id}: {line.measured}")
    return found


@pytest.mark.parametrize("path", sorted(PRODUCTS.glob("*.json")), ids=lambda path: path.stem)
def test_no_step_leaves_out_why_nothing_was_measured(path: Path) -> None:
    assert bare(checks_of(path)) == []


def calls(of: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a name in what makes evidence, with its place."""
    for folder in ("steps", "craft"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == of:
                    yield place, node


def test_evidence_without_a_figure_is_made_by_what_demands_a_reason() -> None:
    by_hand = [place for place, _ in calls("Missing") if place != OF_SAMPLES]
    assert by_hand == []
    unsaid = [place for place, call in calls("absent") if ast.unparse(call.args[0]) in ("''", '""')]
    assert unsaid == []
    figureless = []
    for kind in ("Measure", "Check"):
        for place, call in calls(kind):
            named = {word.arg for word in call.keywords}
            # ** brings what another line was made of
            if not named & {"figure", None}:
                figureless.append(place)
    assert figureless == []


def test_no_maker_of_figures_makes_a_bare_one() -> None:
    made = (
        text(""),
        names(()),
        digest(""),
        quantity(None, why="no points"),
        absent(""),
    )
    assert [figure(one) for one in made] == [
        "not measured: no words are there",
        "not measured: there are none",
        "not measured: none is known",
        "not measured: no points",
        f"not measured: {NO_REASON}",
    ]


def _emptied(value: Any) -> Iterator[Any]:
    """The same without one of its parts at a time, or with nothing in its place: but for measures,
    and for reasons, that are recorded as they are told."""
    if isinstance(value, dict) and "figure" not in value:
        for name, part in value.items():
            if name == "why":
                continue
            rest = {other: held for other, held in value.items() if other != name}
            yield rest
            for nothing in (None, "", []):
                yield {**rest, name: nothing}
            for emptied in _emptied(part):
                yield {**rest, name: emptied}
    elif isinstance(value, list) and value:
        for emptied in _emptied(value[0]):
            yield [emptied, *value[1:]]


@pytest.mark.parametrize("path", sorted(PRODUCTS.glob("*.json")), ids=lambda path: path.stem)
def test_whatever_a_product_lacks_the_evidence_says_why(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    step = step_of(path)
    params = step.params(**recorded.get("params", {}))
    told = 0
    unsaid = set()
    for emptied in _emptied(recorded["product"]):
        try:
            product = step.makes.model_validate(emptied)
            checks = step.judge(params, product)
        except (ValueError, LookupError, TypeError):
            # no product of this step
            continue
        told += 1
        unsaid.update(bare(checks))
    assert told and not unsaid
