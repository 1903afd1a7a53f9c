"""What GitHub guards a branch by: rules of rulesets and the older protection, of which a token may
see one, both or none.

What may not be seen is named among the rules, so that nobody takes the branch for open.
"""

from typing import Callable, Final, TypeVar
from urllib.parse import quote

from github.GithubException import GithubException

from devflow.adapters.github import answers
from devflow.adapters.github.client import GithubClient, explained, fault_in
from devflow.model.review import Protection

T = TypeVar("T")
UNSEEN_RULES: Final = "rules that this token may not see"
UNSEEN_PROTECTION: Final = "protected by rules that this token may not see"


def protection_of(client: GithubClient, name: str) -> Protection | None:
    """The branch's protection and the rules that hold for it, ``None`` without either."""
    branch = quote(name, safe="")
    names: list[str] = []
    rules = _seen(lambda: _rules(client, branch))
    if isinstance(rules, GithubException):
        # GitHub Enterprise before 3.11 has no rules, which it says with 404
        names = [UNSEEN_RULES] if rules.status == 403 else []
        rules = []
    names.extend(rule.type for rule in rules)
    approvals = [rule.parameters.required_approving_review_count for rule in rules]
    checks: list[str] = []
    for rule in rules:
        checks.extend(check.context for check in rule.parameters.required_status_checks)
    path = f"/branches/{branch}/protection"
    answer = _seen(lambda: client.read(answers.ProtectionAnswer, path))
    if isinstance(answer, GithubException):
        if "not protected" not in explained(answer).lower() and _is_protected(client, branch):
            names.append(UNSEEN_PROTECTION)
    else:
        names.extend(answer.switched_on or ("protected",))
        approvals.append(answer.required_pull_request_reviews.required_approving_review_count)
        checks.extend(answer.required_status_checks.contexts)
    if not names:
        return None
    return Protection(
        required_approvals=max(approvals, default=0),
        required_checks=tuple(dict.fromkeys(checks)),
        rules=tuple(names),
    )


def _seen(read: Callable[[], T]) -> T | GithubException:
    """What is read, or GitHub's answer that it is not there for this token; a pause that it asks
    for is none, whatever its status."""
    try:
        return read()
    except GithubException as error:
        if error.status not in (403, 404) or fault_in(error):
            raise
        return error


def _rules(client: GithubClient, branch: str) -> list[answers.Rule]:
    rules: list[answers.Rule] = []
    for page in client.pages(tuple[answers.Rule, ...], f"/rules/branches/{branch}"):
        rules.extend(page)
    return rules


def _is_protected(client: GithubClient, branch: str) -> bool:
    return client.read(answers.BranchAnswer, f"/branches/{branch}").protected
