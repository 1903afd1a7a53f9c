"""What the real judges of the steps say of fixed products, as recorded by a run: one file a step.

A screen's own examples are made by hand, and do not notice when a judge says something else.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Mapping

from devflow.model.checks import Check
from devflow.step import AnyStep
from devflow.steps import REGISTRY
from devflow.ui.evidence import full
from devflow.ui.signs import check_sign

PRODUCTS = Path(__file__).resolve().parent / "products"


def judgements() -> Dict[str, Callable[[], str]]:
    """By the name of the product's file, what its step says of it."""
    return {path.stem: partial(_judgement, path) for path in sorted(PRODUCTS.glob("*.json"))}


def step_of(path: Path) -> AnyStep:
    """The step that made the product in a file."""
    name = json.loads(path.read_text(encoding="utf-8"))["step"]
    return REGISTRY[name]


def checks_of(path: Path) -> tuple[Check, ...]:
    """The checks of the product in a file."""
    recorded: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    step = step_of(path)
    params = step.params(**recorded.get("params", {}))
    return tuple(step.judge(params, step.makes.model_validate(recorded["product"])))


def _judgement(path: Path) -> str:
    return "".join(f"{line}\n" for line in _lines(checks_of(path)))


def _lines(checks: tuple[Check, ...]) -> Iterator[str]:
    for check in checks:
        about = f"[{check.about}]" if check.about else ""
        yield f"{check_sign(check).word}: {full(check)}"
        yield f"    {check.id}{about} {check.figure.kind} ‹{check.source}›"
