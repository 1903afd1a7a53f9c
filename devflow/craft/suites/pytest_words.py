"""What pytest prints while it runs and when it ends, of the releases 6 to 9."""

import re
from dataclasses import dataclass, field
from typing import Callable, Final

from devflow.model.wording import one_line

_COLLECTED: Final = re.compile(
    r"collected (\d+) items?(?:.* (\d+) selected)?|^\d+ workers \[(\d+) items?\]"
)
# a failed subtest: pytest 9's word, and pytest-subtests' before it
_WORDS: Final = "PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR|SUBFAILED|SUBFAIL"
# as pytest prints it, and as pytest-xdist does
_OUTCOME: Final = re.compile(
    rf"(?:\S*?::(?P<name>.*?) (?P<outcome>{_WORDS})\b.*\[ *\d+%\]"
    rf"|\[gw\d+\] \[ *\d+%\] (?:.* )?(?P<word>{_WORDS})\b(?:\[.*\] |\S*) ?(?:\(.*\) )?"
    r"\S*?::(?P<named>.*?)) *$"
)
_FAILURES: Final = ("FAILED", "ERROR", "SUBFAILED", "SUBFAIL")
_PART: Final = re.compile(r"\bSUB(?:SKIP|SKIPPED|XFAIL|XPASS)\b")
# the line of the counts, which is decorated unless pytest is quiet
_LAST: Final = re.compile(
    r"^(?P<bar>=+ )?(?P<counts>\d+ [a-z][a-z -]*(?:, \d+ [a-z][a-z -]*)*) in \d[\d.]*s"
    r"(?: \([\d:, day]+\))?(?: =+)?$",
    re.MULTILINE,
)
_COUNT: Final = re.compile(r"(\d+) (?:passed|failed|skipped|xfailed|xpassed|errors?)\b")
# pytest-rerunfailures, and pytest-retry
_AGAIN: Final = re.compile(r"(\d+) (?:rerun|retried)\b")
_PROGRESS_CHARS: Final = 120  # characters; one line of a terminal


@dataclass
class Progress:
    """Turns pytest's lines into how far it is, and names the first test that failed as soon as it
    has. A test is counted once, however many parts it tells of."""

    say: Callable[..., None]
    total: int | None = None
    has_failed: dict[str, bool] = field(default_factory=dict)
    first_failed: str = ""

    def __call__(self, line: str) -> None:
        collected = _COLLECTED.search(line)
        if collected:
            self.total = int(collected[3] or collected[2] or collected[1])
        outcome = _OUTCOME.match(line)
        if outcome is None:
            return
        word = outcome["outcome"] or outcome["word"]
        name = outcome["name"] or outcome["named"]
        place = line.partition("::")[0].rpartition(" ")[2]
        test = f"{place}::{name}"
        failed = word in _FAILURES
        self.has_failed[test] = failed or self.has_failed.get(test, False)
        if failed and not self.first_failed:
            self.first_failed = f": {name}"
        done = len(self.has_failed)
        failures = sum(self.has_failed.values())
        of = f" of {self.total}" if self.total else ""
        text = f"{done}{of} · {failures} failed{self.first_failed}"
        self.say(one_line(text, _PROGRESS_CHARS), done, self.total)


def last_line(output: str) -> str:
    """The counts with which pytest ends, empty where it has not; others may print more after it,
    such as a line that looks like it."""
    decorated = ""
    bare = ""
    for line in _LAST.finditer(output):
        counts = line["counts"]
        if not _COUNT.search(counts):
            continue
        if line["bar"]:
            decorated = counts
        else:
            bare = counts
    return decorated or bare


def counted(output: str, otherwise: int) -> int:
    """How many tests pytest says that it ran, each skipped subtest among them."""
    counts = last_line(output)
    if not counts:
        return otherwise
    return sum(int(count) for count in _COUNT.findall(counts))


def counted_again(output: str) -> int:
    """How many more tests than there are it may have counted: skipped subtests, where each has a
    line of its own, and what passed before it ran again."""
    again = _AGAIN.findall(last_line(output))
    return len(_PART.findall(output)) + sum(map(int, again))


def has_run_again(output: str) -> bool:
    """Whether a plugin of the project ran tests again."""
    return _AGAIN.search(last_line(output)) is not None
