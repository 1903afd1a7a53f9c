#!/usr/bin/env bash
# coverage.py 7.17.5, pytest-cov 7.1.0 (Python 3.11): where two sources (`--cov=billing --cov=shop`)
# have a file of the same name each, coverage.xml has one of the two, by its name alone. diff-cover
# 11.0.1 takes it for both.
#
# Expected: an element for each file that the tests' last lines list, and of the changed lines the
# share that ran.
# Seen: on the screen billing/models.py 20%, shop/models.py 100%, TOTAL 50% · coverage.xml counts
# lines-valid="16" and has 6: one class, filename="models.py", line-rate="1"; nothing says whose ·
# diff-cover coverage.xml --fail-under=90: both files 100%, exit 0. Of the same run's coverage.lcov:
# billing/models.py 20%, exit 1.
#
# Why it matters: packages of one repository have models.py, views.py, __init__.py each. The file that
# is listed last answers for the others: a gate on changed lines is green on code that no test ran, and
# those that read the XML (diff-cover, most CI plugins) cannot know. `--cov` of the folder above, lcov
# and JSON name each file from the top. (Told as coveragepy issue 1291, open since 2021.)
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check coverage==7.17.5 pytest==9.2.0 \
  pytest-cov==7.1.0 diff-cover==11.0.1
git init --quiet code
cd code
git config user.name nobody
git config user.email nobody@example.org
git commit --quiet --allow-empty --message base
mkdir billing shop
touch billing/__init__.py shop/__init__.py
printf 'def price(count):\n    if count > 3:\n        return count * 2\n    return count\n\n\n' \
  >shop/models.py
printf 'def free():\n    return 0\n' >>shop/models.py
cat >billing/models.py <<'PYTHON'
def invoice():
    net = 1
    tax = 2
    fee = 3
    sum_ = net + tax
    return sum_ + fee


def unused():
    one = 1
    two = 2
    return one + two
PYTHON
cat >test_both.py <<'PYTHON'
import billing.models
from shop.models import free, price


def test_price():
    assert (price(1), price(5), free()) == (1, 10, 0)
PYTHON
../env/bin/python -m pytest -q --cov=billing --cov=shop --cov-report=term --cov-report=xml \
  --cov-report=lcov >said.txt
grep -E '^(billing|shop)/models|^TOTAL' said.txt
counted="$(grep -o 'lines-valid="[0-9]*"' coverage.xml)"
there="$(grep -c '<line ' coverage.xml)"
classes="$(grep -o 'filename="[^"]*models.py".*line-rate="[^"]*"' coverage.xml)"
echo "coverage.xml: $counted, $there of them there; $classes"
git add billing shop
of_xml=0
../env/bin/diff-cover coverage.xml --compare-branch=HEAD --fail-under=90 >xml.txt 2>&1 || of_xml=$?
of_lcov=0
../env/bin/diff-cover coverage.lcov --compare-branch=HEAD --fail-under=90 >lcov.txt 2>&1 || of_lcov=$?
echo "diff-cover: of the XML $of_xml, $(grep billing/models xml.txt)"
echo "            of lcov    $of_lcov, $(grep billing/models lcov.txt)"
test "$counted" = 'lines-valid="16"' && test "$there" = 6 &&
    test "$(grep -c 'filename="models.py"' coverage.xml)" = 1 &&
    grep -q '^billing/models.py .* 20%' said.txt &&
    test "$of_xml" = 0 && grep -qF 'billing/models.py (100%)' xml.txt &&
    test "$of_lcov" = 1 && grep -q 'billing/models.py (20' lcov.txt
