"""Reports as real runners wrote them, each with the truth by name beside it."""

from collections import Counter, defaultdict
from typing import Any, Final

import pytest

from devflow.craft.reports import junit
from devflow.craft.reports.xml import parse
from tests.unit.craft.reports.given import NO_TRACE, ONLY_THE_EXIT, REPORTS, WRITTEN

NAMELESS: Final = "a test without a name"

# an announced failure may be shown as passed or skipped; whether one was needed, few reports say
READ_AS: Final = {
    "passed": ("passed",),
    "failed": ("failed",),
    "errors": ("failed",),
    "skipped": ("skipped",),
    "flaky": ("flaky", "passed"),
    "xfail": ("skipped", "passed"),
}


def told(row: dict[str, Any]) -> str:
    """The report's name in a test's."""
    return f"{row['tool']}-{row['case']}"


def read(row: dict[str, Any]) -> junit.Report:
    """The report as it is read."""
    return junit.read((REPORTS / row["file"]).read_bytes())


def same(truth: str, name: str, about: str) -> bool:
    """Whether the truth names this case: with its class where the name alone is not unique, with
    ``?`` for what is no character."""
    names = (name, f"{about}::{name}", name.replace("\ufffd", "?"), name.strip())
    return truth in names


def expected(row: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """The tests of the truth, and what each may be read as."""
    found = []
    for kind, outcomes in READ_AS.items():
        for name in row["truth"][kind]:
            instead = NO_TRACE.get((row["file"], name))
            found.append((name, (instead[0],) if instead else outcomes))
    return found


@pytest.mark.parametrize("row", WRITTEN, ids=told)
def test_every_test_is_read_and_nothing_else(row: dict[str, Any]) -> None:
    report = read(row)
    left = expected(row)
    extra = []
    for entry in report.entries:
        name = "" if entry.case.name == NAMELESS else entry.case.name
        about = entry.id.split("::")[1]
        fitting = [
            one for one in left if same(one[0], name, about) and entry.case.outcome in one[1]
        ]
        if fitting:
            left.remove(fitting[0])
        elif (row["file"], name) not in NO_TRACE:
            extra.append((name, entry.case.outcome))
    # Bats has an element without a name for a file that does not load, as for its set-up
    others = [one.name for one in report.others]
    missing = [name for name, _ in left if name or NAMELESS not in others]
    assert (extra, missing) == ([], [])


def seconds(text: str) -> float:
    """As runners write them: ``5,521.218``, ``9.11e-06``, ``-0.000000``, or nothing at all."""
    return abs(float(text.replace(",", ""))) if text else 0.0


@pytest.mark.parametrize("row", WRITTEN, ids=told)
def test_a_test_took_as_long_as_its_elements_say(row: dict[str, Any]) -> None:
    report = read(row)
    root = parse((REPORTS / row["file"]).read_bytes()).root
    took_s: defaultdict[tuple[str, str], float] = defaultdict(float)
    for element in () if root is None else root.iter("testcase"):
        test = (element.get("classname", ""), element.get("name") or NAMELESS)
        took_s[test] += seconds(element.get("time", ""))
    read_s: defaultdict[tuple[str, str], float] = defaultdict(float)
    for entry in report.entries:
        # prove writes no class, and a number before the name
        written = entry.id.split("::", 2)[2] if row["case"] == "timer" else entry.case.name
        class_ = "" if row["case"] == "timer" else entry.classname
        read_s[class_, written] += entry.case.duration_s
    assert read_s == {test: pytest.approx(took_s[test]) for test in read_s}


def test_the_longest_of_them_took_more_than_an_hour() -> None:
    row = next(row for row in WRITTEN if row["case"] == "more-than-1000-seconds")
    (entry,) = read(row).entries
    assert entry.case.duration_s == 5521.218


@pytest.mark.parametrize("row", WRITTEN, ids=told)
def test_what_is_no_test_is_not_counted_as_one(row: dict[str, Any]) -> None:
    report = read(row)
    others = Counter("" if one.name == NAMELESS else one.name.strip() for one in report.others)
    for name in row["truth"]["synthetic"]:
        if (row["file"], name) not in NO_TRACE:
            assert others[name.strip()], name


@pytest.mark.parametrize("row", WRITTEN, ids=told)
def test_a_green_run_is_not_read_as_a_red_one(row: dict[str, Any]) -> None:
    report = read(row)
    if not row["red"]:
        assert not report.is_red


@pytest.mark.parametrize("row", WRITTEN, ids=told)
def test_a_red_run_is_read_as_one_where_its_report_shows_it(row: dict[str, Any]) -> None:
    report = read(row)
    if row["red"]:
        assert report.is_red is (row["file"] not in ONLY_THE_EXIT)


@pytest.mark.parametrize("row", WRITTEN, ids=told)
def test_a_report_that_had_to_be_repaired_says_so(row: dict[str, Any]) -> None:
    report = read(row)
    assert report.repaired is (not row["well_formed"] and not report.problem)
    assert bool(report.problem) is not bool((REPORTS / row["file"]).stat().st_size)


GO = {
    ("mixed", "TestFails"): "price_test.go:14: 2 != 3",
    ("mixed", "TestOuter/inner/fails"): "price_test.go:31: no",
    ("mixed", "TestSkipped"): "price_test.go:15:",
    ("mixed", "TestSkippedWithReason"): "price_test.go:16: not on this machine",
    ("mixed", "ExamplePrice"): "got: x want: y",
    # its subtest failed, and it said nothing itself
    ("mixed", "TestOuter"): "Failed",
    ("panic", "TestErrors"): "panic: assignment to entry in nil map [recovered]",
    ("flaky", "TestFlaky"): "f_test.go:3: first time",
}


@pytest.mark.parametrize(("file", "name"), GO)
def test_a_test_of_go_tells_what_it_printed(file: str, name: str) -> None:
    report = junit.read((REPORTS / "gotestsum" / f"{file}.xml").read_bytes())
    assert [one.case.message for one in report.entries if one.case.name == name] == [GO[file, name]]


def test_what_testify_prints_is_told_whole() -> None:
    printed = (
        "=== RUN   TestSum&#xA;    sum_test.go:9: &#xA;        &#x9;Error Trace:&#x9;sum_test.go:9"
        "&#xA;        &#x9;Error:      &#x9;Not equal: &#xA;        &#x9;            &#x9;"
        "expected: 4&#xA;        &#x9;            &#x9;actual  : 5&#xA;--- FAIL: TestSum (0.00s)"
    )
    case = f'<testcase name="TestSum"><failure message="Failed">{printed}</failure></testcase>'
    report = junit.read(f"<testsuite>{case}</testsuite>".encode())
    assert report.entries[0].case.message == (
        "sum_test.go:9: Error Trace: sum_test.go:9 Error: Not equal: expected: 4 actual : 5"
    )


@pytest.mark.parametrize("attempts", (("FAIL", ""), ("", "FAIL"), ("FAIL", "", "FAIL")))
def test_a_test_of_go_that_did_both_on_one_tree_is_flaky_in_whichever_order(
    attempts: tuple[str, ...],
) -> None:
    failure = '<failure message="Failed" type="">a_test.go:3: late</failure>'
    cases = (f'<testcase name="TestA">{failure if how else ""}</testcase>' for how in attempts)
    version = '<properties><property name="go.version" value="go1.19"/></properties>'
    report = junit.read(f"<testsuite>{version}{''.join(cases)}</testsuite>".encode())
    (only,) = report.entries
    assert (only.case.outcome, only.case.message) == ("flaky", "a_test.go:3: late")
    assert not report.is_red


# what stands in their messages is the same for every failure, or the beginning alone
TELLING = {
    ("bats/mixed", "errors"): '`@test "errors" { no-such-command; }\' failed with status 127',
    ("behave/mixed", "undefined"): "Failing step: Then nobody knows ... undefined in 0.000s",
    ("boost-test/mixed", "fails"): "check price(5) == 3 has failed [2 != 3]",
    ("boost-test/mixed", "errors"): "std::invalid_argument: km",
    ("catch2/mixed", "errors"): "km",
    ("ctest/mixed", "fails"): "",
    ("ctest/mixed", "missing_file"): "Required Files Missing",
    ("eunit/mixed", "errors_test"): "error:km",
    ("minitest-reporters/mixed", "test_fails"): "Expected: 2 Actual: 3",
    ("nose2/mixed", "test_fails"): "AssertionError: 2 != 3",
    ("phpunit/mixed", "testFails"): "Failed asserting that 2 is identical to 3.",
    ("phpunit/mixed", "testErrors"): "InvalidArgumentException: km",
    ("tap-formatter-junit/merge", "fails"): "got: '1' expected: '2'",
    ("tap-formatter-junit/merge", "a letter"): "190 | eq | 19",
    ("tap-formatter-junit/merge", "an island"): "490 | eq | 319",
    ("tap-formatter-junit/subtests", "an island"): "not ok 1 - surcharge",
    # without --merge its report has no reason, and no message that is the name once more
    ("tap-formatter-junit/subtests", "a letter"): "",
    ("playwright/mixed", "passes unexpectedly"): "Expected to fail, but passed.",
    ("pytest/file-does-not-load", "test_broken"): (
        "ModuleNotFoundError: No module named 'is_not_here'"
    ),
}


@pytest.mark.parametrize(("file", "name"), TELLING)
def test_why_a_test_failed_is_read_where_its_message_says_nothing(file: str, name: str) -> None:
    report = junit.read((REPORTS / f"{file}.xml").read_bytes())
    told = [one.case.message for one in report.entries if name in one.case.name]
    assert told[:1] == [TELLING[file, name]]


def test_a_message_that_ends_in_the_name_of_its_test_is_no_less_a_reason() -> None:
    case = '<testcase name="b"><failure message="a is not b">x\nError: y</failure></testcase>'
    report = junit.read(f"<testsuite>{case}</testsuite>".encode())
    assert report.entries[0].case.message == "a is not b"


def test_the_word_failed_of_another_tool_stays_where_nothing_else_is_said() -> None:
    case = '<testcase name="a"><failure message="Failed"/></testcase>'
    report = junit.read(f"<testsuite>{case}</testsuite>".encode())
    assert report.entries[0].case.message == "Failed"


def prove(case: str) -> junit.Report:
    return junit.read((REPORTS / "tap-formatter-junit" / f"{case}.xml").read_bytes())


@pytest.mark.parametrize("case", ("mixed", "subtests", "merge"))
def test_a_file_that_ends_with_the_number_of_its_failed_tests_is_no_failure_beside_them(
    case: str,
) -> None:
    report = prove(case)
    assert report.is_red and (report.others, report.contradiction) == ((), "")


def test_a_file_that_stopped_early_is_told_whatever_number_it_ended_with() -> None:
    report = prove("files-that-stop")
    assert [(one.name, one.message) for one in report.others] == [
        ("dies_t", "Dubious, test returned 2 (wstat 512, 0x200)"),
        ("stops_t", "Dubious, test returned 1 (wstat 256, 0x100)"),
    ]
    assert report.contradiction == "3 failures are counted and stand at no test"
    (other,) = prove("passes-and-exits-3").others
    assert other.message == "Dubious, test returned 3 (wstat 768, 0x300)"


def test_a_test_of_tap_is_called_what_its_author_called_it_and_known_by_its_number() -> None:
    entries = prove("subtests").entries
    names = ["SCRUM-100 AC-1 a letter", "SCRUM-99 AC-1: an island costs more", "opens {"]
    assert [entries[place].case.name for place in (0, 2, 4)] == names
    assert [entries[place].id for place in (1, 5)] == [
        "::rates_t::2 - a small parcel",
        "::rates_t::6 - a small parcel",
    ]
    assert {entry.case.at for entry in entries} == {"rates_t", "server_t"}


def test_a_name_that_begins_with_a_number_is_whole_where_no_line_of_tap_has_it() -> None:
    case = '<testcase name="1 - opens {"/>'
    (entry,) = junit.read(f"<testsuite>{case}</testsuite>".encode()).entries
    assert entry.case.name == "1 - opens {"


def test_every_test_says_where_it_was_read() -> None:
    for row in WRITTEN:
        assert all(entry.case.at for entry in read(row).entries), row["file"]


# by @playwright/test 1.65.1 with retries: 2; "8 flaky, 3 passed", exit 0
RETRIED: Final = """
<testsuites id="" name="" tests="11" failures="0" skipped="0" errors="0" time="88.4">
<testsuite name="a.spec.js" hostname="" tests="11" failures="0" skipped="0" time="2.6" errors="0">
<testcase name="first attempt failed" classname="a.spec.js" time="0.985">
<system-out>
<![CDATA[
[[ATTACHMENT|test-results/a-flaky/error-context.md]]
]]>
</system-out>
</testcase>
<testcase name="two attempts failed" classname="a.spec.js" time="0.407">
<system-out>
<![CDATA[
[[ATTACHMENT|test-results/a-flaky-twice/error-context.md]]

[[ATTACHMENT|test-results/a-flaky-twice-retry1/error-context.md]]
]]>
</system-out>
</testcase>
<testcase name="fails as expected" classname="a.spec.js" time="0.464">
<properties>
<property name="fail" value="">
</property>
</properties>
<system-out>
<![CDATA[
[[ATTACHMENT|test-results/a-expected/error-context.md]]
]]>
</system-out>
</testcase>
<testcase name="passed at first and then failed as expected" classname="a.spec.js" time="0.146">
<properties>
<property name="fail" value="">
</property>
</properties>
<system-out>
<![CDATA[
[[ATTACHMENT|test-results/a-flaky-expected-retry1/error-context.md]]
]]>
</system-out>
</testcase>
<testcase name="failed at first and was skipped then" classname="a.spec.js" time="0.03">
<properties>
<property name="skip" value="">
</property>
</properties>
<system-out>
<![CDATA[
[[ATTACHMENT|test-results/a-flaky-skipped/error-context.md]]
]]>
</system-out>
</testcase>
<testcase name="plain" classname="a.spec.js" time="0.004">
</testcase>
</testsuite>
</testsuites>
"""


def test_a_test_of_playwright_whose_first_attempt_alone_failed_is_flaky_too() -> None:
    outcomes = {one.case.name: one.case.outcome for one in junit.read(RETRIED.encode()).entries}
    assert outcomes == {
        "first attempt failed": "flaky",
        "two attempts failed": "flaky",
        "fails as expected": "passed",
        "passed at first and then failed as expected": "flaky",
        "failed at first and was skipped then": "flaky",
        "plain": "passed",
    }
