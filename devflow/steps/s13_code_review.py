"""Step 13, code review: a gate on approvals and on open threads, both bound to the head commit.

Only the latest review of a person counts, only on this head, only with write permission, and never
the author's own.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft.evidence import distinct, plan_write
from devflow.craft.quality.findings import TOOLS, Sight, findings_of, nothing_read, over
from devflow.craft.remembered import products
from devflow.craft.review.pull_text import findings_comment
from devflow.craft.review.verdicts import Said, give, still_wanted, to_dos, verdicts
from devflow.craft.ticket.comments import STRANGERS_EVIDENCE, strangers, strangers_checks
from devflow.craft.tree.ticket_branch import base_of
from devflow.craft.tree.trial_merge import refuse_conflicting
from devflow.model.bounds.numbers import Few, PositiveNumber
from devflow.model.bounds.words import PythonVersion
from devflow.model.change import Branch, Push
from devflow.model.checks import Check, at_least, fact, held, measure, note
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed, UsageError
from devflow.model.figures import Bound, absent, count, names, text
from devflow.model.ids import Sha
from devflow.model.outcomes import Foreseen, SendBack, Waiting
from devflow.model.review import Findings, HostPull, PullRequest, Review, ReviewState
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import figure, short_sha
from devflow.ports.code_host import CodeHostReads
from devflow.step import GateAnswer, See, Step, Tools, Turn

SLOT: Final = "findings"  # of the comment that carries them


class Params(Value):
    """How many people have to approve, and what programs say before they do."""

    approvals: Few = Field(default=1, description="0 is for one who works alone")
    comments: bool = Field(
        default=True, description="whether findings are posted on the pull request"
    )
    python: PythonVersion = Field(
        default="3.11", description="the Python under which bandit and flake8 run"
    )
    max_complexity: Limit[PositiveNumber] = Field(
        default=10, description="of a function that added lines touch; as in step 16, Code quality"
    )


@dataclass(frozen=True)
class Needs:
    """The head commit that is reviewed, and where."""

    tree: Tree
    pull_request: PullRequest
    push: Push
    branch: Branch
    project: Project


def _review(see: See | Tools, turn: Turn, params: Params, needs: Needs, pull: HostPull) -> Review:
    beside = {
        "strangers": _strangers(see.host, turn, params, pull),
        "findings": _findings(see, turn, params, needs),
    }
    return _verdict(see.host, params, needs.push.sha, pull).model_copy(update=beside)


def _verdict(host: CodeHostReads, params: Params, sha: Sha, pull: HostPull) -> Review:
    """What people say, without what programs do."""
    given = verdicts(host, pull, sha)
    approved = given.authors("approved")
    changes = given.authors("changes_requested")
    threads = host.threads(pull.number)
    open_threads = tuple(thread for thread in threads if not thread.resolved)
    review = Review(
        head_sha=sha,
        verdict="pending",
        approved_by=approved,
        changes_by=changes,
        unheard=given.unheard,
        open_threads=open_threads,
        resolved_threads=len(threads) - len(open_threads),
        required=params.approvals,
        merged=pull.merged,
    )
    if pull.state == "closed" and not pull.merged:
        return review.model_copy(update={"verdict": "closed"})
    if changes and not pull.merged:
        return review.model_copy(update={"verdict": "changes_requested"})
    is_settled = pull.merged or not open_threads
    if len(approved) >= params.approvals and is_settled and pull.head_sha == sha:
        return review.model_copy(update={"verdict": "approved"})
    return review


def _strangers(host: CodeHostReads, turn: Turn, params: Params, pull: HostPull) -> tuple[str, ...]:
    if not params.comments:
        return ()
    return strangers(host.comments(pull.number), turn.mark("comment", SLOT))


def _findings(see: See | Tools, turn: Turn, params: Params, needs: Needs) -> Findings:
    """Measured once a commit: while it waits they are kept, and later the journal has them."""
    sha = needs.push.sha
    known = _known_findings(see, turn)
    if known is not None and known.sha == sha and not known.missing:
        return known
    base = base_of(see.repository, needs.branch, sha)
    return findings_of(Sight(see.repository, see.shell, base, sha, needs.tree), params.python)


def _known_findings(see: See | Tools, turn: Turn) -> Findings | None:
    if "findings" in turn.kept:
        return Findings.model_validate(turn.kept["findings"])
    last = next(products(see.history, turn.run, turn.entry), {})
    known = last.get("findings")
    # devflow 0.1.0 kept them as a list of texts
    return Findings.model_validate(known) if isinstance(known, dict) else None


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Review | None:
    """The verdict as it stands on the code host, whatever it is."""
    pull = see.host.pull_for(needs.branch.name)
    return None if pull is None else _review(see, turn, params, needs, pull)


def _pull_of(host: CodeHostReads, needs: Needs) -> HostPull:
    pull = host.pull_for(needs.branch.name)
    if pull is None:
        message = f"{needs.branch.name} has no pull request any more"
        raise StepFailed(message, hint=command_line("ship"), where=needs.pull_request.url)
    return pull


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Review | Waiting | SendBack:
    """Posts the findings and reads the verdict. Raises ``StepFailed`` where the pull request is
    gone."""
    pull = _pull_of(tools.host, needs)
    review = _review(tools, turn, params, needs, pull)
    if params.comments and pull.state == "open":
        tools.host.comment(pull.number, _comment(params, review), slot=SLOT)
    match review.verdict:
        case "changes_requested":
            given = verdicts(tools.host, pull, review.head_sha)
            todo = to_dos(review.open_threads, given.counted)
            why = f"{', '.join(review.changes_by)} asked for changes"
            return SendBack(to="coding", why=why, todo=todo)
        case "pending":
            waiting = still_wanted(review, pull, needs.pull_request.reviewers, turn.entry)
            kept = {"findings": review.findings.model_dump(mode="json")}
            return waiting.model_copy(update={"keep": kept})
        case "approved" | "closed":
            return review


def _comment(params: Params, review: Review) -> str:
    found = over(review.findings, params.max_complexity)
    told = tuple(f"{one.path}:{one.line}: {one.text}" for one in found)
    return findings_comment(review.head_sha, told, _unmeasured(review.findings))


def answer(
    tools: Tools, turn: Turn, params: Params, needs: Needs, word: GateAnswer
) -> Waiting | None:
    """Gives a review of the pushed commit, reads back that it counts, and answers who is asked
    still. Raises ``AccessDenied`` for an account whose review does not count here, ``StepFailed``
    for an approval of what conflicts with its base, ``UsageError`` for a no without a word."""
    verdict: ReviewState = "approved" if word.verdict == "approve" else "changes_requested"
    _refuse_wordless(word, turn.entry)
    pull = _pull_of(tools.host, needs)
    if word.verdict == "approve":
        refuse_conflicting(tools.host, tools.repository, pull, needs.push.sha)
    give(tools.host, pull, needs.push.sha, verdict, Said(word.text, word.at))
    review = _verdict(tools.host, params, needs.push.sha, pull)
    if review.verdict != "pending":
        return None
    return still_wanted(review, pull, needs.pull_request.reviewers, turn.entry)


def _refuse_wordless(word: GateAnswer, entry: str) -> None:
    """GitHub takes no request for changes without a text, and nobody could do what it asks for."""
    if word.verdict == "reject" and not word.text.strip():
        hint = command_line("reject", entry, message="<what has to change>")
        raise UsageError("a review that asks for changes has to say which", hint=hint)


def judge(params: Params, product: Review) -> tuple[Check, ...]:
    """Enough approvals on this head, nobody who asks for changes, and no open thread."""
    source = f"reviews on {short_sha(product.head_sha)}"
    verdict = measure("verdict", "verdict", text(product.verdict), source)
    checks = [
        fact(verdict, product.verdict == "approved"),
        _approvals_check(params, product, source),
        *_threads_checks(product),
    ]
    if product.changes_by and not product.merged:
        people = names(product.changes_by)
        checks.append(fact(measure("changes_by", "changes requested", people, source), False))
    if product.unheard:
        unheard = absent(f"{', '.join(product.unheard)}: no write access", "")
        checks.append(note(measure("unheard", "not counted", unheard, source)))
    checks += strangers_checks(product.strangers, "comments of the pull request")
    return (*checks, *_finding_checks(params, product.findings))


def _approvals_check(params: Params, product: Review, source: str) -> Check:
    people = ", ".join(product.approved_by)
    number = count(
        len(product.approved_by),
        where=f"by {people}" if people else "",
        note="" if params.approvals else "nobody has to review (approvals: 0)",
    )
    return held(measure("approvals", "approvals", number, source), at_least(params.approvals))


def _threads_checks(product: Review) -> tuple[Check, ...]:
    source = "review threads"
    opened = len(product.open_threads)
    resolved = count(product.resolved_threads, where="resolved")
    still_open = count(opened, where="open", note=figure(resolved))
    threads = measure("threads", "threads", still_open, source)
    # after the merge a thread holds nothing back
    is_settled = product.merged or not opened
    return (
        fact(threads, is_settled, Bound(sense="exactly", value=0, unit="open")),
        note(measure("threads_resolved", "threads resolved", resolved, source)),
    )


def _finding_checks(params: Params, findings: Findings) -> tuple[Check, ...]:
    """A note each; nothing of it keeps the entry from passing, and no finding is no tick."""
    checks = []
    found = over(findings, params.max_complexity)
    places = [f"{one.path}:{one.line}" for one in found]
    for one, place, about in zip(found, places, distinct(places)):
        checks.append(note(measure("finding", "finding", one, place, about=about)))
    tools = " and ".join(TOOLS)
    for number, reason in enumerate(_unmeasured(findings), 1):
        about = "" if number == 1 else f"#{number}"
        checks.append(note(measure("findings", "findings", absent(reason), tools, about=about)))
    return tuple(checks)


def _unmeasured(findings: Findings) -> tuple[str, ...]:
    """Why a tool, or all of them, measured nothing."""
    unread = nothing_read(findings) if findings.sha else ""
    return (*findings.missing, *filter(None, [unread]))


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The findings; the verdict is people's."""
    write = plan_write("host", "comment", f"findings on {short_sha(needs.push.sha)}")
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
    evidence={
        "verdict": "that of the review",
        "approvals": "how many people approve this head",
        "threads": "how many review threads are open",
        "threads_resolved": "how many are resolved",
        "changes_by": "who asks for changes",
        "unheard": "whose verdict does not count, for want of write access",
        **STRANGERS_EVIDENCE,
        "finding": "what a program finds on an added line, about its place",
        "findings": "why a program has measured nothing",
    },
    project_parts=(),
)
