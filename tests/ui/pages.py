"""A plan, and a page of the step reference, for every screen that shows them."""

from devflow.model.outcomes import TakenUp, Write
from devflow.ui.outline import ParamLine, PlannedEntry, StepPage

BRANCH = "SCRUM-95-add-tabbed-interface from main (4be1c07), push with upstream"
TITLE = '"SCRUM-95 Add tabbed interface for car price forms" ‹push.sha› → main'
PLANNED = (
    PlannedEntry(1, "ticket", "Ticket", "planning", "stands"),
    PlannedEntry(
        6,
        "branch",
        "Branch",
        "development",
        "to do",
        (Write(port="repository", verb="push_branch", target=BRANCH),),
    ),
    PlannedEntry(9, "pre_commit", "Hooks", "development", "to do"),
    PlannedEntry(
        10,
        "commit",
        "Commit",
        "development",
        "to do",
        (Write(port="repository", verb="commit", target='SCRUM-95 "feat: SCRUM-95 add tabs"'),),
        takes=(
            TakenUp(path="services/frontend/page.py"),
            TakenUp(path="carprice.egg-info/PKG-INFO", is_untracked=True),
        ),
    ),
    PlannedEntry(
        12,
        "pull_request",
        "Pull request",
        "review",
        "to do",
        (
            Write(port="host", verb="open_pull", target=TITLE),
            Write(port="host", verb="request_review", target="tech-lead, frontend-dev"),
            Write(port="tracker", verb="link", target="SCRUM-95 to the pull request"),
        ),
    ),
    PlannedEntry(16, "quality", "Quality", "ci", "unknown", why="foresee decided by ‹push.sha›"),
    PlannedEntry(
        None,
        "licences",
        "Licences",
        "ci",
        "to do",
        (Write(port="shell", verb="act", target="pip-licenses"),),
    ),
)
PAGE = StepPage(
    16,
    "quality",
    "Code quality",
    "ci",
    "Runs black and flake8 under each interpreter.\nA missing interpreter is never passed.",
    (("push", "Push"), ("trigger", "Trigger")),
    "Quality",
    (
        ParamLine(
            "pythons",
            "tuple[str, ...]",
            '["3.9", "3.11"]',
            False,
            "interpreters of the matrix",
        ),
        ParamLine("max_complexity", "int", "10", True, "McCabe"),
    ),
    "pythons are interpreters of this machine.",
    sends_back_to="coding",
)
