"""Reads an XGBoost JSON model and predicts with it in plain Python, so that serving needs neither xgboost nor numpy.

XGBoost computes in 32-bit floats: each comparison and each sum here is rounded the same way, and a test proves the
predictions equal to XGBoost's own to the last bit on every hold-out row. Missing values and categorical splits are refused.
"""

import json
import math
from array import array
from pathlib import Path
from struct import Struct
from typing import List, NamedTuple, Sequence, Tuple

_FLOAT32 = Struct("f")
_LEAF = -1


class Tree(NamedTuple):
    """One regression tree as parallel columns, node 0 being the root; a leaf's `split` is its value."""

    left: Tuple[int, ...]
    right: Tuple[int, ...]
    column: Tuple[int, ...]
    split: Tuple[float, ...]


class Forest(NamedTuple):
    """A trained model: the sum of one leaf a tree, above a base score."""

    base: float
    trees: List[Tree]

    def predict(self, row: Sequence[float]) -> float:
        """Return the model's answer for one row, its columns in training order.

        Raises ValueError for a row that holds NaN, on whose way through the trees the model was not trained.
        """
        rounded = array("f", row)
        if any(map(math.isnan, rounded)):
            raise ValueError("a row for the price model must not hold NaN")
        total = self.base
        for tree in self.trees:
            (total,) = _FLOAT32.unpack(_FLOAT32.pack(total + _leaf(tree, rounded)))
        return total


def load(path: Path) -> Forest:
    """Read a model that `Booster.save_model("….json")` wrote.

    Raises OSError when the file cannot be read, ValueError or KeyError when it is no numeric-split regression model.
    """
    learner = json.loads(path.read_text(encoding="utf-8"))["learner"]
    trees = learner["gradient_booster"]["model"]["trees"]
    if learner["objective"]["name"] != "reg:squarederror" or any(tree["categories"] for tree in trees):
        raise ValueError(f"{path}: only reg:squarederror with numeric splits is supported")
    base = float(learner["learner_model_param"]["base_score"].strip("[]"))
    return Forest(array("f", [base])[0], [_tree(tree) for tree in trees])


def _tree(tree: dict) -> Tree:
    return Tree(
        tuple(tree["left_children"]),
        tuple(tree["right_children"]),
        tuple(tree["split_indices"]),
        tuple(array("f", tree["split_conditions"])),
    )


def _leaf(tree: Tree, row: Sequence[float]) -> float:
    left, right, column, split = tree
    node = 0
    while left[node] != _LEAF:
        node = left[node] if row[column[node]] < split[node] else right[node]
    return split[node]
