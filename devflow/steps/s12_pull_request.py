"""Step 12, pull request: found or opened for the pushed commit, with a text rendered from what this
run measured.

The code host sees a push a moment after git does, so that the head commit is waited for before
anything is read back.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterable, Iterator, Mapping

from pydantic import Field

from devflow.craft.evidence import plan_write
from devflow.craft.examine import services
from devflow.craft.remembered import has_meant
from devflow.craft.review.asked import owners_checks, owners_facts, owners_on_base
from devflow.craft.review.code_owners import CodeOwners, to_ask
from devflow.craft.review.pictures import REF, Studio, Wanted, picture_checks, take
from devflow.craft.review.pull_text import (
    PullEvidence,
    body,
    headings,
    measured_on,
    pictures,
    section,
    title,
    why_no_pictures,
)
from devflow.craft.review.template import template_of
from devflow.craft.ticket.comments import (
    STRANGERS_EVIDENCE,
    marked_comment,
    strangers,
    strangers_checks,
)
from devflow.craft.tree.trial_merge import await_trial_merge, trial_merge_checks
from devflow.model.bounds.numbers import PortOffset, WholeSeconds
from devflow.model.bounds.references import ExistingPathOrNone, ServiceNameOrNone
from devflow.model.bounds.words import Label, Login
from devflow.model.change import Branch, Commit, Hooks, LocalTests, Push
from devflow.model.checks import Check, fact, measure, shown
from devflow.model.ci import CommandResult
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import Rejected, StepFailed
from devflow.model.figures import commit, names, text
from devflow.model.outcomes import Absent, Foreseen, Needed, Waiting
from devflow.model.planning import Ticket
from devflow.model.review import HostPull, PullRequest, Screenshot
from devflow.model.values import Limit, Value
from devflow.model.wording import short_sha, short_version
from devflow.ports.around import Around
from devflow.ports.code_host import CodeHostReads
from devflow.ports.repository import RepositoryReads
from devflow.step import See, Step, Tools, Turn

ALWAYS: Final = frozenset(("Summary", "Changes"))  # headings that every text has


class Params(Value):
    """Who is asked, what it is labelled with, and what is pictured."""

    template: ExistingPathOrNone = Field(
        default="",
        description="the template that our section follows; without it the one that GitHub takes",
    )
    labels: tuple[Label, ...] = Field(
        default=("devflow",), description="the labels that the pull request gets"
    )
    reviewers: tuple[Login, ...] = Field(
        default=(), description="logins that are asked for a review"
    )
    code_owners: bool = Field(
        default=True, description="also asks whom CODEOWNERS names on the base branch"
    )
    screenshots: ServiceNameOrNone = Field(
        default="", description="the service whose page is pictured; empty for no pictures"
    )
    preview_port_offset: Limit[PortOffset] = Field(
        default=300, description="added to a service's port while its page is pictured"
    )
    head_within_s: Limit[WholeSeconds] = Field(
        default=10,
        description="seconds; five times what GitHub usually takes to see a push, and as long again"
        " for its trial merge",
    )


@dataclass(frozen=True)
class Needs:
    """The pushed commit, and the evidence about it."""

    push: Push
    branch: Branch
    ticket: Ticket
    commit: Commit
    local_tests: LocalTests | Absent
    pre_commit: Hooks | Absent
    commands: Mapping[str, CommandResult | Absent]
    project: Project


def look(see: See, turn: Turn, params: Params, needs: Needs) -> PullRequest | None:
    """The branch's pull request where its head is the pushed commit; another commit's evidence is
    none."""
    sha = needs.push.sha
    pull = see.host.pull_for(needs.branch.name)
    if pull is None or pull.head_sha != sha:
        return None
    told = _told(see.host, turn, pull)
    # a text that a person wrote says no commit, and counts for this one
    is_of_this_commit = measured_on(told.text) in ("", sha)
    evidence = headings(told.text) if is_of_this_commit else ()
    return PullRequest(
        number=pull.number,
        head_sha=pull.head_sha,
        base=pull.base,
        url=pull.url,
        title=pull.title,
        author=pull.author,
        state=_state(pull, needs.branch.base),
        labels=pull.labels,
        reviewers=_reviewers(see.host, pull),
        **_owners_facts(see, params, needs, pull),
        evidence=evidence,
        screenshots=pictures(told.text),
        no_screenshots=why_no_pictures(told.text),
        merged=pull.merged,
        merged_elsewhere=pull.merged and not has_meant(see.history, turn.run, "merge"),
        conflicts=see.host.conflicts(pull.number),
        remote=see.repository.remote_name(),
        text_url=told.url,
        strangers=told.strangers,
    )


def _state(pull: HostPull, base: str) -> str:
    if pull.base != base and not pull.merged:
        return f"into {pull.base} instead of {base}"
    return f"{pull.state} (draft)" if pull.draft else pull.state


@dataclass(frozen=True)
class _Told:
    """The text that carries the evidence, where it stands if not in the pull request, and who else
    left its mark."""

    text: str
    url: str = ""
    strangers: tuple[str, ...] = ()


def _told(host: CodeHostReads, turn: Turn, pull: HostPull) -> _Told:
    """What somebody else opened stays as they wrote it: our text is a comment there."""
    if pull.hand != "stranger":
        return _Told(section(pull.body, turn.mark("open_pull")))
    mark = turn.mark("open_pull")
    comments = host.comments(pull.number)
    others = list(strangers(comments, mark))
    if mark.editable in pull.body:
        others.insert(0, pull.author)
    comment = marked_comment(comments, mark)
    if comment is None:
        return _Told("", strangers=_without_repeats(others))
    return _Told(comment.body, comment.url, _without_repeats(others))


def _reviewers(host: CodeHostReads, pull: HostPull) -> tuple[str, ...]:
    """Who was asked: who has reviewed is no longer listed among them."""
    logins = [*pull.reviewers, *pull.teams]
    for review in host.reviews(pull.number):
        if review.author != pull.author:
            logins.append(review.author)
    return _without_repeats(logins)


def _without_repeats(logins: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(logins))


def _owners(repository: RepositoryReads, params: Params, needs: Needs) -> CodeOwners:
    if not params.code_owners:
        return CodeOwners()
    return owners_on_base(repository, needs.branch, needs.commit.files)


def _owners_facts(see: See, params: Params, needs: Needs, pull: HostPull) -> dict[str, Any]:
    # of what is merged nobody is asked any more
    if pull.merged:
        return {}
    return owners_facts(see.host, _owners(see.repository, params, needs), pull)


def _to_ask(tools: Tools, params: Params, needs: Needs, author: str) -> tuple[str, ...]:
    """Whom the parameters and CODEOWNERS name, without the author."""
    named = _owners(tools.repository, params, needs).owners
    logins = (*params.reviewers, *to_ask(tools.host, named, author))
    return _without_repeats(login for login in logins if login != author)


def _body(tools: Tools, params: Params, needs: Needs) -> str:
    ticket = needs.ticket
    sha = needs.push.sha
    screenshots: tuple[Screenshot, ...] = ()
    problem = ""
    if params.screenshots:
        folder = f"{ticket.key}/{short_version(sha)}"
        wanted = Wanted(params.screenshots, sha, folder, params.preview_port_offset)
        studio = Studio(tools.deploys, tools.web, tools.repository, tools.shell, tools.host)
        screenshots, problem = take(studio, needs.project, wanted)
    tests = None if isinstance(needs.local_tests, Absent) else needs.local_tests
    hooks = None if isinstance(needs.pre_commit, Absent) else needs.pre_commit
    files = needs.commit.files
    commands = needs.commands
    return body(PullEvidence(sha, ticket, files, tests, hooks, screenshots, problem, commands))


def _with_head(tools: Tools, params: Params, needs: Needs) -> HostPull | None:
    for _ in range(params.head_within_s):
        pull = tools.host.pull_for(needs.branch.name)
        if pull is not None and pull.head_sha == needs.push.sha:
            return pull
        tools.clock.sleep(1)  # s; hosts take about two
    return None


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Waiting | None:
    """Opens or edits it, labels it, and asks for reviews.

    Raises ``Rejected`` where a person has closed it, which is a no until somebody begins anew on
    purpose, and ``StepFailed`` where it is to be merged elsewhere.
    """
    host = tools.host
    name = needs.branch.name
    known = host.pull_for(name)
    if known is not None and not known.merged:
        if known.state == "closed" and not turn.again:
            raise _refused(known, turn.entry)
        _refuse_other_base(known, needs.branch.base)
    branch = needs.branch
    template = template_of(tools.repository, branch.base_sha, params.template)
    text_ = _body(tools, params, needs)
    host.open_pull(name, branch.base, title(needs.ticket), text_, template)
    pull = _with_head(tools, params, needs)
    if pull is None:
        host_sight = f"the code host to see {short_sha(needs.push.sha)} on {name}"
        return Waiting(for_=host_sight, type_next=(command_line("ship"),))
    if params.labels:
        host.label(pull.number, params.labels)
    logins = _to_ask(tools, params, needs, pull.author)
    if logins:
        host.ask_review(pull.number, logins)
    await_trial_merge(host, tools.clock, pull.number, params.head_within_s)
    return None


def _refused(pull: HostPull, entry: str) -> Rejected:
    problem = f"pull request #{pull.number} was closed without being merged"
    hint = f"{command_line('ship', again=entry)} opens another; one that is reopened goes on"
    return Rejected(problem, where=pull.url, hint=hint)


def _refuse_other_base(pull: HostPull, base: str) -> None:
    """Raises ``StepFailed`` where somebody has aimed an open pull request at another branch."""
    if pull.state == "open" and pull.base != base:
        problem = f"pull request #{pull.number} is to be merged into {pull.base}, not into {base}"
        hint = f"set its base to {base} on its page, then: {command_line('ship')}"
        raise StepFailed(problem, where=pull.url, hint=hint)


def judge(params: Params, product: PullRequest) -> tuple[Check, ...]:
    """Open (or merged), free of conflicts, labelled, and carrying its evidence."""
    url = product.url
    is_merged = product.merged
    is_open = product.state.startswith("open")
    state = "merged" if is_merged else product.state
    if product.merged_elsewhere:
        state = "merged, and not by this run"
    pull = text(f"#{product.number} {product.title}, {state}")
    head = commit(product.head_sha, f"into {product.base}")
    # the other headings stand only where there was something to say
    has_evidence = ALWAYS <= set(product.evidence)
    evidence_url = product.text_url or url
    headings_ = measure("evidence", "evidence", names(product.evidence), evidence_url)
    reviewers = names(product.reviewers) if product.reviewers else text("nobody asked")
    asked = measure("reviewers", "reviewers", reviewers, url)
    lines = [
        fact(measure("pull_request", "pull request", pull, url), is_merged or is_open),
        fact(measure("head", "head", head, url), True),
        *trial_merge_checks(product),
        fact(headings_, is_merged or has_evidence),
        _labels(params, product),
        shown(asked, bool(product.reviewers)),
        *strangers_checks(product.strangers, url),
    ]
    return (*lines, *owners_checks(product), *picture_checks(product))


def _labels(params: Params, product: PullRequest) -> Check:
    lacking = sorted(set(params.labels) - set(product.labels))
    labels = names(product.labels) if product.labels else text("none asked for")
    if lacking:
        labels = text(f"missing {', '.join(lacking)}")
    is_labelled = product.merged or not lacking
    return fact(measure("labels", "labels", labels, product.url), is_labelled)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """What takes the pictures."""
    yield from services.browser(around, params.screenshots)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The pull request, its labels, the people who are asked, and the pictures."""
    ticket = needs.ticket
    sha = needs.push.sha
    base = needs.branch.base
    heading = f"{ticket.key} {ticket.summary}"
    if isinstance(ticket, Ticket):
        heading = title(ticket)
    writes = []
    if params.screenshots:
        for verb in ("prepare", "scale", "share", "down"):
            writes.append(plan_write("deploys", verb, "preview"))
        writes.append(plan_write("repository", "push_files", REF))
    target = f'"{heading}" {short_sha(sha)} → {base}'
    writes.append(plan_write("host", "open_pull", target))
    if params.labels:
        writes.append(plan_write("host", "label", ", ".join(params.labels)))
    people = list(params.reviewers)
    if params.code_owners:
        people.append("code owners")
    if people:
        writes.append(plan_write("host", "ask_review", ", ".join(people)))
    return Foreseen(tuple(writes), {"head_sha": sha, "base": base, "title": heading})


STEP = Step(
    name="pull_request",
    title="Pull request",
    params=Params,
    needs=Needs,
    makes=PullRequest,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    look=look,
    begins_anew=True,
    number=12,
    project_parts=("services", "version_path"),
    evidence={
        "pull_request": "the pull request and its state",
        "head": "the commit that it asks to merge",
        "conflicts": "whether its base takes it",
        "evidence": "the headings of its text",
        "labels": "its labels",
        "reviewers": "who was asked",
        "not_asked": "why a code owner is not asked, about who it is",
        "code_owners": "what of CODEOWNERS is not valid",
        "view": "a picture of the page, about its name",
        "views": "why there is no picture",
        **STRANGERS_EVIDENCE,
    },
)
