"""Turns a trained XGBoost model into Python functions of nested conditionals, so that serving needs
no xgboost and no numpy.

XGBoost adds up in 32-bit floats. So do the functions: their sum lives in an array of 32-bit floats,
which rounds each addition the same way. A test proves them equal to XGBoost on every hold-out row,
to the last bit, missing values (NaN) included. Only numbers read from the model enter the generated
source, never text.
"""

import json
import math
from array import array
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Sequence

LEAF = -1
DEEPEST = 90  # levels; Python takes up to 200 nested parentheses, of which each level opens one
TOGETHER = 10  # trees in one function: compiling all 80 at once took 7 MB, and a call costs 0.1 µs
# nodes of all trees; 48,000 take 0.3 s to compile, and a service has to start within 1 s
LARGEST = 100_000

Row = Sequence[float]


class Unsupported(Exception):
    """The model has something that the generated function has not; the text says what."""


class Forest(NamedTuple):
    """A model as a function of one row, its columns in training order; `trees` and `nodes` say how
    large it is."""

    predict: Callable[[Row], float]
    trees: int
    nodes: int


def load(path: Path) -> Forest:
    """Read a model that `Booster.save_model("….json")` wrote.

    Raises Unsupported for a model that only xgboost itself can serve, OSError when the file cannot
    be read, ValueError or KeyError when it is no XGBoost model.
    """
    learner = json.loads(path.read_text(encoding="utf-8"))["learner"]
    reason = _unsupported(learner)
    if reason:
        raise Unsupported(reason)
    trees = learner["gradient_booster"]["model"]["trees"]
    parameters = learner["learner_model_param"]
    # one number in brackets, since a model may have several targets
    base = float(parameters["base_score"].strip("[]"))
    columns = int(parameters["num_feature"])
    expressions = [_Tree(tree).expression() for tree in trees]
    parts = [_compiled(path.name, source) for source in _sources(columns, expressions)]
    return Forest(_assembled(base, parts), len(trees), _nodes(trees))


def _unsupported(learner: Dict[str, Any]) -> str:
    """Return what the generated function has not, empty when it has everything."""
    objective = learner["objective"]["name"]
    booster = learner["gradient_booster"]["name"]
    if objective != "reg:squarederror" or booster != "gbtree":
        return f"objective {objective} with booster {booster}"
    if learner["learner_model_param"].get("num_target", "1") != "1":
        return "more than one target"
    trees = learner["gradient_booster"]["model"]["trees"]
    if any(tree["categories"] for tree in trees):
        return "categorical splits"
    if _nodes(trees) > LARGEST:
        return f"more than {LARGEST} nodes"
    if not all(_is_finite(tree) for tree in trees):
        return "a split that is no finite number"
    if any(_depth(tree) > DEEPEST for tree in trees):
        return f"a tree of more than {DEEPEST} levels"
    return ""


def _nodes(trees: List[Dict[str, Any]]) -> int:
    return sum(len(tree["left_children"]) for tree in trees)


def _is_finite(tree: Dict[str, Any]) -> bool:
    return all(math.isfinite(value) for value in tree["split_conditions"])


def _depth(tree: Dict[str, Any]) -> int:
    # a parent may stand after its child, so the way down is the only order
    deepest = 0
    below = [(0, 1)]
    while below:
        node, depth = below.pop()
        deepest = max(deepest, depth)
        left = tree["left_children"][node]
        if left != LEAF:
            right = tree["right_children"][node]
            below += [(left, depth + 1), (right, depth + 1)]
    return deepest


class _Tree:
    """One regression tree in parallel lists, node 0 being the root; a leaf's split is its value."""

    def __init__(self, tree: Dict[str, Any]) -> None:
        self._left = tree["left_children"]
        self._right = tree["right_children"]
        self._column = [int(column) for column in tree["split_indices"]]
        self._split = array("f", tree["split_conditions"])
        self._missing_goes_left = tree["default_left"]

    def expression(self, node: int = 0) -> str:
        """Return the tree as nested conditional expressions over the names c0, c1 …"""
        split = self._split[node]
        if self._left[node] == LEAF:
            return repr(split)
        column = self._column[node]
        # a comparison with NaN is false: so a missing value goes to the side that training chose
        # for it
        if self._missing_goes_left[node]:
            test = f"not c{column} >= {split!r}"
        else:
            test = f"c{column} < {split!r}"
        left = self.expression(self._left[node])
        right = self.expression(self._right[node])
        return f"({left} if {test} else {right})"


def _sources(columns: int, expressions: List[str]) -> Iterator[str]:
    """Yield the source of functions that add TOGETHER trees each: what compiling takes is given
    back after each of them."""
    names = ", ".join(f"c{column}" for column in range(columns))
    for start in range(0, len(expressions), TOGETHER):
        lines = [f"def add(total, {names}):"]
        for expression in expressions[start : start + TOGETHER]:
            lines.append(f"    total[0] += {expression}")
        yield "\n".join(lines)


def _compiled(name: str, source: str) -> Callable[..., None]:
    names: Dict[str, Any] = {}
    # the source is made of numbers that float() and int() gave, and of our own words
    exec(compile(source, f"<{name}>", "exec"), names)  # nosec B102
    add: Callable[..., None] = names["add"]
    return add


def _assembled(base: float, parts: List[Callable[..., None]]) -> Callable[[Row], float]:
    def predict(row: Row) -> float:
        rounded = array("f", row)
        total = array("f", (base,))
        for add in parts:
            add(total, *rounded)
        return total[0]

    return predict
