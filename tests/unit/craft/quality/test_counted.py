"""A count of findings says which of them it counts: those that are new are not all there are."""

import pytest

from devflow.craft.gate.readiness import linted
from devflow.craft.quality import annotations
from devflow.craft.quality.counted import decisive, in_words, limit
from devflow.craft.quality.linter_checks import linter_checks
from devflow.model.ci import LinterResult, Quality
from devflow.model.figures import finding
from devflow.model.ids import Sha
from devflow.model.wording import bound, figure

SHA = Sha("5" * 40)


def found(number: int = 0, before: int | None = None, *, ran: bool = True) -> LinterResult:
    findings = tuple(finding("bad", "a.cpp", line, 1) for line in range(1, number + 1))
    return LinterResult(
        python="", linter="clang-format", ran=ran, files=None, findings=findings, before=before
    )


@pytest.mark.parametrize(
    ("result", "words", "limit_"),
    [
        (found(0), "0 findings", "0 findings"),
        (found(0, 0), "0 new findings, none from before", "0 new"),
        (found(0, 1), "0 new findings, 1 from before", "0 new"),
        (found(1, 2), "1 new finding, 2 from before", "0 new"),
    ],
)
def test_what_is_new_is_told_from_what_was_there(
    result: LinterResult, words: str, limit_: str
) -> None:
    assert in_words(result) == words and bound(limit([result])) == limit_
    assert decisive([result]).n == len(result.findings)


def test_evidence_run_page_and_readiness_say_it_alike() -> None:
    product = Quality(sha=SHA, linters=(found(0, 1),), base="b" * 40)
    line, _, before = linter_checks(product.linters[0], product)
    assert (line.measured, line.limit, line.ok) == ("0 new findings, 1 from before", "0 new", True)
    assert (before.label, before.measured) == (
        "clang-format from before",
        "1 finding still there",
    )
    report = annotations.report("devflow/quality", product.linters, "passed")
    assert report.title == "0 new findings"
    assert report.summary == "- clang-format: 0 new findings, 1 from before"
    ready = linted(product, SHA)
    assert ready.measured == "0 new findings, 1 from before, 1 of 1 linters ran"
    assert (ready.limit, ready.ok) == ("0 new", True)


def test_where_one_was_not_compared_nothing_is_said_to_be_new() -> None:
    both = [found(1, 2), found(3)]
    assert figure(decisive(both)) == "4 findings, 2 from before"
    assert bound(limit(both)) == "0 findings"
    # one that did not run has nothing to say
    assert figure(decisive([found(1, 2), found(ran=False)])) == "1 new finding, 2 from before"
    assert figure(decisive([found(ran=False)])) == "0 findings"
