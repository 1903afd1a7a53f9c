"""`explain` of one entry from the pipeline as it is written: of all steps its own alone is loaded.

It answers ``None`` wherever that is not enough, and the whole command is asked instead.
"""

from devflow.adapters.git.head import head_at
from devflow.adapters.machine.clock import SystemClock
from devflow.adapters.machine.text_file import read_pipeline
from devflow.commands.explaining.pages import Placed, page_of
from devflow.config.pipeline import EntryOptions
from devflow.config.validation import validated
from devflow.config.yaml_source import Source
from devflow.model.errors import PipelineInvalid
from devflow.step import AnyStep
from devflow.ui.outline import StepPage
from devflow.ui.pages.explain import page_lines
from devflow.wiring.foreign import are_there
from devflow.wiring.known_pipeline import FILE_NAME, NOT_THERE, KnownEntry, entries_of, used_as
from devflow.wiring.options import Options
from devflow.wiring.output_stream import pen
from devflow.wiring.told_runs import has_journal, told_run


def explain(options: Options, name: str) -> int | None:
    """Shows one entry or step. Answers the exit code, or ``None``."""
    head = head_at(options.directory)
    if head is None or are_there():
        return None
    try:
        text = read_pipeline(head.root / FILE_NAME, head.root)
        page = _page(Source(FILE_NAME, text), name)
    except (OSError, PipelineInvalid, *NOT_THERE):
        return None
    run = told_run(options.directory, "")
    if run is None and has_journal(options.directory):
        return None
    drawing = pen()
    state = run.board.entry(page.name) if run else None
    drawing.write(page_lines(drawing, page, state, SystemClock().now()))
    return 0


def _page(source: Source, name: str) -> StepPage:
    step, entry = used_as(source, name)
    if entry is None:
        return page_of(step, None)
    options = validated(source, EntryOptions, entry.options, entry.path)
    params = validated(source, step.params, options.with_, (*entry.path, "with"))
    target = _target(source, step, entry, options)
    return page_of(step, Placed(entry.name, entry.phase, params, target))


def _target(source: Source, step: AnyStep, entry: KnownEntry, options: EntryOptions) -> str:
    """The earlier entry that the step sends back to. Raises ``LookupError`` where there is none."""
    if not step.sends_back_to:
        return ""
    target = options.needs.get(step.sends_back_to, step.sends_back_to)
    for earlier in entries_of(source):
        if earlier == entry:
            break
        if earlier.name == target:
            return target
    raise LookupError(target)
