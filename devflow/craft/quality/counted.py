"""How many findings decide, and how many beside them were there before: said alike wherever a count
of a linter's findings stands, since "0 findings" alone would say that there are none at all."""

from typing import Iterable

from devflow.model.ci import LinterResult
from devflow.model.figures import Bound, Count
from devflow.model.wording import figure, plural


def decisive(results: Iterable[LinterResult], *, where: str = "", note: str = "") -> Count:
    """The findings that decide: the new ones, where all that ran were compared with the base."""
    rows = tuple(results)
    found = sum(len(row.findings) + row.unlisted for row in rows)
    is_compared, before = _before(rows)
    told = [f"{before or 'none'} from before"] if is_compared or before else []
    said = ", ".join([*told, note] if note else told)
    which = "new" if is_compared else ""
    return Count(kind="count", n=found, noun="finding", which=which, where=where, note=said)


def limit(results: Iterable[LinterResult]) -> Bound:
    """No finding, or none that is new."""
    is_compared, _ = _before(tuple(results))
    return Bound(sense="exactly", value=0, unit="new" if is_compared else "findings")


def findings_of(result: LinterResult) -> Count:
    """How many findings of a linter decide, in how many files where that is told."""
    files = "" if result.files is None else f"in {plural(result.files, 'file')}"
    return decisive([result], where=files)


def in_words(result: LinterResult) -> str:
    """How many findings a linter has that decide."""
    return figure(findings_of(result)) if result.ran else "not measured"


def _before(rows: tuple[LinterResult, ...]) -> tuple[bool, int]:
    """Whether all that ran were compared, and how many findings are from before."""
    counts = [row.before for row in rows if row.ran]
    return bool(counts) and None not in counts, sum(one or 0 for one in counts)
