"""A command as a step: measured in a checkout, or run once in the working tree."""

import contextlib

import pytest
from pydantic import ValidationError

from devflow.engine.stand_in import StandIn
from devflow.model.checks import Status, judged
from devflow.model.errors import StepFailed
from devflow.model.figures import count
from devflow.model.outcomes import Absent
from devflow.model.tree import Tree
from devflow.model.wording import short_sha
from devflow.step import Turn
from devflow.steps.shell import STEP
from tests.unit.steps.measured_world import FILES, MeasuredWorld

TURN = Turn("SCRUM-95", "licences")


def tree_of(world: MeasuredWorld) -> Tree:
    return Tree(id=world.repository.work_tree(), read_from="the working tree")


def made(world: MeasuredWorld, **params):
    values = STEP.params(**params)
    return STEP.make(world.tools, TURN, values, STEP.needs(tree=tree_of(world))), values


def status(product, params) -> Status:
    return judged(STEP.judge(params, product))


def test_a_command_runs_in_a_checkout_and_its_last_line_is_shown():
    world = MeasuredWorld(FILES)
    world.repository.work["services/app.py"] = "edited\n"
    product, params = made(world, run="cat app.py", cwd="services")
    check, exit_code, tree = STEP.judge(params, product)
    assert exit_code.figure == count(0)
    assert check.ok and check.measured == "ended with 0: edited" and check.source == "cat app.py"
    assert tree.measured == short_sha(world.repository.work_tree())
    assert tree.source == "the working tree"
    assert world.shell.asked[0].tree == tree_of(world) and not world.shell.acted


def test_what_a_command_says_names_files_as_the_tree_has_them():
    product, _ = made(MeasuredWorld(FILES), run=["sh", "-c", "echo no $PWD/app.py; exit 1"])
    assert product.output == "no app.py"


@pytest.mark.parametrize("run", ["false", "cat nowhere"])
def test_a_command_that_fails_does_not_pass(run):
    product, params = made(MeasuredWorld(FILES), run=run)
    assert status(product, params) is Status.FAILED


def test_a_command_that_takes_too_long_does_not_pass():
    product, params = made(MeasuredWorld(FILES), run="sleep 30", timeout_s=0.2)
    assert status(product, params) is Status.FAILED and "without an end" in product.problem


def test_a_program_that_is_not_there_is_unavailable():
    product, _ = made(MeasuredWorld(FILES), run="no-such-program --all")
    assert isinstance(product, Absent) and product.kind == "unavailable"


def test_no_shell_reads_the_command():
    product, _ = made(MeasuredWorld(FILES), run="echo one '&&' $HOME 'a > b' it\\'s")
    assert product.output == "one && $HOME a > b it's"


def test_a_list_of_words_is_started_as_it_stands():
    product, params = made(MeasuredWorld(FILES), run=["echo", "one && two", "$HOME"])
    assert product.output == "one && two $HOME"
    assert STEP.judge(params, product)[0].source == "echo 'one && two' '$HOME'"


@pytest.mark.parametrize("operator", ["&&", "||", ";", "|", ">", "2>&1", "<", "&", "true&&"])
def test_what_only_a_shell_would_understand_is_refused_when_the_pipeline_is_read(operator):
    for field in ("run", "unless"):
        with pytest.raises(ValidationError, match="no shell reads it"):
            STEP.params(**{"run": "true", field: f"lint {operator} test"})


def test_a_variable_in_front_of_a_command_belongs_under_env():
    with pytest.raises(ValidationError, match="'FOO=1' under env:"):
        STEP.params(run="FOO=1 npm test")


def test_a_command_that_changes_the_world_is_acted_and_asked_after():
    world = MeasuredWorld(FILES)
    product, params = made(world, run="true", changes=True)
    assert [command.argv for command in world.shell.acted] == [("true",)] and status(
        product, params
    ) is Status.PASSED
    product, _ = made(world, run="true", changes=True, unless="true")
    assert product is None, "what came of it is looked at"


def test_a_command_that_changes_the_world_and_fails_raises():
    with pytest.raises(StepFailed):
        made(MeasuredWorld(FILES), run="false", changes=True)


@pytest.mark.parametrize(("unless", "found"), [("", False), ("false", False), ("true", True)])
def test_only_unless_can_tell_that_it_has_happened(unless, found):
    world = MeasuredWorld(FILES)
    values = STEP.params(run="false", changes=True, unless=unless)
    product = STEP.look(world.tools, TURN, values, STEP.needs(tree=tree_of(world)))
    assert (product is not None) is found and not world.shell.acted


@pytest.mark.parametrize(
    "params",
    [
        {"run": ""},
        {"run": "echo 'open"},
        {"run": "true", "changes": True, "unless": "'"},
        {"run": "true", "unless": "true"},
    ],
)
def test_a_command_that_cannot_be_read_is_refused_when_the_pipeline_is(params):
    with pytest.raises(ValidationError):
        STEP.params(**params)


@pytest.mark.parametrize("name", ["", "A=1", "$TOKEN", "A-B", "é"])
def test_what_is_passed_on_is_named_like_a_variable(name):
    with pytest.raises(ValidationError, match="a variable"):
        STEP.params(run="true", pass_env=[name])


def told(world: MeasuredWorld, **params) -> dict[str, tuple[str, str]]:
    """The statuses of the pushed commit after the command, by name."""
    pushed = tree_of(world).model_copy(update={"commit": "c" * 40})
    values = STEP.params(**params)
    with contextlib.suppress(StepFailed):
        STEP.make(world.tools, TURN, values, STEP.needs(tree=pushed))
    statuses = world.host.statuses
    return {name: (one.state, one.description) for (_, name), one in statuses.items()}


def test_after_the_push_the_commit_has_a_status_of_how_it_ended():
    state = told(MeasuredWorld(FILES), run="echo 12 licences")
    assert state == {"devflow/licences": ("success", "ended with 0: 12 licences")}
    assert told(MeasuredWorld(FILES), run="false")["devflow/licences"][0] == "failure"
    late = told(MeasuredWorld(FILES), run="sleep 30", timeout_s=0.2, status="ours")
    assert late["ours"][0] == "error" and "without an end" in late["ours"][1]
    assert told(MeasuredWorld(FILES), run="true", status="") == {}
    changed = told(MeasuredWorld(FILES), run="true", changes=True)
    assert changed == {"devflow/licences": ("success", "ended with 0")}


def test_before_the_push_nothing_is_told_and_after_it_the_status_is_foreseen():
    world = MeasuredWorld(FILES)
    made(world, run="true")
    assert not world.host.statuses
    params = STEP.params(run="true")
    pushed = tree_of(world).model_copy(update={"commit": "c" * 40})
    assert STEP.foresee(params, STEP.needs(tree=tree_of(world))).writes == ()
    (write,) = STEP.foresee(params, STEP.needs(tree=pushed)).writes
    assert (write.verb, write.target) == ("set_status", "its status on the pushed commit")
    (write,) = STEP.foresee(params, STEP.needs(tree=StandIn("push.settled"))).writes
    assert write.target == "its status on the commit, if it is pushed by then"
