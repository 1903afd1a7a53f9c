"""Writes the model card: what a model is, what it was trained on and how well it does, every figure
from its metrics."""

from typing import Any, Dict

KINDS = {
    "synthetic": (
        "**synthetic**: {rows:,} invented cars, `{file}`, "
        "made by `services/backend/synthesis.py` from a fixed seed. No real sale is among them"
    ),
    "csv": "{rows:,} cars of the user's own file `{file}`, SHA-256 `{sha256}`",
}
LIMITS = {
    "synthetic": "any real purchase or sale: the prices are made up",
    "csv": (
        "cars unlike those in the file: "
        "the model says nothing of its own about where the data came from"
    ),
}
ROWS = {
    "What it does": "appraises a used car in EUR, with an interval, now and over the coming years",
    "Model": "XGBoost regression on the logarithm of the price: {trees} trees of depth {depth}",
    "Kept by training": "values never rise with age or mileage",
    "Trained with": "{trained_with}",
    "Data": "{data}",
    "Split": (
        "by row, the same each time: {training:,} cars train, {calibration:,} set the interval, "
        "{hold_out:,} are held out"
    ),
    "Error": "{error} % mean absolute percentage error on the cars held out",
    "Naive baseline": (
        "{naive} % on the same cars, by the median price of the training cars of the same age"
    ),
    "Interval": (
        "split conformal: the {low:g} % and {high:g} % quantiles of the errors on cars "
        "that the model has not seen"
    ),
    "Coverage": "the interval holds {coverage} % of the cars held out; aimed at {aimed:g} %",
    "Served by": (
        "`services/backend/forest.py`, Python generated from the trees, "
        "proved equal to XGBoost to the last bit"
    ),
    "Not for": "{limits}",
}
HEAD = "# Model card: car price\n\n| | |\n|---|---|\n"
END = (
    "\nWritten by `python -m services.backend.train`, every figure from `metrics.json` beside it.\n"
)


def text(metrics: Dict[str, Any]) -> str:
    """Return the card of the model whose `metrics.json` says this."""
    figures = _figures(metrics)
    lines = [f"| {name} | {words.format(**figures)} |" for name, words in ROWS.items()]
    table = "\n".join(lines)
    return f"{HEAD}{table}\n{END}"


def _figures(metrics: Dict[str, Any]) -> Dict[str, Any]:
    data = metrics["data"]
    rows = metrics["rows"]
    interval = metrics["interval"]
    aimed_pct = interval["aimed_coverage_pct"]
    tail_pct = (100 - aimed_pct) / 2
    kind = KINDS[data["kind"]]
    return {
        **metrics["model"],
        "trained_with": metrics["trained_with"],
        "data": kind.format(rows=rows["total"], **data),
        "training": rows["training"],
        "calibration": rows["calibration"],
        "hold_out": rows["hold_out"],
        "error": metrics["hold_out_error_pct"],
        "naive": metrics["baseline_error_pct"],
        "low": tail_pct,
        "high": 100 - tail_pct,
        "aimed": aimed_pct,
        "coverage": interval["coverage_pct"],
        "limits": LIMITS[data["kind"]],
    }
