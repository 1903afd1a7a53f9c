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
from typing import (
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Sequence,
    Tuple,
)

LEAF = -1
DEEPEST = 90  # levels; Python takes up to 200 nested parentheses, of which each level opens one
TOGETHER = 10  # trees in one function: compiling all 80 at once took 7 MB, and a call costs 0.1 µs
# nodes of all trees; 48,000 take 0.3 s to compile, and a service has to start within 1 s
LARGEST = 100_000
# what xgboost 2.0 to 3.4 write of a model of squared error; read off their files
NEWEST = (3, 4)
FILE = frozenset({"learner", "version"})
LEARNER = frozenset(
    {
        "attributes",
        "feature_names",
        "feature_types",
        "gradient_booster",
        "learner_model_param",
        "objective",
    }
)
PARAMETERS = frozenset(
    {"base_score", "boost_from_average", "num_class", "num_feature", "num_target"}
)
OBJECTIVE = frozenset({"name", "reg_loss_param"})
BOOSTER = frozenset({"num_parallel_tree", "num_trees", "size_leaf_vector"})
BOOSTER_MODEL = frozenset({"cats", "gbtree_model_param", "iteration_indptr", "tree_info", "trees"})
TREE_PARAMETERS = frozenset({"num_deleted", "num_feature", "num_nodes", "size_leaf_vector"})
# what a tree was trained by says nothing of what it predicts, and is known
TREE = frozenset(
    {
        "base_weights",
        "categories",
        "categories_nodes",
        "categories_segments",
        "categories_sizes",
        "default_left",
        "id",
        "left_children",
        "loss_changes",
        "parents",
        "right_children",
        "split_conditions",
        "split_indices",
        "split_type",
        "sum_hessian",
        "tree_param",
    }
)

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
    model = json.loads(path.read_text(encoding="utf-8"))
    reason = _unsupported(model)
    if reason:
        raise Unsupported(reason)
    learner = model["learner"]
    trees = learner["gradient_booster"]["model"]["trees"]
    parameters = learner["learner_model_param"]
    # one number in brackets, since a model may have several targets
    base = float(parameters["base_score"].strip("[]"))
    columns = int(parameters["num_feature"])
    expressions = [_Tree(tree).expression() for tree in trees]
    parts = [_compiled(path.name, source) for source in _sources(columns, expressions)]
    return Forest(_assembled(base, parts), len(trees), _nodes(trees))


def _unsupported(model: Dict[str, Any]) -> str:
    """Return what the generated function has not, empty when it has everything.

    What is known is listed: a newer xgboost writes what it learned under names of its own into a
    file that looks like an older one's (3.4 writes dart as gbtree, with a weight for each tree).
    """
    learner = model["learner"]
    objective = learner["objective"]["name"]
    booster = learner["gradient_booster"]["name"]
    if objective != "reg:squarederror" or booster != "gbtree":
        return f"objective {objective} with booster {booster}"
    trees = learner["gradient_booster"]["model"]["trees"]
    for place, known, found in _parts(model, trees):
        for name in found:
            if name not in known:
                return f"{name!r} in its {place}, which is not known here"
    return _other_values(model, trees) or _other_trees(trees)


def _parts(
    model: Dict[str, Any], trees: List[Dict[str, Any]]
) -> Iterator[Tuple[str, FrozenSet[str], Iterable[str]]]:
    """Yield every part of a model file with the names that are known in it."""
    learner = model["learner"]
    booster = learner["gradient_booster"]
    yield "file", FILE, model
    yield "learner", LEARNER, learner
    yield "learner's parameters", PARAMETERS, learner["learner_model_param"]
    yield "objective", OBJECTIVE, learner["objective"]
    yield "objective's parameters", frozenset({"scale_pos_weight"}), _of(learner, "objective")
    yield "booster", frozenset({"model", "name"}), booster
    yield "booster's model", BOOSTER_MODEL, booster["model"]
    yield "booster's parameters", BOOSTER, booster["model"].get("gbtree_model_param", {})
    for tree in trees:
        yield "trees", TREE, tree
        yield "trees' parameters", TREE_PARAMETERS, tree.get("tree_param", {})


def _of(learner: Dict[str, Any], part: str) -> Dict[str, Any]:
    parameters: Dict[str, Any] = learner[part].get("reg_loss_param", {})
    return parameters


def _other_values(model: Dict[str, Any], trees: List[Dict[str, Any]]) -> str:
    """Return the first value of a known name that is not the known one."""
    learner = model["learner"]
    version = tuple(model.get("version", ()))
    if version[:2] > NEWEST:
        return f"version {'.'.join(map(str, version))} of its format"
    parameters = learner["learner_model_param"]
    if parameters.get("num_target", "1") != "1":
        return "more than one target"
    if parameters.get("num_class", "0") != "0":
        return "classes"
    booster = learner["gradient_booster"]["model"]
    if any(booster.get("tree_info", ())):
        return "more than one group of trees"
    if any(booster.get("cats", {}).values()):
        return "categories"
    for tree in trees:
        if any(tree["categories"]) or any(tree.get("split_type", ())):
            return "categorical splits"
        # 0 is what xgboost 1 wrote
        if tree.get("tree_param", {}).get("size_leaf_vector", "1") not in ("0", "1"):
            return "leaves of several values"
    return ""


def _other_trees(trees: List[Dict[str, Any]]) -> str:
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
