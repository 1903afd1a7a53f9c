#!/usr/bin/env bash
# xgboost 3.2.0 (Python 3.11) and 3.4.1 (Python 3.12 or newer): a dart model that the newer one saved
# is read by the older one without a word, and predicts something else on every row.
#
# Expected: a model of a format that the reader does not know is refused, or warned about.
# Seen: the newer version writes dart as "gbtree" with a list of tree weights beside it; the older one
# takes it for plain gbtree and leaves the weights out. Nothing is printed, nothing is raised.
#
# Why it matters: a service that trains in one image and predicts in another, or that pins its
# runtime to what its Python still gets (3.3 and newer need Python 3.12), answers wrong numbers with
# status 200. Whoever loads models of others has to compare the version inside of the file.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
newer="$(command -v python3.12 || command -v python3.13)"
python3.11 -m venv old
"$newer" -m venv new
old/bin/pip install --quiet --disable-pip-version-check --no-deps xgboost==3.2.0
old/bin/pip install --quiet --disable-pip-version-check numpy==2.3.5 scipy==1.16.3
new/bin/pip install --quiet --disable-pip-version-check --no-deps xgboost==3.4.1
new/bin/pip install --quiet --disable-pip-version-check numpy==2.3.5 scipy==1.16.3
new/bin/python - <<'PYTHON'
import numpy
import xgboost

random = numpy.random.default_rng(1)
rows = random.random((800, 4))
prices = rows @ numpy.array([3.0, 1.0, 2.0, 0.5])
settings = {"booster": "dart", "rate_drop": 0.5, "max_depth": 3, "seed": 1}
model = xgboost.train(settings, xgboost.DMatrix(rows, prices), num_boost_round=20)
model.save_model("dart.json")
numpy.save("rows.npy", rows)
numpy.save("told.npy", model.predict(xgboost.DMatrix(rows)))
PYTHON
old/bin/python -W error - <<'PYTHON'
import json
import sys

import numpy
import xgboost

rows = numpy.load("rows.npy")
model = xgboost.Booster(model_file="dart.json")
differences = numpy.abs(model.predict(xgboost.DMatrix(rows)) - numpy.load("told.npy"))
with open("dart.json", encoding="utf-8") as file:
    booster = json.load(file)["learner"]["gradient_booster"]
seen = {
    "booster": booster["name"],
    "rows that differ": int((differences > 1e-4).sum()),
    "most": round(float(differences.max()), 2),
}
print(json.dumps(seen))
sys.exit(0 if seen["booster"] == "gbtree" and seen["rows that differ"] > 700 else 1)
PYTHON
