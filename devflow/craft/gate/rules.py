"""What pipeline.yaml says of the gate before a release, and what is wrong with it before anybody is
asked."""

from typing import Mapping

from pydantic import Field

from devflow.craft.gate.gate import Gate, refuse_unsatisfiable
from devflow.craft.gate.opening import Opening
from devflow.craft.gate.window import Window
from devflow.craft.remembered import last_product
from devflow.model.bounds.numbers import Few, HoursOrNone
from devflow.model.bounds.words import Login, Name
from devflow.model.review import HostPull, PullRequest
from devflow.model.values import Limit, Value
from devflow.ports.clock import Clock
from devflow.ports.code_host import CodeHostReads
from devflow.ports.journal import History


class GateRules(Value):
    """Who approves, for how long that counts, and when the gate may open."""

    approvals: dict[Name, Few] = Field(
        default={"devops": 1, "product_owner": 1, "security": 1},
        description='how many of each role; reference step 25, "Approval Required"',
    )
    roles: dict[Name, tuple[Login, ...]] = Field(
        default={}, description="the logins that have each role"
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

    @property
    def excludes_authors(self) -> bool:
        """Whether the word of who wrote the change is no approval of it."""
        return any(self.approvals.values()) and not self.self_approval

    def authors(self, host: CodeHostReads, pull: HostPull) -> tuple[str, ...]:
        """Whose approval does not count."""
        return host.authors(pull.number) if self.excludes_authors else ()

    def timed(self, gate: Gate, clock: Clock) -> Gate:
        """The gate as it stands now."""
        return gate.model_copy(update={"expire_h": self.approvals_expire_h, "now": clock.now()})

    def opening(self, gate: Gate) -> Opening:
        """The gate in its window."""
        return Opening(gate, self.window)

    @property
    def override(self) -> Mapping[str, int]:
        """The one more approval that does without the window, where the file names a role."""
        role = self.window.override if self.window else ""
        return {role: 1} if role else {}


def refuse(rules: GateRules) -> None:
    """Raises ``PipelineInvalid`` where a role has fewer accounts than it has to give approvals, and
    for a window that never opens."""
    refuse_unsatisfiable(rules.approvals, rules.roles)
    if rules.window is not None:
        rules.window.refuse_empty()
    refuse_unsatisfiable(rules.override, rules.roles)


def refuse_authors_alone(rules: GateRules, history: History, host: CodeHostReads, key: str) -> None:
    """Raises ``PipelineInvalid`` where only who writes the change could approve it: who opened the
    pull request, else whose token opens it."""
    if not rules.excludes_authors:
        return
    pull = last_product(history, key, "pull_request", PullRequest)
    if pull is not None:
        refuse_unsatisfiable(rules.approvals, rules.roles, [pull.author])
    elif not history.events(key):
        # another runner may have opened one for a run that has begun
        refuse_unsatisfiable(rules.approvals, rules.roles, [host.me()])
