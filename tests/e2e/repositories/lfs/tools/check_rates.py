"""Ends with 1 where a row of the data has no rate."""

import csv
import sys

with open("data/rates.csv", newline="") as lines:
    rows = list(csv.DictReader(lines))
bad = [row for row in rows if not row.get("eur")]
print(f"{len(rows)} rates, {len(bad)} without a figure")
sys.exit(1 if bad or not rows else 0)
