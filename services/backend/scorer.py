"""Chooses who answers for the model: the generated function where it can, xgboost itself where the
model asks for it.

xgboost (200 MB on disk, 1 s to import) is imported only for a model that needs it.
"""

import json
from pathlib import Path
from typing import Callable, NamedTuple, Tuple

from services import lazy
from services.backend import forest


class Scorer(NamedTuple):
    """`predict` gives the model's answer for one row, its columns in training order; `name` says
    who does it."""

    name: str
    predict: Callable[[forest.Row], float]


def load(path: Path) -> Scorer:
    """Read a model file. Raises OSError, ValueError or KeyError when nobody can serve it."""
    try:
        loaded = forest.load(path)
    except forest.Unsupported as reason:
        return _xgboost(path, str(reason))
    return Scorer(f"generated Python ({loaded.trees} trees, {loaded.nodes} nodes)", loaded.predict)


class _Described(NamedTuple):
    """What a model file says of itself: the xgboost that wrote it, and what it predicts how."""

    version: Tuple[int, ...]
    objective: str
    booster: str


def _described(path: Path) -> _Described:
    model = json.loads(path.read_text(encoding="utf-8"))
    learner = model["learner"]
    return _Described(
        tuple(model.get("version", ())),
        learner["objective"]["name"],
        learner["gradient_booster"]["name"],
    )


def _xgboost(path: Path, reason: str) -> Scorer:
    problem = f"{path} has {reason}, which needs xgboost: pip install xgboost-cpu"
    numpy = lazy.module("numpy", problem)
    xgboost = lazy.module("xgboost", problem)
    described = _described(path)
    _refuse_foreign(path, described, xgboost.__version__)
    try:
        booster = xgboost.Booster(model_file=path)
    except xgboost.core.XGBoostError as error:
        # the lines below the first are a trace through its C++
        summary = str(error).splitlines()[0]
        raise ValueError(f"xgboost cannot read {path}: {summary}") from error
    booster.set_param({"nthread": 1})  # one row is no work for two

    def predict(row: forest.Row) -> float:
        rows = numpy.array([row], dtype=numpy.float32)
        # gblinear has no prediction in place
        if described.booster == "gblinear":
            return float(booster.predict(xgboost.DMatrix(rows, nthread=1))[0])
        return float(booster.inplace_predict(rows)[0])

    # what gives several numbers fails here, and not at the first car
    rows = numpy.zeros((1, booster.num_features()), dtype=numpy.float32)
    shape = booster.predict(xgboost.DMatrix(rows, nthread=1)).shape
    if shape != (1,):
        raise ValueError(f"{path} gives {shape[-1]} numbers for a row, and a price is one")
    return Scorer(f"xgboost {xgboost.__version__} ({reason})", predict)


def _refuse_foreign(path: Path, described: _Described, installed: str) -> None:
    """Raises ValueError for a model that the installed xgboost would read wrongly, or whose numbers
    are no logarithms of prices."""
    objective = described.objective
    # exp() of a probability, a rank or a survival time would look like a price
    if not objective.startswith("reg:") or objective == "reg:logistic":
        raise ValueError(f"{path} predicts {objective}, and not the logarithm of a price")
    # an older xgboost leaves out what it does not know without a word: 3.2 gives other prices than
    # 3.4 for a dart model of 3.4
    here = tuple(int(part) for part in installed.split(".")[:2])
    if described.version[:2] > here:
        by = ".".join(map(str, described.version))
        problem = f"{path} was written by xgboost {by}, and {installed} is installed"
        raise ValueError(f"{problem}: pip install 'xgboost-cpu>={by}'")
