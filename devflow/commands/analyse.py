"""`analyse`: what any image consists of, wherever it lies."""

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterator

from devflow.adapters.images.saved import chosen, saved_at
from devflow.commands.image_sources import referenced
from devflow.craft.analysis.reading import manifests_of
from devflow.craft.analysis.report import Subject, analysed
from devflow.model.errors import UsageError
from devflow.model.images import ImageReport
from devflow.model.wording import plural
from devflow.ports.images import Blobs
from devflow.ui.pages.image import image_lines, image_object, image_plain
from devflow.ui.words import clean
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.output_stream import is_drawn, pen

MB: Final = 1_000_000


@dataclass(frozen=True)
class Wanted:
    """What was typed: the image, one platform or all, the budget, and the base image's digest."""

    image: str
    platform: str = ""
    budget_mb: float | None = None
    base: str = ""


def analyse(options: Options, wanted: Wanted) -> int:
    """Shows each platform's image. Answers 1 where a secret was found or the budget is missed;
    raises ``UsageError`` for what is nowhere, and as reading does."""
    with found(options.directory, wanted.image) as (blobs, digest):
        reports = tuple(_reports(blobs, digest, wanted))
    if options.output == "json":
        write_json(image_object(wanted.image, reports))
    else:
        _show(options, wanted.image, reports)
    fails = [report for report in reports if report.secrets or report.is_over_budget]
    return 1 if fails else 0


@contextmanager
def found(directory: Path, image: str) -> Iterator[tuple[Blobs, str]]:
    """Where the image lies, and its digest: a path that exists is one, with ``:NAME`` behind it
    where it holds several; everything else is a reference."""
    before, _, name = image.partition(":")
    if (directory / image).exists():
        saved = saved_at(directory / image)
        yield saved, chosen(saved, "", image).digest
    elif name and (directory / before).exists():
        saved = saved_at(directory / before)
        yield saved, chosen(saved, name, before).digest
    else:
        with referenced(image) as (blobs, digest):
            yield blobs, digest


def _reports(blobs: Blobs, digest: str, wanted: Wanted) -> list[ImageReport]:
    budget_bytes = None if wanted.budget_mb is None else round(wanted.budget_mb * MB)
    every = tuple(manifests_of(blobs, digest))
    platforms = [one for one in every if wanted.platform in ("", one[0])]
    if not platforms:
        names = ", ".join(name for name, _ in every) or "none"
        problem = f"the image has {plural(len(every), 'platform')}: {names}"
        raise UsageError(problem, where=wanted.image, hint="name one of them as --platform")
    reports = []
    for platform, manifest in platforms:
        subject = Subject(manifest, platform=platform, base=wanted.base, budget_bytes=budget_bytes)
        reports.append(analysed(blobs, subject))
    return reports


def _show(options: Options, name: str, reports: tuple[ImageReport, ...]) -> None:
    for number, report in enumerate(reports):
        if not is_drawn(options.output):
            write_lines(clean(line) for line in image_plain(name, report))
            continue
        if number:
            write_lines([""])
        drawing = pen()
        drawing.write(image_lines(drawing, name, report))
