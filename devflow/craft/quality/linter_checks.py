"""The evidence of what linters found: what decides, and beside it what does not."""

from datetime import UTC
from typing import Final

from devflow.craft.quality.counted import findings_of, limit
from devflow.craft.quality.linter_settings import NAMED
from devflow.craft.quality.linters import name_of
from devflow.model.checks import Check, held, measure, missing, note
from devflow.model.ci import LinterResult, Quality
from devflow.model.figures import absent, count, names
from devflow.model.wording import short_sha

LINTER_EVIDENCE: Final = {
    "linters": "that no linter is configured",
    "linters_unnamed": "configurations of linters that have to be named to be run",
    "linter": "how many findings of a linter decide, about its Python and its name",
    "linter_files": "how many files it looked at",
    "linter_before": "how many findings the base commit has as well, which decide nothing",
    "linter_unread": "how many lines of its output are neither findings nor known words",
}
"""Which evidence there is of linters, by id."""
NONE_CONFIGURED: Final = f"the project configures none of {', '.join(NAMED)}"
NAME_LINTERS: Final = "name its own under with: linters:"


def linter_checks(result: LinterResult, product: Quality) -> list[Check]:
    """One linter found nothing that decides."""
    name = name_of(result)
    if not result.ran:
        version = f"{result.linter} --version" if result.python else result.linter
        problem = absent(result.problem)
        return [missing(measure("linter", name, problem, version, about=name))]
    version = f"{result.linter} {result.version}".rstrip()
    source = f"{version} on {short_sha(product.sha)}"
    found = measure("linter", name, findings_of(result), source, about=name)
    checks = [held(found, limit([result]))]
    looked = absent("it does not tell how many it looked at")
    files = looked if result.files is None else count(result.files, "file")
    checks.append(note(measure("linter_files", f"{name} files", files, source, about=name)))
    checks += _before(result, product, name)
    if result.unread:
        unread = count(result.unread, "line", note=f"the first: {result.first_unread}")
        lines = measure("linter_unread", f"{name} not read", unread, source, about=name)
        checks.append(note(lines))
    return checks


def _before(result: LinterResult, product: Quality, name: str) -> list[Check]:
    label = f"{name} from before"
    source = f"{result.linter} on {short_sha(product.base)}" if product.base else result.linter
    if result.uncompared:
        figure = absent(f"all decide: {result.uncompared}")
        return [note(measure("linter_before", label, figure, source, about=name))]
    if result.before is None:
        return []
    at = result.before_at
    # what another command has measured is never shown as measured now
    when = f"found {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""
    before = count(result.before, "finding", where="still there", note=when)
    return [note(measure("linter_before", label, before, source, about=name))]


def none_checks(product: Quality) -> list[Check]:
    """Nothing was looked at, since nothing is configured."""
    none = absent(f"{NONE_CONFIGURED}: {NAME_LINTERS}")
    source = f"files of {short_sha(product.sha)}"
    return [missing(measure("linters", "linters", none, source))]


def unnamed_checks(product: Quality) -> list[Check]:
    """Configurations that devflow found and does not know how to run."""
    if not product.unnamed:
        return []
    source = f"files of {short_sha(product.sha)}"
    found = names(product.unnamed)
    return [note(measure("linters_unnamed", "not run", found, source))]
