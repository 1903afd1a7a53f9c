"""Runs one suite for a hook: `python tests/run_suite.py backend`.

Where DEVFLOW_SUITE_RESULTS names a JSON file (or DEVFLOW_SUITE_RESULTS_JSON is its text) in which
this suite has passed on exactly the tree that is in git's index, that result is read and said, and
nothing runs: {"suites": {"backend": {"passed": 12, "failed": 0, "tree": "<sha>"}}}.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

RESULTS = "DEVFLOW_SUITE_RESULTS"


def known_pass(suite: str) -> str:
    """Return the sentence that tells of a pass on the index's tree, or nothing when there is none
    to be read."""
    named = os.environ.get(RESULTS, "")
    text = os.environ.get(f"{RESULTS}_JSON", "")
    if not text and (not named or not Path(named).is_file()):
        return ""
    source = f"{RESULTS}_JSON" if text else named
    try:
        result = json.loads(text or Path(named).read_text(encoding="utf-8"))["suites"][suite]
        passed, failed, tree = int(result["passed"]), int(result["failed"]), str(result["tree"])
    except (ValueError, KeyError, TypeError) as error:
        print(
            f"{source} holds no result for {suite} ({type(error).__name__}: {error}): running the suite",
            file=sys.stderr,
        )
        return ""
    staged = subprocess.run(["git", "write-tree"], capture_output=True, text=True)
    if passed < 1 or failed or staged.returncode or staged.stdout.strip() != tree:
        return ""
    return f"{suite}: {passed} passed on tree {tree}, read from {source}"


def main() -> int:
    """Read the suite's result or run the suite; return the exit code."""
    suite = sys.argv[1]
    sentence = known_pass(suite)
    if sentence:
        print(sentence)
        return 0
    return subprocess.run([sys.executable, "-m", "pytest", f"tests/{suite}", "-q"]).returncode


if __name__ == "__main__":
    sys.exit(main())
