"""The trained model, judged with XGBoost itself, and the plain-Python walk that serves it."""

import json

import numpy
import pytest
import xgboost

from services.backend import forest, synthesis, train
from services.backend.appraisal import COLUMNS, MODEL_DIR, Car, encode
from services.car import CHOICES, RANGES

METRICS = json.loads((MODEL_DIR / "metrics.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample():
    return train.read((MODEL_DIR / "cars.csv").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def booster():
    return xgboost.Booster(model_file=MODEL_DIR / "model.json")


@pytest.fixture(scope="module")
def measured(booster, sample):
    return train.measure(booster, sample)


def test_model_inference(sample, booster):
    served = forest.load(MODEL_DIR / "model.json")
    hold_out = sample.fold(0)
    predicted = numpy.array([served.predict(row) for row in hold_out.rows.tolist()], dtype=numpy.float32)
    assert len(predicted) == METRICS["rows"]["hold_out"] == 1200
    assert numpy.array_equal(predicted, booster.inplace_predict(hold_out.rows))


def test_the_stored_model_keeps_the_stored_bound_and_beats_the_baseline(measured, figure):
    error_pct, naive_pct = measured["hold_out_error_pct"], measured["baseline_error_pct"]
    figure("model error", f"{error_pct} % (bound {train.BOUND_PCT:g} %, naive {naive_pct} %)")
    assert error_pct == METRICS["hold_out_error_pct"]
    assert error_pct <= METRICS["bound_pct"] == train.BOUND_PCT
    assert error_pct < naive_pct / 2


def test_the_interval_holds_about_as_many_cars_as_it_says(measured, figure):
    coverage_pct = measured["interval"]["coverage_pct"]
    figure("price interval", f"holds {coverage_pct} % of the cars held out (aimed at {train.COVERAGE_PCT:g} %)")
    # 1,200 cars: two standard deviations of a fair 80 % are 2.3 percentage points, and calibration has as many again
    assert coverage_pct == pytest.approx(train.COVERAGE_PCT, abs=4.6)


def test_training_anew_keeps_the_bound(sample):
    assert train.measure(train.fit(sample), sample)["hold_out_error_pct"] <= train.BOUND_PCT


def test_the_bundled_data_is_what_the_seed_gives():
    assert (MODEL_DIR / "cars.csv").read_text(encoding="utf-8") == synthesis.csv_text()


def test_the_bundled_files_are_small():
    assert max((MODEL_DIR / name).stat().st_size for name in ("cars.csv", "model.json")) <= 300_000


def test_no_value_rises_with_age_or_mileage(booster):
    # by XGBoost, which sees 67,000 cars as fast as the served walk sees 100, and gives the same to the last bit
    choices = [range(len(CHOICES[name])) for name in COLUMNS[:3]]
    ages_years = range(RANGES["age_years"].low, RANGES["age_years"].high + RANGES["years"].high + 1)
    mileages_km = numpy.linspace(RANGES["mileage_km"].low, RANGES["mileage_km"].high, 13)
    axes = (*choices, ages_years, mileages_km, (RANGES["power_kw"].low, 100, RANGES["power_kw"].high))
    grid = numpy.stack(numpy.meshgrid(*axes, indexing="ij"), axis=-1).astype(numpy.float32)
    values = booster.inplace_predict(grid.reshape(-1, len(axes))).reshape(grid.shape[:-1])
    assert (numpy.diff(values, axis=COLUMNS.index("age_years")) <= 0).all()
    assert (numpy.diff(values, axis=COLUMNS.index("mileage_km")) <= 0).all()
    assert (values[:, :, :, 10:] < values[:, :, :, :-10]).all(), "ten years cost nothing"


def test_a_row_with_nan_is_refused():
    with pytest.raises(ValueError, match="NaN"):
        forest.load(MODEL_DIR / "model.json").predict([float("nan")] * 6)


def test_a_model_of_another_kind_is_refused(tmp_path, sample):
    parameters = {**train.PARAMETERS, "objective": "reg:absoluteerror"}
    xgboost.train(parameters, xgboost.DMatrix(sample.rows, sample.log_prices), 1).save_model(tmp_path / "model.json")
    with pytest.raises(ValueError, match="reg:squarederror"):
        forest.load(tmp_path / "model.json")


def test_an_unknown_choice_cannot_be_encoded():
    with pytest.raises(ValueError, match="not in tuple"):
        encode(Car("amphibious", "petrol", "manual", 1, 1, 100))
