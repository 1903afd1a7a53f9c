"""Step 16: what a linter says, told without the checkout that it ran in, which is gone then."""

from devflow.steps.s16_quality import STEP
from tests.unit.steps.measured_world import MeasuredWorld


def test_a_finding_names_files_as_the_tree_has_them() -> None:
    says = "echo $PWD/app.js:2:1: error $PWD/app.js is none [no-var]; exit 1"
    world = MeasuredWorld({"app.js": "var a\nvar b\n"})
    ran = world.measure(STEP, linters={"own": {"run": ["sh", "-c", says]}}, scope="all")
    assert "error app.js is none" in ran.check("finding", "app.js:2:1").measured
