"""The trained model, judged with XGBoost itself, and the generated Python that serves it."""

import json
import time

import numpy
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from services.backend import card, forest, scorer, synthesis, train
from services.backend.app import create_app
from services.backend.appraisal import COLUMNS, MODEL_DIR, Appraiser, Car, encode
from services.backend.training_data import read_file
from services.car import CHOICES, RANGES

METRICS = json.loads((MODEL_DIR / "metrics.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample():
    return read_file(MODEL_DIR / "cars.csv")


@pytest.fixture(scope="module")
def booster():
    booster = xgboost.Booster(model_file=MODEL_DIR / "model.json")
    booster.set_param({"nthread": 1})
    return booster


@pytest.fixture(scope="module")
def measured(booster, sample):
    return train.measure(booster, sample, METRICS["data"])


@pytest.fixture(scope="module")
def served():
    return scorer.load(MODEL_DIR / "model.json")


def scored(served, rows):
    return numpy.array([served.predict(row) for row in rows.tolist()], dtype=numpy.float32)


def microseconds(ask, times):
    """Return the processor time of one call, the least of three rounds."""
    rounds = []
    for _ in range(3):
        began_s = time.process_time()
        for _ in range(times):
            ask()
        rounds.append((time.process_time() - began_s) / times * 1e6)
    return min(rounds)


def test_model_inference(sample, served, booster, figure):
    hold_out = sample.fold(*train.HOLD_OUT)
    predicted = scored(served, hold_out.rows)
    assert served.name == "generated Python (80 trees, 4314 nodes)"
    assert len(predicted) == METRICS["rows"]["hold_out"] == 1200
    assert numpy.array_equal(predicted, booster.inplace_predict(hold_out.rows))
    row = hold_out.rows[0].tolist()
    matrix = hold_out.rows[:1]
    ours_us = microseconds(lambda: served.predict(row), 500)
    raw_us = microseconds(lambda: booster.inplace_predict(matrix), 300)
    figure(
        "scorer",
        f"{ours_us:.1f} µs a car, xgboost's inplace_predict {raw_us:.1f} µs, "
        f"equal on {len(predicted)} of 1200",
    )
    assert ours_us < raw_us / 2  # a tenth was measured


def test_the_stored_model_keeps_the_stored_bound_and_beats_the_baseline(measured, figure):
    error_pct = measured["hold_out_error_pct"]
    naive_pct = measured["baseline_error_pct"]
    figure("model error", f"{error_pct} % (bound {train.BOUND_PCT:g} %, naive {naive_pct} %)")
    assert error_pct <= train.BOUND_PCT
    assert error_pct < naive_pct / 2


def test_the_stored_metrics_are_what_the_stored_model_and_data_give(measured):
    assert {**measured, "trained_with": ""} == {**METRICS, "trained_with": ""}


def test_the_model_card_says_what_the_metrics_say():
    assert (MODEL_DIR / "CARD.md").read_text(encoding="utf-8") == card.text(METRICS)
    assert METRICS["data"]["kind"] == "synthetic" and "No real sale" in card.text(METRICS)


def test_the_interval_holds_about_as_many_cars_as_it_says(measured, figure):
    coverage_pct = measured["interval"]["coverage_pct"]
    figure(
        "price interval",
        f"holds {coverage_pct} % of the cars held out (aimed at {train.COVERAGE_PCT:g} %)",
    )
    # 1,200 cars: two standard deviations of a fair 80 % are 2.3 percentage points, and calibration
    # has as many again
    assert coverage_pct == pytest.approx(train.COVERAGE_PCT, abs=4.6)


def test_the_bundled_data_is_what_the_seed_gives():
    assert (MODEL_DIR / "cars.csv").read_text(encoding="utf-8") == synthesis.csv_text()


def test_the_bundled_files_are_small():
    assert max((MODEL_DIR / name).stat().st_size for name in ("cars.csv", "model.json")) <= 300_000


def test_no_value_rises_with_age_or_mileage(booster):
    # by XGBoost, which sees 67,000 cars as fast as the served function sees 1,000, and gives the
    # same to the last bit
    axes = [range(len(CHOICES[name])) for name in COLUMNS[:3]]
    age = RANGES["age_years"]
    # a forecast asks for cars that are older by so many years
    axes.append(range(age.low, age.high + RANGES["years"].high + 1))
    mileage = RANGES["mileage_km"]
    axes.append(numpy.linspace(mileage.low, mileage.high, 13))
    power = RANGES["power_kw"]
    axes.append((power.low, 100, power.high))
    grid = numpy.stack(numpy.meshgrid(*axes, indexing="ij"), axis=-1).astype(numpy.float32)
    rows = grid.reshape(-1, len(axes))
    values = booster.inplace_predict(rows).reshape(grid.shape[:-1])
    assert (numpy.diff(values, axis=COLUMNS.index("age_years")) <= 0).all()
    assert (numpy.diff(values, axis=COLUMNS.index("mileage_km")) <= 0).all()
    assert (values[:, :, :, 10:] < values[:, :, :, :-10]).all(), "ten years cost nothing"


numbers = st.one_of(st.floats(width=32), st.integers(-10, 500_000), st.just(float("nan")))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(row=st.lists(numbers, min_size=6, max_size=6))
def test_any_row_scores_as_xgboost_scores_it_missing_values_too(served, booster, row):
    row = [0.0 if abs(value) == float("inf") else value for value in row]  # xgboost refuses those
    (expected,) = booster.inplace_predict(numpy.array([row], dtype=numpy.float32))
    assert served.predict(row) == expected


@pytest.mark.parametrize("depth", [1, 12])
def test_other_shapes_of_trees_score_as_xgboost_scores_them(tmp_path, sample, depth):
    # every fourth value is missing, so that training has to choose a side for them at each split
    rows = sample.rows[:600].copy()
    rows.ravel()[::4] = numpy.nan
    parameters = {
        **train.PARAMETERS,
        "max_depth": depth,
        "min_child_weight": 0,
        "monotone_constraints": "()",
    }
    trained = xgboost.train(parameters, xgboost.DMatrix(rows, sample.log_prices[:600]), 15)
    trained.save_model(tmp_path / "model.json")
    scores = scored(forest.load(tmp_path / "model.json"), rows)
    assert numpy.array_equal(scores, trained.inplace_predict(rows))


# one leaf after the other, wherever it helps most: a tree as unbalanced as there can be
LOSSGUIDE = {
    "max_depth": 0,
    "tree_method": "hist",
    "grow_policy": "lossguide",
    "max_leaves": 6000,
    "min_child_weight": 0,
}


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"objective": "reg:absoluteerror"}, "objective reg:absoluteerror"),
        ({"booster": "dart", "rate_drop": 0.5}, "booster dart"),
        (LOSSGUIDE, ""),
    ],
)
def test_a_model_that_the_function_cannot_serve_is_served_by_xgboost_itself(
    tmp_path, sample, change, reason
):
    parameters = {**train.PARAMETERS, "monotone_constraints": "()", **change}
    trained = xgboost.train(parameters, xgboost.DMatrix(sample.rows, sample.log_prices), 3)
    trained.save_model(tmp_path / "model.json")
    served = scorer.load(tmp_path / "model.json")
    assert served.name.startswith("xgboost " if reason else "generated ") and reason in served.name
    rows = sample.rows[:50]
    assert numpy.array_equal(scored(served, rows), trained.inplace_predict(rows))


def test_a_categorical_model_is_served_by_xgboost_itself(tmp_path, sample):
    types = ["c", "c", "c", "q", "q", "q"]
    matrix = xgboost.DMatrix(
        sample.rows, sample.log_prices, feature_types=types, enable_categorical=True
    )
    parameters = {**train.PARAMETERS, "monotone_constraints": "()", "max_cat_to_onehot": 1}
    xgboost.train(parameters, matrix, 3).save_model(tmp_path / "model.json")
    with pytest.raises(forest.Unsupported, match="categorical splits"):
        forest.load(tmp_path / "model.json")
    assert "categorical splits" in scorer.load(tmp_path / "model.json").name


def chain(levels):
    """Return the model file's text with its first tree replaced by a chain: less than its number
    goes further down."""
    left = []
    right = []
    splits = []
    for level in range(levels - 1):
        left += [2 * level + 2, -1]
        right += [2 * level + 1, -1]
        splits += [levels - level, level]
    nodes = 2 * levels - 1
    tree = {
        "left_children": [*left, -1],
        "right_children": [*right, -1],
        "split_indices": [0] * nodes,
        "split_conditions": [*splits, -1],
        "default_left": [0] * nodes,
        "categories": [],
    }
    model = json.loads((MODEL_DIR / "model.json").read_text())
    model["learner"]["gradient_booster"]["model"]["trees"] = [tree]
    model["learner"]["learner_model_param"]["base_score"] = "[0E0]"
    return json.dumps(model)


def test_a_tree_too_deep_for_pythons_parser_is_left_to_xgboost(tmp_path):
    (tmp_path / "model.json").write_text(chain(forest.DEEPEST))
    deepest = forest.load(tmp_path / "model.json").predict
    assert [deepest([age, 0, 0, 0, 0, 0]) for age in (forest.DEEPEST, 50, 2, 1)] == [0, 40, 88, -1]
    (tmp_path / "model.json").write_text(chain(forest.DEEPEST + 1))
    with pytest.raises(forest.Unsupported, match="more than 90 levels"):
        forest.load(tmp_path / "model.json")


def test_health_says_that_xgboost_serves(connect, tmp_path, sample, car):
    parameters = {**train.PARAMETERS, "objective": "reg:absoluteerror"}
    trained = xgboost.train(parameters, xgboost.DMatrix(sample.rows, sample.log_prices), 5)
    trained.save_model(tmp_path / "model.json")
    (tmp_path / "metrics.json").write_text(json.dumps({**METRICS, "data": {"kind": "csv"}}))
    client = connect(create_app(tmp_path / "carprice.sqlite3", tmp_path))
    model = client.get("/health").json()["model"]
    assert model["status"] == "ok" and model["data"] == "csv"
    scorer_name = model["scorer"]
    assert scorer_name.startswith("xgboost ") and "objective reg:absoluteerror" in scorer_name
    assert client.post("/api/v1/price/current", json=car).json()["value_eur"] > 0


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"learner": {}}', '{"learner": {"objective": {"name": 1}}}']
)
def test_a_directory_without_a_usable_model_is_refused(tmp_path, text):
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ValueError):
        Appraiser(tmp_path)


def test_a_model_of_other_columns_is_refused(tmp_path, sample):
    matrix = xgboost.DMatrix(sample.rows[:, :5], sample.log_prices)
    xgboost.train({"nthread": 1}, matrix, 1).save_model(tmp_path / "model.json")
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    with pytest.raises(ValueError, match="holds no model as services.backend.train writes it"):
        Appraiser(tmp_path)


def test_an_unknown_choice_cannot_be_encoded():
    with pytest.raises(ValueError, match="not in tuple"):
        encode(Car("amphibious", "petrol", "manual", 1, 1, 100))
