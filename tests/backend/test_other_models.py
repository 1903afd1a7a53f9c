"""Models that others trained: served as XGBoost itself predicts, or refused when the service
starts; never with a number that nobody's model gives."""

import json
from pathlib import Path

import numpy
import pytest
import xgboost

from services.backend import forest, scorer
from services.backend.appraisal import MODEL_DIR, Appraiser
from services.backend.training_data import read_file

METRICS = json.loads((MODEL_DIR / "metrics.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample():
    return read_file(MODEL_DIR / "cars.csv")


def scored(served, rows):
    return numpy.array([served.predict(row) for row in rows.tolist()], dtype=numpy.float32)


NEWER = Path(__file__).parent / "models" / "dart-3.4.1.json"
# three cars of the bundled data, and what xgboost 3.4.1 predicts for them
NEWER_ROWS = [
    [4.0, 1.0, 1.0, 0.0, 16467.0, 73.0],
    [0.0, 1.0, 0.0, 6.0, 95919.0, 71.0],
    [2.0, 1.0, 1.0, 14.0, 110285.0, 126.0],
]
NEWER_VALUES = numpy.array([9.536247253417969, 9.012608528137207, 8.627700805664062], "float32")


def test_a_dart_model_that_xgboost_3_4_saved_as_gbtree_is_not_served_without_its_weights():
    with pytest.raises(forest.Unsupported, match="'weight_drop' in its booster's model"):
        forest.load(NEWER)
    installed = tuple(int(part) for part in xgboost.__version__.split(".")[:2])
    if installed < (3, 4):
        # it reads the file without a word, and gives other prices
        with pytest.raises(ValueError, match="was written by xgboost 3.4.1, and"):
            scorer.load(NEWER)
    else:
        served = scorer.load(NEWER)
        assert "weight_drop" in served.name
        assert numpy.array_equal(scored(served, numpy.array(NEWER_ROWS)), NEWER_VALUES)


def test_a_file_that_names_anything_unknown_is_left_to_xgboost(tmp_path):
    bundled = json.loads((MODEL_DIR / "model.json").read_text(encoding="utf-8"))

    def parts(node, at=()):
        if isinstance(node, dict):
            yield at
            for name, value in node.items():
                yield from parts(value, (*at, name))

    trees = ("learner", "gradient_booster", "model", "trees")
    places = [*parts(bundled), (*trees, 0), (*trees, 79, "tree_param")]
    # what is said of training, or by who trains, changes no prediction
    free = {("learner", "attributes"), ("learner", "gradient_booster", "model", "cats")}
    for place in [one for one in places if one not in free]:
        model = json.loads(json.dumps(bundled))
        inner = model
        for step in place:
            inner = inner[step]
        inner["new_in_3_5"] = 1
        (tmp_path / "model.json").write_text(json.dumps(model))
        with pytest.raises(forest.Unsupported, match="'new_in_3_5' in its"):
            forest.load(tmp_path / "model.json")


def test_a_newer_format_of_the_same_names_is_left_to_xgboost(tmp_path):
    model = json.loads((MODEL_DIR / "model.json").read_text(encoding="utf-8"))
    model["version"] = [3, 5, 0]
    (tmp_path / "model.json").write_text(json.dumps(model))
    with pytest.raises(forest.Unsupported, match="version 3.5.0 of its format"):
        forest.load(tmp_path / "model.json")


def saved(tmp_path, rows, targets, **parameters):
    trained = xgboost.train(
        {"nthread": 1, "verbosity": 0, **parameters}, xgboost.DMatrix(rows, targets), 3
    )
    trained.save_model(tmp_path / "model.json")
    return trained


def test_gblinear_is_served_by_xgboost_itself(tmp_path, sample):
    rows = sample.rows[:100]
    trained = saved(tmp_path, rows, sample.log_prices[:100], booster="gblinear")
    served = scorer.load(tmp_path / "model.json")
    assert "booster gblinear" in served.name
    expected = numpy.concatenate(
        [trained.predict(xgboost.DMatrix(rows[n : n + 1])) for n in range(9)]
    )
    assert numpy.array_equal(scored(served, rows[:9]), expected)


def test_a_forest_of_parallel_trees_scores_as_xgboost_scores_it(tmp_path, sample):
    rows = sample.rows[:300]
    trees = {"num_parallel_tree": 3, "subsample": 0.5, "seed": 1}
    trained = saved(tmp_path, rows, sample.log_prices[:300], **trees)
    scores = scored(forest.load(tmp_path / "model.json"), rows)
    assert numpy.array_equal(scores, trained.inplace_predict(rows))


@pytest.mark.parametrize(
    "parameters, columns, problem",
    [
        ({"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, 1, "gives 2 numbers"),
        ({}, 2, "gives 2 numbers"),
        ({"multi_strategy": "multi_output_tree"}, 2, "gives 2 numbers"),
        ({"objective": "binary:logistic"}, 0, "predicts binary:logistic"),
        ({"objective": "multi:softprob", "num_class": 3}, 0, "predicts multi:softprob"),
    ],
)
def test_a_model_that_gives_no_price_is_refused_at_the_start(
    tmp_path, sample, parameters, columns, problem
):
    targets = numpy.stack([sample.log_prices[:200]] * max(1, columns), axis=1)
    if not columns:
        targets = (targets > 8.5).astype("float32")
    saved(tmp_path, sample.rows[:200], targets, **parameters)
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    with pytest.raises(ValueError, match=problem):
        Appraiser(tmp_path)
