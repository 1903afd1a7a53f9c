"""Step 13, code review: a gate on approvals and on open threads, both bound to the head commit.

Only the latest review of a person counts, only on this head, only with write permission, and never
the author's own.
"""

from dataclasses import dataclass

from devflow.craft.review.findings import findings_of
from devflow.craft.review.pull_text import findings_comment
from devflow.craft.tree.ticket_branch import base_of
from devflow.craft.review.verdicts import give, on_head, still_wanted, to_dos
from devflow.model.change import Branch, Push
from devflow.model.checks import Check
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Foreseen, SendBack, Waiting, Write
from devflow.model.project import Project
from devflow.model.review import HostPull, PullRequest, Review, ReviewState
from devflow.model.values import Limit, Value
from devflow.ports.code_host import CodeHostReads
from devflow.step import GateAnswer, See, Step, Tools, Turn


class Params(Value):
    """``approvals: 0`` is for one who works alone; ``comments``: findings are posted on the pull
    request."""

    approvals: Limit[int] = 1
    comments: bool = True
    max_complexity: Limit[int] = 10  # reference step 16


@dataclass(frozen=True)
class Needs:
    """The head commit that is reviewed, and where."""

    pull_request: PullRequest
    push: Push
    branch: Branch
    project: Project


def _may_approve(host: CodeHostReads, login: str) -> bool:
    return host.permission(login) in ("write", "admin")


def _review(see: See | Tools, params: Params, needs: Needs, pull: HostPull) -> Review:
    sha, reviews = needs.push.sha, on_head(
        see.host.reviews(pull.number), pull.author, needs.push.sha
    )
    approved = [
        item.author
        for item in reviews
        if item.state == "approved" and _may_approve(see.host, item.author)
    ]
    changes = [item.author for item in reviews if item.state == "changes_requested"]
    threads = see.host.threads(pull.number)
    open_threads = tuple(thread for thread in threads if not thread.resolved)
    found = Review(
        head_sha=sha,
        verdict="pending",
        approved_by=tuple(approved),
        changes_by=tuple(changes),
        open_threads=open_threads,
        resolved_threads=len(threads) - len(open_threads),
        findings=findings_of(
            see.repository, base_of(see.repository, needs.branch, sha), sha, params.max_complexity
        ),
        required=params.approvals,
        merged=pull.merged,
    )
    if pull.state == "closed" and not pull.merged:
        return found.model_copy(update={"verdict": "closed"})
    if changes and not pull.merged:
        return found.model_copy(update={"verdict": "changes_requested"})
    passes = (
        len(approved) >= params.approvals
        and (pull.merged or not open_threads)
        and pull.head_sha == sha
    )
    return found.model_copy(update={"verdict": "approved"}) if passes else found


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Review | None:
    """The verdict as it stands on the code host, whatever it is."""
    pull = see.host.pull_for(needs.branch.name)
    return None if pull is None else _review(see, params, needs, pull)


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Review | Waiting | SendBack:
    """Posts the findings and reads the verdict. Raises ``StepFailed`` where the pull request is
    gone."""
    pull = tools.host.pull_for(needs.branch.name)
    if pull is None:
        raise StepFailed(
            f"{needs.branch.name} has no pull request any more",
            hint="devflow ship",
            where=needs.pull_request.url,
        )
    found = _review(tools, params, needs, pull)
    if params.comments and pull.state == "open":
        tools.host.comment(
            pull.number, findings_comment(found.head_sha, found.findings), slot="findings"
        )
    match found.verdict:
        case "changes_requested":
            todo = to_dos(
                found.open_threads,
                on_head(tools.host.reviews(pull.number), pull.author, found.head_sha),
            )
            return SendBack(
                to="coding", why=f"{', '.join(found.changes_by)} asked for changes", todo=todo
            )
        case "pending":
            return still_wanted(found, pull, needs.pull_request.reviewers)
        case "approved" | "closed":
            return found


def answer(tools: Tools, turn: Turn, params: Params, needs: Needs, said: GateAnswer) -> None:
    """Gives a review of the pushed commit."""
    verdict: ReviewState = "approved" if said.verdict == "approve" else "changes_requested"
    give(tools.host, needs.pull_request.number, needs.push.sha, verdict, (said.text, said.at))


def judge(params: Params, product: Review) -> tuple[Check, ...]:
    """Enough approvals on this head, nobody who asks for changes, and no open thread."""
    source, number = f"reviews on {product.head_sha[:7]}", len(product.approved_by)
    who = f" by {', '.join(product.approved_by)}" if product.approved_by else ""
    alone = "; nobody has to review (approvals: 0)" if params.approvals == 0 else ""
    resolved = f"{len(product.open_threads)} open, {product.resolved_threads} resolved"
    limit = f"at least {params.approvals}"
    checks = [
        Check(
            label="verdict",
            ok=product.verdict == "approved",
            measured=product.verdict,
            source=source,
        ),
        Check(
            label="approvals",
            ok=number >= params.approvals,
            measured=f"{number}{who}{alone}",
            limit=limit,
            source=source,
        ),
        Check(
            label="threads",
            ok=product.merged or not product.open_threads,
            measured=resolved,
            limit="0 open",
            source="review threads",
        ),
    ]
    if product.changes_by and not product.merged:
        checks.append(
            Check(
                label="changes requested",
                ok=False,
                measured=", ".join(product.changes_by),
                source=source,
            )
        )
    for text in product.findings:
        checks.append(
            Check(
                label="finding",
                ok=None,
                measured=text,
                source=":".join(text.split(":")[:2]),
                needed=False,
            )
        )
    return tuple(checks)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The findings; the verdict is people's."""
    write = Write(port="host", verb="comment", target=f"findings on {needs.push.sha[:7]}")
    return Foreseen((write,) if params.comments else (), {"head_sha": needs.push.sha})


STEP = Step(
    name="code_review",
    title="Code review",
    params=Params,
    needs=Needs,
    makes=Review,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    answer=answer,
    sends_back_to="coding",
    number=13,
    project_parts=(),
)
