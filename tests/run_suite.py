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
    path = os.environ.get(RESULTS, "")
    text = os.environ.get(f"{RESULTS}_JSON", "")
    # no path is the folder, and so no file
    if not text and not Path(path).is_file():
        return ""
    source = f"{RESULTS}_JSON" if text else path
    try:
        results = json.loads(text or Path(path).read_text(encoding="utf-8"))
        result = results["suites"][suite]
        passed = int(result["passed"])
        failed = int(result["failed"])
        tree = str(result["tree"])
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{type(error).__name__}: {error}"
        notice = f"{source} holds no result for {suite} ({problem}): running the suite"
        print(notice, file=sys.stderr)
        return ""
    # what is staged is what the commit will hold, whatever lies in the working tree
    index = subprocess.run(["git", "write-tree"], capture_output=True, text=True)
    is_this_tree = index.returncode == 0 and index.stdout.strip() == tree
    if passed < 1 or failed or not is_this_tree:
        return ""
    return f"{suite}: {passed} passed on tree {tree}, read from {source}"


def main() -> int:
    """Read the suite's result or run the suite; return the exit code."""
    suite = sys.argv[1]
    sentence = known_pass(suite)
    if sentence:
        print(sentence)
        return 0
    command = [sys.executable, "-m", "pytest", f"tests/{suite}", "-q"]
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
