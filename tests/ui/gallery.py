"""Every screen that a file shows, by that file, as a function that draws it anew."""

import io
import json
from dataclasses import replace
from datetime import timezone
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Tuple

from devflow.commands.explaining.pages import step_pages
from devflow.steps import MODULES, REGISTRY, step_in
from devflow.ui.actions import ActionsScreen, step_summary
from devflow.ui.board import board_of
from devflow.ui.outline import StepPage
from devflow.ui.pages.environment_changes import change_lines, changes_object
from devflow.ui.pages.environments import (
    environment_line,
    environments_lines,
    environments_object,
    environments_plain,
)
from devflow.ui.pages.explain import page_lines
from devflow.ui.pages.image import image_lines, image_object, image_plain
from devflow.ui.pages.plan import plan_lines, plan_object
from devflow.ui.pages.step_list import ListLine, list_lines
from devflow.ui.pen import Pen
from devflow.ui.picture import Moment, live, status, watched
from devflow.ui.plain import PlainScreen
from devflow.ui.status import status_object, status_text
from devflow.ui.traffic import canary_plain, plot_lines, table_lines
from devflow.ui.watch import WatchLines
from tests.ui import (
    canary_story,
    environments,
    examinations,
    images,
    inits,
    refusals,
    ticket_story,
    traffics,
    your_turn,
)
from tests.ui import story as stories
from tests.ui.drawing import drawn, written
from tests.ui.environment_page import environment_page
from tests.ui.judged import judgements
from tests.ui.linters_page import linters_page
from tests.ui.pages import PAGE, PLANNED
from tests.ui.project_reference import project_reference
from tests.ui.reference import reference
from tests.ui.reports_page import reports_page
from tests.ui.step_index import index_source

Draw = Callable[[], str]
PAIRS = {
    "healthy": traffics.HEALTHY,
    "sick": traffics.SICK,
    "stuck": traffics.STUCK,
    "quiet": traffics.QUIET,
}
STORIES = ("at_the_gate", "sent_back", "in_ci", "failed", "no_browser", "done")
ENDS = ("at_the_gate", "failed", "no_browser", "done")
# production: while it is watched, undecided, and taken back
ASKED = "ticket_asked"
CANARIES = ("canary_watched", "canary_undecided", "canary_taken_back")
WIDTHS = (80, 120)
# lines: a usual terminal's 24 without the cursor's own
HEIGHT = 23
# resolved, as a path from the command line is
FOLDER = Path(__file__).resolve().parent / "golden"
ROOT = Path(__file__).resolve().parents[2]
STEPS_MD = ROOT / "docs" / "steps.md"
INDEX = ROOT / "devflow" / "steps" / "index.py"
LINTERS_MD = ROOT / "docs" / "linters.md"
REPORTS_MD = ROOT / "docs" / "reports.md"
ENVIRONMENT_MD = ROOT / "docs" / "environment.md"
PROJECT_MD = ROOT / "docs" / "guide" / "project.md"


def moment(name: str) -> Moment:
    """The end of a story."""
    story = story_of(name)
    return Moment(stories.outline(), board_of(story.events), story.now)


def story_of(name: str) -> stories.Story:
    """A story by its name."""
    if name == ASKED:
        return ticket_story.ticket_asked()
    story: stories.Story = getattr(canary_story if name in CANARIES else stories, name)()
    return story


def gallery() -> Dict[Path, Draw]:
    """The files with what belongs into them."""
    pictures = (
        *_live(),
        *_trees(),
        *_streams(),
        *_your_turn(),
        *_ticket_asked(),
        *_pages(),
        *_images(),
        *inits.screens(),
        *_environments(),
        *examinations.screens(),
        *_traffic(),
        *_objects(),
        *_judged(),
        *refusals.screens(),
    )
    screens = {FOLDER / name: draw for name, draw in pictures}
    screens[STEPS_MD] = _step_reference
    screens[INDEX] = _step_index
    screens[LINTERS_MD] = linters_page
    screens[REPORTS_MD] = reports_page
    screens[ENVIRONMENT_MD] = environment_page
    screens[PROJECT_MD] = project_reference
    return screens


def _judged() -> Iterator[Tuple[str, Draw]]:
    for name, draw in judgements().items():
        yield f"judged_{name}.txt", draw


def _live() -> Iterator[Tuple[str, Draw]]:
    for name in STORIES:
        for width in WIDTHS:
            draw = partial(_live_picture, name, width, colour=True)
            yield f"live_{name}_{width}.ansi", draw
        yield f"live_{name}_80_no_color.txt", partial(_live_picture, name, 80)
    for width in (40, 80):
        draw = partial(_live_picture, "in_ci", width, encoding="ascii")
        yield f"live_in_ci_{width}_ascii.txt", draw


def _live_picture(name: str, width: int, **console: Any) -> str:
    def draw(pen: Pen) -> Any:
        return live(replace(pen, beat=3), moment(name), HEIGHT)

    return drawn(draw, width, **console)


def _trees() -> Iterator[Tuple[str, Draw]]:
    for name in ENDS:
        for width in WIDTHS:
            yield f"checks_{name}_{width}.txt", partial(_tree_with_checks, name, width)
    yield "status_failed_80.txt", partial(_tree, moment("failed"), 80)
    yield "status_stopped_anew_80.txt", partial(_tree, _stopped_anew(), 80)
    for width in WIDTHS:
        yield f"status_no_browser_{width}.txt", partial(_tree, _deployed(), width)
        yield f"status_your_turn_{width}.txt", partial(_tree, your_turn.moment(), width)


def _deployed() -> Moment:
    lines = tuple(environment_line(one) for one in environments.EVERY)
    return replace(moment("no_browser"), environments=lines)


def _stopped_anew() -> Moment:
    at = moment("stopped_anew")
    return replace(at, board=at.board.without(stories.OUTDATED))


def _tree_with_checks(name: str, width: int) -> str:
    return drawn(lambda pen: status(pen, moment(name), "checks"), width)


def _tree(at: Moment, width: int) -> str:
    def draw(pen: Pen) -> Any:
        return status_text(pen, at.outline, at.board, at.now, at.environments)

    return drawn(draw, width)


def _streams() -> Iterator[Tuple[str, Draw]]:
    for name in ENDS:
        yield f"plain_{name}.txt", partial(_plain, name)
    yield "actions_failed.txt", partial(_actions, "failed")
    for name in ("failed", "no_browser"):
        yield f"summary_{name}.md", partial(_summary, name)


def _plain(name: str) -> str:
    events = story_of(name).events
    return written(lambda stream: PlainScreen(stream, stories.outline(), timezone.utc), events)


def _actions(name: str) -> str:
    def screen_on(stream: io.StringIO) -> ActionsScreen:
        return ActionsScreen(stream, stories.outline(), "t0ken", timezone.utc)

    return written(screen_on, getattr(stories, name)().events)


def _summary(name: str) -> str:
    at = moment(name)
    return step_summary(at.outline, at.board)


def _your_turn() -> Iterator[Tuple[str, Draw]]:
    for width in WIDTHS:
        yield f"watched_your_turn_{width}.ansi", partial(_watched_picture, width)
    yield "watched_your_turn.txt", _watched_lines


def _ticket_asked() -> Iterator[Tuple[str, Draw]]:
    for width in WIDTHS:
        yield f"live_{ASKED}_{width}.txt", partial(_live_picture, ASKED, width)
        yield f"status_{ASKED}_{width}.txt", partial(_tree, moment(ASKED), width)
    yield f"plain_{ASKED}.txt", partial(_plain, ASKED)


def _watched_picture(width: int) -> str:
    def draw(pen: Pen) -> Any:
        return watched(replace(pen, beat=3), your_turn.moment(), HEIGHT)

    return drawn(draw, width, colour=True)


def _watched_lines() -> str:
    stream = io.StringIO()
    with WatchLines(stream, your_turn.now) as screen:
        your_turn.show_stages(screen)
    return stream.getvalue()


def _pages() -> Iterator[Tuple[str, Draw]]:
    draws: Dict[str, Callable[[Pen], Any]] = {
        "plan": _plan_page,
        "explain": _explain_page,
        "steps": _steps_page,
    }
    for name, draw in draws.items():
        for width in (50, *WIDTHS):
            yield f"{name}_{width}.txt", partial(drawn, draw, width)


def _plan_page(pen: Pen) -> Any:
    return plan_lines(pen, "SCRUM-95 Add tabs", "sandbox: nothing leaves this machine", PLANNED)


def _explain_page(pen: Pen) -> Any:
    at = moment("failed")
    return page_lines(pen, PAGE, at.board.entry("quality"), at.now)


def _steps_page(pen: Pen) -> Any:
    licences = StepPage(None, "licences", "Licences of what is installed")
    pages = (PAGE, licences)
    return list_lines(pen, [ListLine(one.number, one.name, one.title) for one in pages])


def _images() -> Iterator[Tuple[str, Draw]]:
    for width in (50, *WIDTHS):
        yield f"image_{width}.txt", partial(drawn, _image, width)
    yield "image_120.ansi", partial(drawn, _image, 120, colour=True)
    yield "image_80_ascii.txt", partial(drawn, _image, 80, encoding="ascii")
    yield "image_plain.txt", _image_plain


def _image(pen: Pen) -> Any:
    return image_lines(pen, images.NAME, images.REPORT)


def _image_plain() -> str:
    return "\n".join(image_plain(images.NAME, images.REPORT)) + "\n"


def _environments() -> Iterator[Tuple[str, Draw]]:
    draw = partial(_environments_page, environments.EVERY)
    for width in (60, *WIDTHS):
        yield f"environments_{width}.txt", partial(drawn, draw, width)
    yield "environments_120.ansi", partial(drawn, draw, 120, colour=True)
    yield "environments_80_ascii.txt", partial(drawn, draw, 80, encoding="ascii")
    for name, these in environments.ALONE.items():
        page = partial(_environments_page, these)
        yield f"environments_{name}_80.txt", partial(drawn, page, 80)
    kept = environments.ALONE["keeper"]
    yield "environments_keeper_plain.txt", partial(_lines, environments_plain, kept)
    yield "environments_changed.txt", partial(_lines, change_lines, environments.CHANGES)
    yield "environments_changed.json", partial(_json, changes_object(environments.CHANGES[-2:]))
    every = (*environments.EVERY, environments.taken_back())
    yield "environments_plain.txt", partial(_lines, environments_plain, every)
    production = (environments.with_canary(),)
    yield "environments_plain_production.txt", partial(_lines, environments_plain, production)


def _environments_page(these: Any, pen: Pen) -> Any:
    return environments_lines(pen, these, environments.NOW)


def _lines(words: Any, these: Any) -> str:
    return "\n".join(words(these)) + "\n"


def _traffic() -> Iterator[Tuple[str, Draw]]:
    for name, pair in PAIRS.items():
        draw = partial(_plot, pair)
        yield f"plot_{name}_80.txt", partial(drawn, draw, 80)
    draw = partial(_plot, traffics.SICK)
    for width in (60, 120):
        yield f"plot_sick_{width}.txt", partial(drawn, draw, width)
    yield "plot_sick_80.ansi", partial(drawn, draw, 80, colour=True)
    yield "plot_sick_80_ascii.txt", partial(drawn, draw, 80, encoding="ascii")
    for width in (60, 80):
        yield f"plot_table_{width}.txt", partial(drawn, _watched_canary, width)
    yield "plot_words.txt", _in_words
    yield from _canaries()


def _canaries() -> Iterator[Tuple[str, Draw]]:
    for name in CANARIES:
        for width in WIDTHS:
            draw = partial(_live_picture, name, width, colour=True)
            yield f"live_{name}_{width}.ansi", draw
        yield f"live_{name}_80_no_color.txt", partial(_live_picture, name, 80)
    for name in CANARIES[1:]:
        yield f"status_{name}_80.txt", partial(_tree, moment(name), 80)
        yield f"plain_{name}.txt", partial(_plain, name)


def _plot(pair: Any, pen: Pen) -> Any:
    return plot_lines(pen, *pair)


def _watched_canary(pen: Pen) -> Any:
    return table_lines(pen, traffics.WATCHED, 4)


def _in_words() -> str:
    lines = (*canary_plain(traffics.WATCHED), *canary_plain(traffics.WORSE))
    return "\n".join(lines) + "\n"


def _objects() -> Iterator[Tuple[str, Draw]]:
    at = moment("failed")
    lines = (environment_line(environments.down()),)
    failed = status_object(at.outline, at.board, running=False, environments=lines)
    yield "status_failed.json", partial(_json, failed)
    yield "plan.json", partial(_json, plan_object("SCRUM-95", PLANNED))
    these = environments_object(environments.EVERY)
    yield "environments.json", partial(_json, these)
    yield "image.json", partial(_json, image_object(images.NAME, (images.REPORT,)))


def _json(thing: Any) -> str:
    return json.dumps(thing, indent=1, ensure_ascii=False) + "\n"


def _step_reference() -> str:
    return reference(step_pages(REGISTRY, None))


def _step_index() -> str:
    # by the modules: the index itself may not name them all yet
    steps = {module: step_in(module) for module in MODULES}
    pages = step_pages({step.name: step for step in steps.values()}, None)
    return index_source(zip(steps, pages))
