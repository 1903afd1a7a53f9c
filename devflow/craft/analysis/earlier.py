"""What earlier runs' analyses said, out of the journal: there is no second store."""

from typing import Final, Mapping

from pydantic import ValidationError

from devflow.model.checks import Status
from devflow.model.errors import MadeByNewer
from devflow.model.events import Recorded
from devflow.model.images import ImageReport
from devflow.model.products import read_product
from devflow.model.release import ImageAnalysis
from devflow.ports.journal import History

# runs, the newest; reading one costs some milliseconds
RUNS: Final = 20
_RELEASE: Final = "production"

Earlier = Mapping[tuple[str, str], tuple[ImageReport, str]]


def reports(history: History, run: str) -> Earlier:
    """By service and platform, the newest report of another run, and which run that was: one that
    went to production where there is one."""
    found: dict[tuple[str, str], tuple[ImageReport, str]] = {}
    released: dict[tuple[str, str], tuple[ImageReport, str]] = {}
    for other in history.runs()[-RUNS:]:
        if other == run:
            continue
        analysis, is_released = _analysis(history, other)
        for report in analysis:
            key = (report.service, report.platform)
            found[key] = (report, other)
            if is_released:
                released[key] = (report, f"the release of {other}")
    return {**found, **released}


def _analysis(history: History, run: str) -> tuple[tuple[ImageReport, ...], bool]:
    reports: tuple[ImageReport, ...] = ()
    is_released = False
    for event in history.events(run):
        if not isinstance(event, Recorded) or event.product is None:
            continue
        if event.step == "analysis":
            try:
                analysis = read_product(ImageAnalysis, event.product, event.product_schema)
                reports = analysis.reports
            except (ValidationError, MadeByNewer):
                # nothing that can be compared with
                reports = ()
        elif event.step == _RELEASE:
            is_released = event.status is Status.PASSED
    return reports, is_released
