"""What pipeline.yaml says of the gate before a release, and what is wrong with it before anybody is
asked."""

from typing import Iterable, Mapping, Protocol, Self

from pydantic import Field, model_validator

from devflow.craft.evidence import plan_write
from devflow.craft.gate.forum import Forum
from devflow.craft.gate.gate import Gate, refuse_unsatisfiable
from devflow.craft.gate.opening import Opening
from devflow.craft.gate.people import SERVICES, Accounts, Ask, People, not_told_apart
from devflow.craft.gate.window import Window
from devflow.craft.remembered import last_product
from devflow.model.bounds.numbers import Few, HoursOrNone
from devflow.model.bounds.words import Member, Name
from devflow.model.environments import Verdict
from devflow.model.errors import PipelineInvalid
from devflow.model.outcomes import Write
from devflow.model.review import HostPull, PullRequest
from devflow.model.values import Limit, Value
from devflow.ports.clock import Clock
from devflow.ports.code_host import CodeHostReads
from devflow.ports.journal import History
from devflow.ports.tracker import TrackerReads


class TimedReads(Protocol):
    """What a gate that asks now reads."""

    @property
    def host(self) -> CodeHostReads:
        """Who wrote the change."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...


class GateRules(Value):
    """Who approves, for how long that counts, and when the gate may open."""

    approvals: dict[Name, Few] = Field(
        default={"devops": 1, "product_owner": 1, "security": 1},
        description="how many of each role",
    )
    roles: dict[Name, tuple[Member, ...]] = Field(
        default={},
        description="who has each role: names of people:, or logins (accounts of JIRA, where only "
        "that is asked)",
    )
    ask: Ask = Field(
        default="github",
        description="where a word counts: in the pull request's conversation (github), in the "
        "ticket's comments (jira), or in either (both); docs/gates.md",
    )
    people: dict[Name, Accounts] = Field(
        default={},
        description="a person's accounts, as {dee: {github: dee-dev, jira: 5b10ac8d82e05b22cc7d}}; "
        "where JIRA is asked, of everybody who writes changes",
    )
    self_approval: bool = Field(
        default=False,
        description="whether who opened the pull request or wrote a commit of it may approve it: "
        "for a team of one",
    )
    approvals_expire_h: Limit[HoursOrNone] = Field(
        default=0,
        description="hours after which an approval does not count any more, unless production was "
        "brought before; 0 is never",
    )
    must_have_previous: Limit[bool] = Field(
        default=True,
        description="whether the registry must still have all of the images of the version that a "
        "rollback goes back to, where it was deployed with images",
    )
    window: Limit[Window | None] = Field(
        default=None,
        description='when it may be brought, as {days: [mon-thu], from: "09:00", to: "16:00", '
        "zone: Europe/Berlin, override: devops}; outside it the gate waits, whoever has approved "
        "(docs/gates.md)",
    )

    @model_validator(mode="after")
    def _one_account_one_person(self) -> Self:
        problem = not_told_apart(self.people)
        if problem:
            raise ValueError(problem)
        return self

    @property
    def asked_people(self) -> People:
        """Who is who where it is asked."""
        return People(ask=self.ask, accounts=self.people)

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """The people of each role, each once."""
        people = self.asked_people
        members = {}
        for role, named in self.roles.items():
            members[role] = tuple(dict.fromkeys(people.named(one) for one in named))
        return members

    @property
    def heard(self) -> dict[str, tuple[str, ...]]:
        """Those of each role who have an account where it is asked."""
        may_speak = self.asked_people.may_speak
        return {role: tuple(filter(may_speak, every)) for role, every in self.members.items()}

    @property
    def excludes_authors(self) -> bool:
        """Whether the word of who wrote the change is no approval of it."""
        return any(self.approvals.values()) and not self.self_approval

    def authors(self, host: CodeHostReads, pull: HostPull) -> tuple[str, ...]:
        """Whose approval does not count."""
        return self.known(host.authors(pull.number)) if self.excludes_authors else ()

    def known(self, logins: Iterable[str]) -> tuple[str, ...]:
        """Who has these logins on GitHub."""
        people = self.asked_people
        return tuple(people.by("github", login) for login in logins)

    def forum(self, pull: HostPull, key: str) -> Forum:
        """Where it asks; ``key`` is the ticket."""
        return Forum(people=self.asked_people, pull=pull, key=key)

    def foreseen(self, commit: str) -> tuple[Write, ...]:
        """What the gate will write for the approvals of a commit."""
        if "jira" not in self.asked_people.asked or not any(self.approvals.values()):
            return ()
        return (plan_write("tracker", "comment", f"asking for approvals of {commit}"),)

    def merge_foreseen(self, pull: str, commit: str, base: str) -> tuple[Write, ...]:
        """What it will write for the approvals, and the merge once they are there."""
        opening = f", in the window {self.window}" if self.window else ""
        merge = f"{pull} at {commit}, once the roles have approved{opening}"
        return (
            *self.foreseen(commit),
            plan_write("repository", "fetch", f"{base}, to compare and to deploy"),
            plan_write("host", "merge", merge),
        )

    def asking(
        self, gate: Gate, see: TimedReads, pull: HostPull, verdict: Verdict | None = None
    ) -> Gate:
        """The gate as it stands now; of a version with a ``verdict`` that is brought again on
        purpose, a yes counts that was said since. Raises ``PipelineInvalid`` where JIRA is asked
        and it is not said who an author is there: their own yes could not be told from another's.
        """
        if "jira" in self.asked_people.asked:
            _refuse_unknown(self, see.host.authors(pull.number))
        now = see.clock.now()
        since = verdict.at if verdict else None
        return gate.model_copy(
            update={"expire_h": self.approvals_expire_h, "now": now, "since": since}
        )

    def opening(self, gate: Gate) -> Opening:
        """The gate in its window."""
        return Opening(gate, self.window)

    @property
    def override(self) -> Mapping[str, int]:
        """The one more approval that does without the window, where the file names a role."""
        role = self.window.override if self.window else ""
        return {role: 1} if role else {}


def refuse(rules: GateRules) -> None:
    """Raises ``PipelineInvalid`` where a role has fewer people who can be heard than it has to give
    approvals, and for a window that never opens."""
    _refuse_mute(rules, rules.approvals)
    refuse_unsatisfiable(rules.approvals, rules.heard)
    if rules.window is not None:
        rules.window.refuse_empty()
    _refuse_mute(rules, rules.override)
    refuse_unsatisfiable(rules.override, rules.heard)


def _refuse_mute(rules: GateRules, wanted: Mapping[str, int]) -> None:
    """Raises ``PipelineInvalid`` for a role that would have enough people if each of them had an
    account where it is asked."""
    for role, count in wanted.items():
        every = rules.members.get(role, ())
        mute = [one for one in every if not rules.asked_people.may_speak(one)]
        if len(every) - len(mute) < count <= len(every):
            who = ", ".join(mute)
            problem = f"{role} is asked on {_asked_words(rules)}, where {who} has no account"
            hint = f"people: {{{mute[0]}: {{{rules.ask}: ACCOUNT}}}}, or ask: both"
            raise PipelineInvalid(problem, hint=hint, parameter=("roles", role))


def _asked_words(rules: GateRules) -> str:
    return " and ".join(SERVICES[service] for service in rules.asked_people.asked)


def _refuse_unknown(rules: GateRules, logins: Iterable[str]) -> None:
    """Raises ``PipelineInvalid`` where who wrote the change may have an account on JIRA that nobody
    can tell from other people's."""
    if not rules.excludes_authors:
        return
    for login in rules.asked_people.unknown(logins):
        problem = (
            f"{login} wrote the change, and it is not said who that is on JIRA, where it is "
            "asked: nobody approves their own"
        )
        hint = (
            f"people: {{NAME: {{github: {login}, jira: ACCOUNT}}}}, without jira: where they have "
            "none; alone: self_approval: true"
        )
        raise PipelineInvalid(problem, where="pipeline.yaml", hint=hint, parameter=("ask",))


def refuse_authors_alone(rules: GateRules, history: History, host: CodeHostReads, key: str) -> None:
    """Raises ``PipelineInvalid`` where only who writes the change could approve it: who opened the
    pull request, else whose token opens it."""
    if not rules.excludes_authors:
        return
    pull = last_product(history, key, "pull_request", PullRequest)
    if pull is not None:
        _refuse_author(rules, pull.author)
    elif not history.events(key):
        # another runner may have opened one for a run that has begun
        _refuse_author(rules, host.me())


def unseen(rules: GateRules, tracker: TrackerReads) -> tuple[str, ...]:
    """A sentence for each account of JIRA that is asked and that the site does not show, or shows
    as closed. No refusal: it says the same of accounts that this token may not look up."""
    if "jira" not in rules.asked_people.asked:
        return ()
    wanted = {role for role, count in {**rules.approvals, **rules.override}.items() if count}
    every = {one: role for role in sorted(wanted) for one in rules.heard.get(role, ())}
    sentences = []
    for person, role in every.items():
        account = rules.asked_people.account(person)
        if not account:
            continue
        found = tracker.person(account)
        problem = "shows no such account to this token" if found is None else "has closed it"
        if found is None or not found.active:
            sentences.append(f"{role} is asked of {person}, JIRA account {account}: JIRA {problem}")
    return tuple(sentences)


def _refuse_author(rules: GateRules, login: str) -> None:
    _refuse_unknown(rules, [login])
    refuse_unsatisfiable(rules.approvals, rules.heard, rules.known([login]))
