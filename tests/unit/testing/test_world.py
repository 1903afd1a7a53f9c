"""The kit puts the engine's guards around a step: what fails in a run fails in its test too."""

from dataclasses import dataclass, replace

import pytest

from devflow.engine.stand_in import Unforeseen
from devflow.model.checks import Check, Status, at_least, held, measure
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed
from devflow.model.figures import count
from devflow.model.outcomes import Foreseen, Waiting, Write
from devflow.model.planning import Ticket
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.ports.shell import Command
from devflow.step import See, Step, Tools, Turn
from devflow.testing import World, not_yet, verbs


class Params(Value):
    words: Limit[int] = 1
    does: str = "read"


@dataclass(frozen=True)
class Needs:
    ticket: Ticket
    tree: Tree
    project: Project


class Read(Value):
    tree: str
    words: int


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Read | Waiting | None:
    match params.does:
        case "wait":
            return Waiting(for_="the reader")
        case "write":
            tools.tracker.remember(needs.ticket.key, "words", "3")
            return None
        case "read HEAD":
            tools.repository.read("HEAD", "a.txt")
        case "act":
            tools.shell.act("told", Command(("tell",)))
        case "measure another tree":
            tools.shell.measure(Command(("wc",), tree=Tree(id="f" * 40)))
        case "read services":
            assert needs.project.services == {}
    turn.say("reading")
    text = tools.repository.read(needs.tree.id, "a.txt") or ""
    return Read(tree=needs.tree.id, words=len(text.split()))


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Read | None:
    if params.does == "write while looking":
        see.tracker.remember(needs.ticket.key, "words", "3")  # type: ignore[attr-defined]
    words = see.tracker.property(needs.ticket.key, "words")
    return Read(tree=needs.tree.id, words=int(words)) if words else None


def judge(params: Params, product: Read) -> tuple[Check, ...]:
    words = measure("words", "words", count(product.words, "word"), "a.txt")
    return (held(words, at_least(params.words)),)


def foresee(params: Params, needs: Needs) -> Foreseen:
    return Foreseen((Write(port="tracker", verb="remember", target=f"{needs.ticket.key}"),))


STEP = Step(
    name="read",
    title="Read",
    params=Params,
    needs=Needs,
    makes=Read,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    evidence={"words": "how many words there are"},
    project_parts=("suites",),
    contract=3,
)


@pytest.fixture
def world() -> World:
    return World({"a.txt": "one two"})


def needs_of(world: World) -> Needs:
    return Needs(ticket=world.ticket, tree=world.tree, project=world.project)


def test_a_turn_is_made_judged_and_listened_to(world: World) -> None:
    played = world.play(STEP, needs_of(world))
    assert played.product.words == 2 and played.status is Status.PASSED
    assert (played.writes, played.is_found, world.said) == ((), False, ["reading"])


def test_what_was_only_written_is_looked_at(world: World) -> None:
    played = world.play(STEP, needs_of(world), Params(does="write"))
    assert played.product.words == 3 and verbs(played.writes) == [("tracker", "remember")]


def test_what_look_finds_is_taken_where_it_passes(world: World) -> None:
    world.tracker.remember("SCRUM-95", "words", "7")
    played = world.play(STEP, needs_of(world))
    assert played.is_found and played.product.words == 7
    assert not world.play(STEP, needs_of(world), Params(words=8)).is_found


@pytest.mark.parametrize(
    ("does", "message"),
    (
        ("read HEAD", "would read files of HEAD"),
        ("act", "its step says changes_world"),
        ("measure another tree", "which is not in its needs"),
    ),
)
def test_a_step_that_leaves_its_bounds_fails(world: World, does: str, message: str) -> None:
    with pytest.raises(StepFailed, match=message):
        world.play(STEP, needs_of(world), Params(does=does))


def test_looking_cannot_write(world: World) -> None:
    with pytest.raises(AttributeError, match="tracker.remember is not in the reading half"):
        world.look(STEP, needs_of(world), Params(does="write while looking"))


def test_a_part_of_the_project_that_it_does_not_name_cannot_be_read(world: World) -> None:
    with pytest.raises(AttributeError, match="services"):
        world.play(STEP, needs_of(world), Params(does="read services"))


def test_evidence_that_nobody_could_select_is_refused(world: World) -> None:
    undeclared = replace(STEP, evidence={"letters": "how many letters there are"})
    with pytest.raises(AssertionError, match="does not declare the evidence"):
        world.play(undeclared, needs_of(world))
    twice = replace(STEP, judge=lambda params, it: (*judge(params, it), *judge(params, it)))
    with pytest.raises(AssertionError, match="several lines"):
        world.play(twice, needs_of(world))


def test_what_came_to_nothing_has_no_product_and_no_tick(world: World) -> None:
    played = world.play(STEP, needs_of(world), Params(does="wait"))
    assert played.came_to == Waiting(for_="the reader")
    assert played.status is Status.UNAVAILABLE
    with pytest.raises(AssertionError, match="nothing was made"):
        played.product
    with pytest.raises(AssertionError, match="no evidence"):
        played.check("words")


def test_an_early_plan_prints_what_does_not_exist_and_decides_nothing() -> None:
    early = not_yet(STEP)
    assert World().foresee(STEP, early).writes[0].target == "‹ticket.key›"
    with pytest.raises(Unforeseen):
        assert early.ticket.key == "SCRUM-95"


def test_a_pushed_commit_is_what_later_entries_are_bound_to(world: World) -> None:
    push = world.commit_and_push("SCRUM-95-more", {"a.txt": "one two three"})
    needs = replace(needs_of(world), tree=push.settled)
    assert world.play(STEP, needs).product.words == 3
    assert world.repository.remote_sha("SCRUM-95-more") == push.sha


def test_a_step_without_a_part_says_so(world: World) -> None:
    with pytest.raises(TypeError, match="read is no gate"):
        world.answer(STEP, needs_of(world), "approve")
    with pytest.raises(TypeError, match="has no ahead"):
        world.ahead(STEP)
    with pytest.raises(TypeError, match="has no look"):
        world.look(replace(STEP, look=None), needs_of(world))


def test_a_command_that_nobody_answered_for_could_not_be_started(world: World) -> None:
    ran = world.shell.measure(Command(("npm", "test")))
    assert ran.exit_code is None and "no answer for: npm test" in ran.problem
    assert not world.shell.found("npm")
    world.shell.answer("npm", "built", exit_code=1)
    world.shell.answer("npm test", "12 passed", files={"report.xml": "<r/>"})
    lines: list[str] = []
    ran = world.shell.measure(
        Command(("npm", "test", "--all"), collect=("report.xml",)), lines.append
    )
    assert (ran.exit_code, lines, ran.files) == (0, ["12 passed"], {"report.xml": "<r/>"})
    assert world.shell.found("npm") == "/bin/npm"
    with pytest.raises(StepFailed, match="ended with 1"):
        world.shell.act("release", Command(("npm", "publish")))


def test_a_page_that_is_not_there_does_not_answer(world: World) -> None:
    world.web.pages["http://shop.test/health"] = "ok"
    assert world.web.get("http://shop.test/health").status == 200
    assert world.web.get("http://shop.test/").problem == "connection refused"
    with world.web.load("http://shop.test", ("/health", "/"), at_once=2, rate_per_s=1) as load:
        assert [asked.status for asked in load.asked()] == [200, 0]


def test_what_an_earlier_run_recorded_is_there(world: World) -> None:
    world.history.record("SCRUM-90", "read", Read(tree="t", words=1))
    assert world.history.runs() == ("SCRUM-90",)
    (event,) = world.see.history.events("SCRUM-90")
    assert event.type == "recorded" and not world.history.events("SCRUM-91")


def test_packages_that_nobody_audited_are_not_clean(world: World) -> None:
    audit = world.see.advisories.audit(())
    assert audit.audited == 0 and audit.why_not
