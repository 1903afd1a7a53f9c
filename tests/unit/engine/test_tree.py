"""A step is bound to the tree that it read: by the plan, by the one rule that says what is done,
and by what `make` may measure."""

from pathlib import Path
from typing import Any, cast

import pytest

from devflow.engine.fold import Memory
from devflow.engine.plan import Plan
from devflow.engine.standing import Situation, Sources, situation
from devflow.model.change import Push
from devflow.model.errors import PipelineInvalid
from devflow.model.ids import Sha
from devflow.model.tree import Tree
from tests.unit.engine.tree_toys import ID, Here, plan_of, source_of


def test_a_tree_is_what_the_nearest_earlier_entry_settled() -> None:
    plan = plan_of("[{early: {uses: measure}}, work, measure, publish, {late: {uses: measure}}]")
    sources = [source_of(plan, name) for name in ("early", "measure", "late")]
    assert sources == ["", "work", "publish"]


def test_another_entry_can_be_picked_and_must_settle_a_tree() -> None:
    plan = plan_of("[work, publish, {late: {uses: measure, needs: {tree: work}}}]")
    assert source_of(plan, "late") == "work"
    with pytest.raises(PipelineInvalid, match='"measure" makes Measured'):
        plan_of("[work, measure, {late: {uses: measure, needs: {tree: measure}}}]")


def test_what_changes_the_world_is_bound_to_a_pushed_commit_only() -> None:
    told = "{told: {uses: shell, with: {run: mail, changes: true}}}"
    assert source_of(plan_of(f"[work, {told}]"), "told") == ""
    assert source_of(plan_of(f"[work, publish, {told}]"), "told") == "publish"
    picked = "{told: {uses: shell, needs: {tree: work}, with: {run: mail, changes: true}}}"
    with pytest.raises(PipelineInvalid, match="needs FixesCommit"):
        plan_of(f"[work, {picked}]")


def test_an_entry_is_made_again_when_the_tree_is_another_and_only_then(tmp_path: Path) -> None:
    here = Here(tmp_path, "[work, measure, {test: {uses: shell, with: {run: pytest}}}]")
    first = here.repository.work_tree()
    assert (here.ship(), here.ship(), here.shell.trees) == (0, 0, [first, first])
    here.edit("2\n")
    second = here.repository.work_tree()
    assert (here.ship(), here.ship()) == (0, 0)
    assert here.shell.trees == [first, first, second, second]


def test_without_an_entry_that_settles_one_it_is_the_working_tree_at_that_moment(
    tmp_path: Path,
) -> None:
    here = Here(tmp_path, "[measure]")
    here.ship()
    here.edit("2\n")
    here.ship()
    here.ship()
    assert len(here.shell.trees) == len(set(here.shell.trees)) == 2


def test_a_world_is_changed_once_and_again_only_for_another_pushed_commit(tmp_path: Path) -> None:
    told = "{told: {uses: shell, with: {run: mail, changes: true}}}"
    alone = Here(tmp_path, f"[work, {told}]")
    for text in ("1\n", "2\n", "3\n"):
        alone.edit(text)
        assert alone.ship() == 0
    assert alone.shell.ran == ["mail"]
    (tmp_path / "pushed").mkdir()
    pushed = Here(tmp_path / "pushed", f"[work, publish, {told}]")
    for text in ("1\n", "1\n", "2\n"):
        pushed.edit(text)
        assert pushed.ship() == 0
    assert pushed.shell.ran == ["mail", "mail"]


SHARING = (
    "[work, {install: {uses: shell, with: {run: npm ci, in: js}}},"
    " {test: {uses: shell, with: {run: node, in: js}}}]"
)


def test_what_a_shared_checkout_needs_is_made_again_with_whoever_works_in_it(
    tmp_path: Path,
) -> None:
    here = Here(tmp_path, SHARING)
    here.shell.failing = "node"
    assert here.ship() == 1
    assert here.planned() == {"work": "stands", "install": "to do", "test": "to do"}
    here.shell.failing = ""
    assert (here.ship(), here.ship()) == (0, 0)
    assert here.shell.ran == ["npm ci", "node", "npm ci", "node"]


def test_another_installation_is_tested_again(tmp_path: Path) -> None:
    here = Here(tmp_path, SHARING)
    here.ship()
    here.plan = plan_of(SHARING.replace("npm ci", "npm install"))
    here.ship()
    assert here.shell.ran == ["npm ci", "node", "npm install", "node"]


def test_what_was_tested_without_an_installation_is_tested_with_it(tmp_path: Path) -> None:
    optional = SHARING.replace(
        "uses: shell, with: {run: npm ci", "uses: shell, required: false, with: {run: npm ci"
    )
    here = Here(tmp_path, optional)
    here.shell.missing = "npm"
    assert here.ship() == 0
    here.shell.missing = ""
    assert (here.ship(), here.ship()) == (0, 0)
    assert here.shell.ran == ["node", "npm ci", "node"]


def test_who_shares_a_checkout_may_need_what_lies_between(tmp_path: Path) -> None:
    entries = SHARING.replace("}}},", "}}}, measure,")
    here = Here(tmp_path, entries)
    planned = here.planned()
    assert planned.pop("work") == "stands" and set(planned.values()) == {"to do"}
    here.ship()
    assert set(here.planned().values()) == {"stands"}


def test_another_commit_of_the_same_tree_is_told_too_and_one_commit_once(tmp_path: Path) -> None:
    here = Here(
        tmp_path, "[work, publish, {told: {uses: shell, with: {run: mail, changes: true}}}]"
    )
    entry = here.plan.by_name["told"]
    tree = Tree(id=ID, commit=ID)
    first = Situation(entry, Memory(), {"tree": tree})
    assert first.fingerprint == Situation(entry, Memory(round=2), {"tree": tree}).fingerprint
    push = Push(branch="b", sha=Sha("1" * 40), tree=ID)
    amended = Push(branch="b", sha=Sha("2" * 40), tree=ID)
    needs = [bound_tree(here.plan, "told", product) for product in (push, amended)]
    assert needs[0] != needs[1]


def test_what_measures_is_bound_to_the_commit_after_the_push_and_to_the_tree_before_it(
    tmp_path: Path,
) -> None:
    here = Here(tmp_path, "[work, publish, {audit: {uses: shell, with: {run: audit}}}]")
    entry = here.plan.by_name["audit"]

    def made_from(tree: Tree) -> str:
        return Situation(entry, Memory(), {"tree": tree}).fingerprint

    pushed = Tree(id=ID, commit="1" * 40)
    assert made_from(pushed) != made_from(Tree(id=ID, commit="2" * 40))
    assert made_from(pushed) == made_from(pushed.model_copy(update={"read_from": "elsewhere"}))
    assert made_from(Tree(id=ID)) == made_from(Tree(id=ID, branch="other"))


def bound_tree(plan: Plan, name: str, product: Any) -> Any:
    """The id that an entry is bound to, where every earlier entry has made this product."""

    def fresh(_: str) -> Memory:
        return Memory()

    def made(_: str) -> Any:
        return product

    sources = Sources(plan, fresh, made, cast(Any, None))
    return cast(Any, situation(plan.by_name[name], sources).gathered)["tree"].id


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (SHARING.replace("}}},", "}}}, publish,"), "on another tree"),
        (SHARING.replace("[work, ", "[work, {parallel: [").replace("}]", "}]}]"), "same time"),
    ],
)
def test_who_cannot_share_a_checkout_is_told_before_anything_runs(
    entries: str, reason: str
) -> None:
    with pytest.raises(PipelineInvalid, match=reason):
        plan_of(entries)


def test_a_dry_run_says_what_an_edit_undoes(tmp_path: Path) -> None:
    here = Here(tmp_path, "[work, measure, publish, {late: {uses: measure}}]")
    here.ship()
    assert set(here.planned().values()) == {"stands"}
    here.edit("2\n")
    planned = here.planned()
    assert planned == {"work": "stands", "measure": "to do", "publish": "to do", "late": "to do"}
