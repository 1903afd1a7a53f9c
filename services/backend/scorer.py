"""Chooses who answers for the model: the generated function where it can, xgboost itself where the
model asks for it.

xgboost (200 MB on disk, 1 s to import) is imported only for a model that needs it.
"""

from pathlib import Path
from typing import Callable, NamedTuple

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


def _xgboost(path: Path, reason: str) -> Scorer:
    problem = f"{path} has {reason}, which needs xgboost: pip install xgboost-cpu"
    numpy = lazy.module("numpy", problem)
    xgboost = lazy.module("xgboost", problem)
    try:
        booster = xgboost.Booster(model_file=path)
    except xgboost.core.XGBoostError as error:
        # the lines below the first are a trace through its C++
        summary = str(error).splitlines()[0]
        raise ValueError(f"xgboost cannot read {path}: {summary}") from error
    booster.set_param({"nthread": 1})  # one row is no work for two

    def predict(row: forest.Row) -> float:
        rows = numpy.array([row], dtype=numpy.float32)
        return float(booster.inplace_predict(rows)[0])

    return Scorer(f"xgboost {xgboost.__version__} ({reason})", predict)
