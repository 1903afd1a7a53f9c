"""Whether the base takes a pull request: what conflicts is reviewed in vain."""

import shlex
from typing import Iterator

from devflow.model.checks import Check, fact, measure, note
from devflow.model.command_line import command_line
from devflow.model.figures import absent, text
from devflow.model.review import PullRequest
from devflow.ports.clock import Clock
from devflow.ports.code_host import CodeHostReads


def await_trial_merge(host: CodeHostReads, clock: Clock, number: int, within_s: int) -> None:
    """Until the host knows what its trial merge comes to, which it makes when it is asked."""
    for _ in range(within_s):
        if host.conflicts(number) is not None:
            return
        clock.sleep(1)  # s


def trial_merge_checks(product: PullRequest) -> Iterator[Check]:
    """Whether the base takes it; of what is not open there is nothing to say."""
    if not product.state.startswith("open"):
        return
    base = product.base
    if product.conflicts is None:
        unknown = absent("not known yet: the code host has not tried the merge", "")
        yield note(measure("conflicts", f"merge into {base}", unknown, product.url))
        return
    outcome = text("without conflicts")
    if product.conflicts:
        pull = f"git pull --no-rebase {shlex.quote(product.remote)} {base}"
        outcome = text(f"conflicts: {pull}, mend and commit, then: {command_line('ship')}")
    yield fact(
        measure("conflicts", f"merge into {base}", outcome, product.url), not product.conflicts
    )
