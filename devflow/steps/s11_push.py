"""Step 11, push: the commit on the remote's branch, read back from the remote itself.

A remote that contains the commit counts, also where somebody pushed more on top, and also where the
branch is gone because its pull request was merged.
"""

from dataclasses import dataclass

from devflow.craft.evidence import plan_write
from devflow.craft.tree.ticket_branch import base_of
from devflow.model.change import Branch, Commit, Push
from devflow.model.checks import Check, fact, measure, wanted
from devflow.model.figures import commit, count, text
from devflow.model.ids import Sha
from devflow.model.outcomes import Foreseen
from devflow.model.values import Value
from devflow.model.wording import short_sha
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
    repository = see.repository
    name = needs.branch.name
    our_sha = needs.commit.sha
    remote = repository.remote_name()
    remote_sha = repository.remote_sha(name)
    is_gone = not remote_sha
    pull = see.host.pull_for(name) if is_gone else None
    # the code host deletes the branch of a merged pull request
    if pull is not None and pull.merged:
        remote_sha = pull.head_sha
    if not remote_sha:
        return Push(branch=name, sha=Sha(""), remote=remote, moved_from=our_sha)
    contains_ours = remote_sha == our_sha or repository.is_ancestor(our_sha, remote_sha)
    if contains_ours:
        base = base_of(repository, needs.branch, remote_sha)
        commits = len(repository.subjects(base, remote_sha))
        tree = repository.tree_of(remote_sha)
        return Push(branch=name, sha=remote_sha, commits=commits, remote=remote, tree=tree)
    if is_gone:
        return None
    return Push(branch=name, sha=remote_sha, remote=remote, moved_from=our_sha)


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Pushes with a lease. Raises ``StepFailed`` where the remote refuses, or has commits that were
    never this branch's."""
    tools.repository.push(needs.branch.name, needs.commit.sha)


def judge(params: Params, product: Push) -> tuple[Check, ...]:
    """The remote has the commit."""
    branch = product.branch
    source = f"git ls-remote {product.remote} {branch}"
    ours = wanted(short_sha(product.moved_from))
    if not product.sha:
        gone = measure("remote", "remote", text(f"no branch {branch}"), source)
        return (fact(gone, False, ours),)
    if product.moved_from:
        command = f"git pull --rebase {product.remote} {branch}"
        at = commit(product.sha, f"without {short_sha(product.moved_from)}; type: {command}")
        return (fact(measure("remote", "remote", at, source), False, ours),)
    commits = count(product.commits, "commit")
    log = f"git log {short_sha(product.sha)}"
    return (
        fact(measure("remote", "remote", commit(product.sha, f"on {branch}"), source), True),
        fact(measure("pushed", "pushed", commits, log), True),
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """One push."""
    name = needs.branch.name
    sha = needs.commit.sha
    write = plan_write("repository", "push", f"{name} {short_sha(sha)}")
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
    evidence={
        "remote": "the commit that the remote's branch is at",
        "pushed": "how many commits were pushed",
    },
)
