#!/usr/bin/env bash
# growthbook 4.0.0 (Python 3.11) and @growthbook/growthbook 1.8.0 (Node 20): the same rule for the same
# attributes is met by one of a vendor's two SDKs and not by the other.
#
# Expected: the same, as the buckets of an experiment are for the same text or number.
# Seen:
#   rule                      attributes             Node   Python
#   orders   $lt 5            none                   on     off
#   orders   $gte 0           none                   on     off
#   app      $vlt "2.0.0"     none                   on     off
#   orders   $lt 5            {"orders": "3"}        on     off
#   plan     "7"              {"plan": 7}            on     off
#   orders   $lt 5            {"orders": 3}          on     on
#   app      $vlt "2.0.0"     {"app": "1.9.0"}       on     on
#
# Why it matters: a release behind a flag is one page and one service that ask the same features. For whoever
# has no attribute yet (not signed in, an older client) and for numbers that come as text (from a cookie,
# a header, a query) the page shows what the service refuses, or a switch for old versions turns off one
# half. Tests of either side are green, and no percentage of the rollout shows it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check growthbook==4.0.0
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @growthbook/growthbook@1.8.0 >/dev/null
cat >cases.json <<'JSON'
[[{"orders": {"$lt": 5}}, {}], [{"orders": {"$gte": 0}}, {}], [{"app": {"$vlt": "2.0.0"}}, {}],
 [{"orders": {"$lt": 5}}, {"orders": "3"}], [{"plan": "7"}, {"plan": 7}],
 [{"orders": {"$lt": 5}}, {"orders": 3}], [{"app": {"$vlt": "2.0.0"}}, {"app": "1.9.0"}]]
JSON
cat >asked.py <<'PYTHON'
import json

from growthbook import GrowthBook

for condition, attributes in json.load(open("cases.json")):
    features = {"shop": {"defaultValue": "off", "rules": [{"condition": condition, "force": "on"}]}}
    print(GrowthBook(attributes=attributes, features=features).get_feature_value("shop", "none"))
PYTHON
cat >asked.js <<'JAVASCRIPT'
const { GrowthBook } = require("@growthbook/growthbook");
for (const [condition, attributes] of require("./cases.json")) {
  const features = { shop: { defaultValue: "off", rules: [{ condition, force: "on" }] } };
  console.log(new GrowthBook({ attributes, features }).getFeatureValue("shop", "none"));
}
JAVASCRIPT
node="$(node asked.js | paste -sd ' ')"
python="$(env/bin/python asked.py | paste -sd ' ')"
echo "Node:   $node"
echo "Python: $python"
[ "$node|$python" = 'on on on on on on on|off off off off off on on' ]
