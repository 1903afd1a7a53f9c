"""Findings on the code host: at their lines where the token may, else as a comment; never claimed
without being read back."""

import pytest

from devflow.craft.quality.annotations import LISTED, MOST, report, tell, told_check
from devflow.model.change import Push
from devflow.model.ci import LinterResult
from devflow.model.figures import Finding, finding
from devflow.testing import MemoryHost, MemoryRepository

NAME = "devflow/quality"
BRANCH = "SCRUM-95-tabs"


class Bench:
    """A pushed branch, with or without a pull request."""

    def __init__(self, *, writes_checks: bool = True, pull: bool = True) -> None:
        repository = MemoryRepository({"a.py": "x\n"})
        repository.create_branch(BRANCH, "main")
        repository.remote[BRANCH] = repository.sha_of("main")
        self.host = MemoryHost(repository)
        self.host.writes_checks = writes_checks
        self.on = Push(branch=BRANCH, sha=repository.sha_of("main"))
        if pull:
            self.host.open_pull(BRANCH, "main", "T", "B")

    def tells(self, *found: Finding, ran: bool = True):
        row = LinterResult(
            python="3.11",
            linter="flake8",
            ran=ran,
            files=1,
            findings=found,
            version="7",
            problem="no flake8",
        )
        status = "passed" if ran else "unavailable"
        if found:
            status = "failed"
        wanted = report(NAME, [row], status)
        self.host.set_status(
            self.on.sha, NAME, {"passed": "success", "failed": "failure"}.get(status, "error"), ""
        )
        return tell(self.host, self.on, wanted)


def bad(number: int, text: str = "E1 bad") -> tuple[Finding, ...]:
    return tuple(finding(text, "a.py", line, 1, rule="E1") for line in range(1, number + 1))


def test_each_finding_is_an_annotation_of_the_check_run():
    bench = Bench()
    told = bench.tells(*bad(3))
    assert (told.how, told.count, told_check(told, "s").measured) == (
        "check run",
        3,
        "3 on check run devflow/quality",
    )
    first = bench.host.reports[bench.on.sha].annotations[0]
    assert (first.path, first.line, first.column, first.message, first.title) == (
        "a.py",
        1,
        1,
        "E1 bad",
        "flake8 3.11",
    )
    assert bench.host.said == {}


def test_what_was_mended_is_a_clean_check_run():
    bench = Bench()
    bench.tells(*bad(1))
    told = bench.tells()
    assert told.how == "check run" and told.count == 0
    assert bench.host.reports[bench.on.sha].conclusion == "success"


def test_what_was_not_measured_is_no_success():
    bench = Bench()
    bench.tells(ran=False)
    found = bench.host.reports[bench.on.sha]
    assert (
        found.conclusion == "failure"
        and found.title == "not measured"
        and "no flake8" in found.summary
    )


def test_a_token_without_the_right_writes_one_comment_and_says_so():
    bench = Bench(writes_checks=False)
    for _ in range(2):
        told = bench.tells(finding("E1 <b>bad</b> @everyone", "a.py", 7, 1), *bad(2))
    check = told_check(told, "s")
    assert (check.id, check.ok, check.measured) == (
        "findings_told",
        True,
        "3 as a comment: this token may not write checks",
    )
    (comment,) = bench.host.said.values()
    assert f"[a.py:7](http://host.test/blob/{bench.on.sha}/a.py#L7)" in comment.body
    assert "<b>" not in comment.body and "@everyone" not in comment.body


def test_the_comment_is_corrected_when_the_findings_are_mended_and_not_written_for_none():
    clean = Bench(writes_checks=False)
    assert clean.tells().how == "status" and clean.host.said == {}
    mended = Bench(writes_checks=False)
    mended.tells(*bad(1))
    assert mended.tells().how == "comment"
    assert [one.body for one in mended.host.said.values()] == [
        f"### {NAME}: 0 findings on {mended.on.sha[:7]}\n"
    ]


def test_without_a_pull_request_nothing_is_claimed():
    told = Bench(writes_checks=False, pull=False).tells(*bad(1))
    check = told_check(told, "s")
    assert (
        told.how == ""
        and check.ok is None
        and not check.needed
        and "no pull request" in check.measured
    )


@pytest.mark.parametrize("writes_checks", [True, False])
def test_what_cannot_be_read_back_is_not_claimed(writes_checks):
    bench = Bench(writes_checks=writes_checks)
    bench.host.checks = lambda sha: ()
    bench.host.comments = lambda number: ()
    told = bench.tells(*bad(1))
    assert told.how == "" and told_check(told, "s").ok is None and "cannot be read back" in told.why


def test_more_findings_than_anybody_reads_are_counted():
    bench = Bench()
    bench.tells(*bad(MOST + 5))
    found = bench.host.reports[bench.on.sha]
    assert (
        len(found.annotations) == MOST
        and found.title == f"{MOST + 5} findings"
        and f"only {MOST} of {MOST + 5}" in found.summary
    )
    listed = Bench(writes_checks=False)
    listed.tells(*bad(LISTED + 5))
    (comment,) = listed.host.said.values()
    assert comment.body.count("\n- [") == LISTED and "- and 5 more" in comment.body
