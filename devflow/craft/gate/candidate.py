"""The version that a gate asks about, and the gate as that makes it."""

from dataclasses import dataclass

from devflow.craft.deploy.strategies.held import shares
from devflow.craft.gate.gate import Gate
from devflow.craft.gate.rules import GateRules, TimedReads
from devflow.craft.review.approvals import images_told
from devflow.model.change import Push
from devflow.model.environments import Environment
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Published
from devflow.model.review import HostPull
from devflow.ports.code_host import CodeHostReads


@dataclass(frozen=True)
class Candidate:
    """What an approval is asked for by ``entry``, with what is published of it, and
    what runs where it is to be brought; nothing runs where there ``is_nothing`` to deploy."""

    entry: str
    version: str
    push: Push
    publish: Published | Absent
    running: Environment | None
    is_nothing: bool = False

    def is_brought(self, pull: HostPull) -> bool:
        """Whether production has it, or gives it a part of the requests: then an approval has done
        its work, and only what a crash or a canary left is to be ended."""
        if not pull.merged or self.is_nothing:
            return pull.merged
        return self.version in shares(self.running)

    def gate(self, rules: GateRules, host: CodeHostReads, pull: HostPull) -> Gate:
        """The gate, at which time is no matter."""
        published = self.publish
        return Gate(
            name=self.entry,
            version=self.version,
            sha=self.push.sha,
            wanted=rules.approvals,
            roles=rules.heard,
            authors=rules.authors(host, pull),
            images=images_told(published.digests) if isinstance(published, Published) else "",
        )

    def gate_now(self, rules: GateRules, see: TimedReads, pull: HostPull) -> Gate:
        """The gate as it stands now. Raises as ``GateRules.asking`` does."""
        verdict = self.running.lifted(self.version) if self.running else None
        return rules.asking(self.gate(rules, see.host, pull), see, pull, verdict)


def of_merged(waiting: Waiting, pull: HostPull) -> Waiting:
    """The same wait; where somebody has merged the pull request meanwhile, that is said."""
    if not pull.merged:
        return waiting
    merged = f"of pull request #{pull.number}, which is merged already"
    return waiting.model_copy(update={"for_": f"{waiting.for_} {merged}"})
