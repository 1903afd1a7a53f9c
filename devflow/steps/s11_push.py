"""Step 11, push: the commit on the remote's branch, read back from the remote itself.

A remote that contains the commit counts, also where somebody pushed more on top, and also where the
branch is gone because its pull request was merged.
"""

from dataclasses import dataclass

from devflow.craft.tree.ticket_branch import base_of
from devflow.model.change import Branch, Commit, Push
from devflow.model.checks import Check
from devflow.model.outcomes import Foreseen, Write
from devflow.model.wording import plural
from devflow.model.values import Value
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """Nothing to say."""


@dataclass(frozen=True)
class Needs:
    """What is pushed, and where to."""

    commit: Commit
    branch: Branch


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Push | None:
    """Where the remote's branch stands; ``None`` where another commit of it was merged, and the
    branch is gone."""
    repository, name, ours = see.repository, needs.branch.name, needs.commit.sha
    theirs = repository.remote_sha(name)
    pull = None if theirs else see.host.pull_for(name)
    if pull is not None and pull.merged:
        theirs = pull.head_sha
    if not theirs:
        return Push(branch=name, sha="", remote=repository.remote_name(), moved_from=ours)
    contained = theirs == ours or repository.is_ancestor(ours, theirs)
    if pull is not None and not contained:
        return None
    base = base_of(repository, needs.branch, theirs)
    return Push(
        branch=name,
        sha=theirs,
        commits=len(repository.subjects(base, theirs)) if contained else 0,
        remote=repository.remote_name(),
        moved_from="" if contained else ours,
    )


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Pushes with a lease. Raises ``StepFailed`` where the remote refuses, or has commits that were
    never this branch's."""
    tools.repository.push(needs.branch.name, needs.commit.sha)


def judge(params: Params, product: Push) -> tuple[Check, ...]:
    """The remote has the commit."""
    source = f"git ls-remote {product.remote} {product.branch}"
    if not product.sha:
        gone = f"no branch {product.branch}"
        return (
            Check(
                label="remote", ok=False, measured=gone, limit=product.moved_from[:7], source=source
            ),
        )
    if product.moved_from:
        pull = f"git pull --rebase {product.remote} {product.branch}"
        moved = f"at {product.sha[:7]}, without {product.moved_from[:7]}; type: {pull}"
        return (
            Check(
                label="remote",
                ok=False,
                measured=moved,
                limit=product.moved_from[:7],
                source=source,
            ),
        )
    number = plural(product.commits, "commit")
    return (
        Check(
            label="remote",
            ok=True,
            measured=f"{product.branch} at {product.sha[:7]}",
            source=source,
        ),
        Check(label="pushed", ok=True, measured=number, source=f"git log {product.sha[:7]}"),
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """One push."""
    name, sha = needs.branch.name, needs.commit.sha
    write = Write(port="repository", verb="push", target=f"{name} {sha[:7]}")
    return Foreseen((write,), {"branch": name, "sha": sha})


STEP = Step(
    name="push",
    title="Push",
    params=Params,
    needs=Needs,
    makes=Push,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    number=11,
    project_parts=(),
)
