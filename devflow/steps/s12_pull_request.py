"""Step 12, pull request: found or opened for the pushed commit, with a text rendered from what this
run measured.

The code host sees a push a moment after git does, so that the head commit is waited for before
anything is read back.
"""

from dataclasses import dataclass
from typing import Final

from devflow.craft.review.code_owners import code_owners
from devflow.craft.review.pictures import REF, Studio, Wanted, take
from devflow.craft.review.pull_text import (
    PullEvidence,
    body,
    headings,
    measured_on,
    pictures,
    title,
    why_no_pictures,
)
from devflow.model.change import Branch, Commit, Hooks, LocalTests, Push
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen, Waiting, Write
from devflow.model.planning import Ticket
from devflow.model.project import Project
from devflow.model.review import HostPull, PullRequest, Screenshot
from devflow.model.values import Limit, Value
from devflow.ports.repository import RepositoryReads
from devflow.step import See, Step, Tools, Turn

ALWAYS: Final = frozenset(("Summary", "Changes"))


class Params(Value):
    """``screenshots``: the service whose page is pictured. ``code_owners``: also ask whom
    CODEOWNERS names."""

    labels: tuple[str, ...] = ("devflow",)
    reviewers: tuple[str, ...] = ()
    code_owners: bool = True
    screenshots: str = ""
    preview_port_offset: Limit[int] = 300
    head_within_s: Limit[int] = 10  # s; five times what GitHub usually takes to see a push


@dataclass(frozen=True)
class Needs:
    """The pushed commit, and the evidence about it."""

    push: Push
    branch: Branch
    ticket: Ticket
    commit: Commit
    local_tests: LocalTests | Absent
    pre_commit: Hooks | Absent
    project: Project


def look(see: See, turn: Turn, params: Params, needs: Needs) -> PullRequest | None:
    """The branch's pull request where its head is the pushed commit; another commit's evidence is
    none."""
    pull = see.host.pull_for(needs.branch.name)
    if pull is None or pull.head_sha != needs.push.sha:
        return None
    # who has reviewed is no longer listed among those who were asked
    reviewed = [
        review.author for review in see.host.reviews(pull.number) if review.author != pull.author
    ]
    return PullRequest(
        number=pull.number,
        head_sha=pull.head_sha,
        base=pull.base,
        url=pull.url,
        title=pull.title,
        author=pull.author,
        state=f"{pull.state} (draft)" if pull.draft else pull.state,
        labels=pull.labels,
        reviewers=tuple(dict.fromkeys((*pull.reviewers, *reviewed))),
        evidence=headings(pull.body) if measured_on(pull.body) in ("", needs.push.sha) else (),
        screenshots=pictures(pull.body),
        no_screenshots=why_no_pictures(pull.body),
        merged=pull.merged,
    )


def _reviewers(repository: RepositoryReads, params: Params, needs: Needs) -> tuple[str, ...]:
    named = (
        code_owners(repository, needs.push.sha, needs.commit.files) if params.code_owners else ()
    )
    return tuple(dict.fromkeys((*params.reviewers, *named)))


def _body(tools: Tools, params: Params, needs: Needs) -> str:
    shown: tuple[Screenshot, ...] = ()
    problem, sha = "", needs.push.sha
    if params.screenshots:
        wanted = Wanted(
            params.screenshots, sha, f"{needs.ticket.key}/{sha[:12]}", params.preview_port_offset
        )
        shown, problem = take(
            Studio(tools.deploys, tools.web, tools.repository, tools.host), needs.project, wanted
        )
    tests = None if isinstance(needs.local_tests, Absent) else needs.local_tests
    hooks = None if isinstance(needs.pre_commit, Absent) else needs.pre_commit
    return body(PullEvidence(sha, needs.ticket, needs.commit.files, tests, hooks, shown, problem))


def _with_head(tools: Tools, params: Params, needs: Needs) -> HostPull | None:
    for _ in range(params.head_within_s):
        pull = tools.host.pull_for(needs.branch.name)
        if pull is not None and pull.head_sha == needs.push.sha:
            return pull
        tools.clock.sleep(1)
    return None


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Waiting | None:
    """Opens or edits it, labels it, and asks for reviews."""
    name, base = needs.branch.name, needs.branch.base
    tools.host.open_pull(name, base, title(needs.ticket), _body(tools, params, needs))
    pull = _with_head(tools, params, needs)
    if pull is None:
        return Waiting(
            for_=f"the code host to see {needs.push.sha[:7]} on {name}", type_next=("devflow ship",)
        )
    if params.labels:
        tools.host.label(pull.number, params.labels)
    if asked := tuple(
        login for login in _reviewers(tools.repository, params, needs) if login != pull.author
    ):
        tools.host.ask_review(pull.number, asked)
    return None


def judge(params: Params, product: PullRequest) -> tuple[Check, ...]:
    """Open (or merged), labelled, and carrying its evidence."""
    source, done, asked = product.url, product.merged, ", ".join(product.reviewers)
    carries, missing = ALWAYS <= set(product.evidence), sorted(
        set(params.labels) - set(product.labels)
    )
    labels = f"missing {', '.join(missing)}" if missing else ", ".join(product.labels)
    found = f"#{product.number} {product.title}, {'merged' if done else product.state}"
    checks = [
        Check(
            label="pull request",
            ok=done or product.state.startswith("open"),
            measured=found,
            source=source,
        ),
        Check(
            label="head",
            ok=True,
            measured=f"{product.head_sha[:7]} into {product.base}",
            source=source,
        ),
        Check(
            label="evidence",
            ok=done or carries,
            measured=", ".join(product.evidence),
            source=source,
        ),
        Check(
            label="labels",
            ok=done or not missing,
            measured=labels or "none asked for",
            source=source,
        ),
        Check(
            label="reviewers",
            ok=bool(asked) or None,
            measured=asked or "nobody asked",
            source=source,
            needed=False,
        ),
    ]
    for item in product.screenshots:
        size = f"{item.width_px}x{item.height_px}"
        checks.append(
            Check(label=f"{item.name} view", ok=True, measured=size, source=item.url, needed=False)
        )
    if product.no_screenshots:
        why = f"not measured: {product.no_screenshots}"
        checks.append(
            Check(label="screenshots", ok=None, measured=why, source=source, needed=False)
        )
    return tuple(checks)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The pull request, its labels, the people who are asked, and the pictures."""
    heading = (
        title(needs.ticket)
        if isinstance(needs.ticket, Ticket)
        else f"{needs.ticket.key} {needs.ticket.summary}"
    )
    people = ", ".join((*params.reviewers, *(("code owners",) if params.code_owners else ())))
    verbs = ("start", "switch", "down") if params.screenshots else ()
    writes = [Write(port="deploys", verb=verb, target="preview") for verb in verbs]
    writes += (
        [Write(port="repository", verb="push_files", target=REF)] if params.screenshots else []
    )
    target = f'"{heading}" {needs.push.sha[:7]} → {needs.branch.base}'
    writes.append(Write(port="host", verb="open_pull", target=target))
    if params.labels:
        writes.append(Write(port="host", verb="label", target=", ".join(params.labels)))
    if people:
        writes.append(Write(port="host", verb="ask_review", target=people))
    return Foreseen(
        tuple(writes), {"head_sha": needs.push.sha, "base": needs.branch.base, "title": heading}
    )


STEP = Step(
    name="pull_request",
    title="Pull request",
    params=Params,
    needs=Needs,
    makes=PullRequest,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    number=12,
    project_parts=("services", "version_path"),
)
