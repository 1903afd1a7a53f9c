"""The evidence lines of a commit: what was refused, what it does to APIs, which tree it has, and
how its message is."""

from typing import Final

from devflow.craft.api.change import api_checks, keeps_from_committing
from devflow.craft.commit.message import MAX_SUBJECT, Style
from devflow.craft.evidence import distinct, numbered
from devflow.craft.quality.hook_lines import HOOK_EVIDENCE, hook_checks, manager_checks
from devflow.craft.tree.lines import LINE_EVIDENCE, all_files
from devflow.model.change import Commit
from devflow.model.checks import Check, fact, measure, missing, note, wanted
from devflow.model.command_line import command_line
from devflow.model.figures import Figure, absent, commit, finding, text, tree
from devflow.model.wording import short_sha

COMMIT_EVIDENCE: Final = {
    "refused": "what must not be committed, about its place",
    "commit": "the commit and its subject",
    "tree": "the commit's tree, and what passed on it before",
    "message": "the subject of a message that breaks no rule",
    "message_fault": "a rule that the message breaks, about its number",
    **LINE_EVIDENCE,
    **HOOK_EVIDENCE,
    "message_hooks": "why it is not known what the hooks for messages say",
    "breaking": "that the message says that something no longer works",
}
"""Which evidence there is of a commit, by id."""


def commit_checks(made: Commit, style: Style, *, enforced: bool) -> tuple[Check, ...]:
    """Every line; ``enforced``: a message that breaks a rule fails."""
    lines = _refused_checks(made.refused)
    lines += api_checks(made)
    lines += _hook_checks(made)
    if not made.sha:
        return (*lines, _none_made(made))
    proofs = f"as {' and '.join(made.proofs)}" if made.proofs else ""
    tree_id = tree(made.tree, proofs)
    sha = commit(made.sha, made.subject)
    files, parts = all_files("files", made.files, "git diff against the base")
    lines += [
        fact(measure("commit", "commit", sha, "git log -1"), True),
        fact(measure("tree", "tree", tree_id, "git rev-parse HEAD^{tree}"), True),
        *_message_checks(made, style, enforced),
        fact(files, True),
        *parts,
    ]
    if made.breaking:
        said = text("said so")
        lines.append(note(measure("breaking", "breaking change", said, "git log -1")))
    return tuple(lines)


def _none_made(made: Commit) -> Check:
    # where nothing is wrong yet, something could not be measured: no reason to call the commit
    # failed
    is_unmeasured = any(one.problem for one in made.api)
    is_refused = any(hook.outcome == "failed" for hook in made.hooks)
    is_wrong = made.refused or is_refused or (keeps_from_committing(made) and not is_unmeasured)
    source = f"tree {short_sha(made.tree)}"
    none = measure("commit", "commit", text("none made"), source)
    return fact(none, False if is_wrong else None)


def _hook_checks(made: Commit) -> list[Check]:
    lines = list(hook_checks(made.hooks, "message"))
    if made.hook_problem:
        problem = absent(made.hook_problem)
        lines.append(missing(measure("message_hooks", "message hooks", problem, "message")))
    return [*lines, *manager_checks(made.managers)]


def _refused_checks(reasons: tuple[str, ...]) -> list[Check]:
    places = [reason.split(" ")[0] for reason in reasons]
    checks = []
    for about, place, reason in zip(distinct(places), places, reasons):
        words = f"{reason}; take it out, then: {command_line('ship')}"
        refused = measure("refused", "refused", _at(place, words), place, about=about)
        checks.append(fact(refused, False))
    return checks


def _at(place: str, words: str) -> Figure:
    path, _, line = place.rpartition(":")
    return finding(words, path, int(line)) if path and line.isdecimal() else text(words)


def _message_checks(made: Commit, style: Style, enforced: bool) -> list[Check]:
    label = "Conventional Commits"
    form = "type: KEY text"
    if style == "plain":
        label = "message"
        form = "KEY text"
    rules = wanted(f"{form}, at most {MAX_SUBJECT} characters, Closes KEY")
    if made.by_git:
        subject = text("git's own words, for which no rule is")
        return [note(measure("message", label, subject, "git log -1"))]
    if not made.faults:
        subject = text(made.subject)
        return [fact(measure("message", label, subject, "git log -1"), True, rules)]
    checks = []
    for fault in numbered("message_fault", label, made.faults, "git log -1"):
        checks.append(fact(fault, False, rules) if enforced else note(fault, rules))
    return checks
