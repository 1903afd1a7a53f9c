"""What can be said of every bundled step without loading its module.

Made from the steps by `make fix`, never by hand; a test holds it against them.
"""

from typing import Final, Mapping, NamedTuple


class StepLine(NamedTuple):
    """A step's module in this package, its place among the 29, its title, and whether the work
    before it is the machine's and it is a person's."""

    module: str
    number: int | None
    title: str
    hands_over: bool


INDEX: Final[Mapping[str, StepLine]] = {
    "ticket": StepLine("s01_ticket", 1, "JIRA ticket", False),
    "sprint_planning": StepLine("s02_sprint_planning", 2, "Sprint planning", False),
    "assignment": StepLine("s03_assignment", 3, "Assignment", False),
    "requirements": StepLine("s04_requirements", 4, "Requirements", False),
    "architecture": StepLine("s05_architecture", 5, "Architecture", False),
    "branch": StepLine("s06_branch", 6, "Branch", False),
    "coding": StepLine("s07_coding", 7, "Coding", True),
    "local_tests": StepLine("s08_local_tests", 8, "Local tests", False),
    "pre_commit": StepLine("s09_pre_commit", 9, "Pre-commit", False),
    "commit": StepLine("s10_commit", 10, "Commit", False),
    "push": StepLine("s11_push", 11, "Push", False),
    "pull_request": StepLine("s12_pull_request", 12, "Pull request", False),
    "code_review": StepLine("s13_code_review", 13, "Code review", False),
    "jira_sync": StepLine("s14_jira_sync", 14, "JIRA integration", False),
    "trigger": StepLine("s15_trigger", 15, "CI trigger", False),
    "quality": StepLine("s16_quality", 16, "Code quality", False),
    "backend_tests": StepLine("s17_backend_tests", 17, "Backend tests", False),
    "frontend_tests": StepLine("s18_frontend_tests", 18, "Frontend tests", False),
    "integration": StepLine("s19_integration", 19, "Integration tests", False),
    "images": StepLine("s20_images", 20, "Build images", False),
    "publish": StepLine("s21_publish", 21, "Publish images", False),
    "analysis": StepLine("s22_analysis", 22, "Image analysis", False),
    "smoke": StepLine("s23_smoke", 23, "Container smoke tests", False),
    "development": StepLine("s24_development", 24, "Deploy development", False),
    "production": StepLine("s25_production", 25, "Deploy production", False),
    "monitoring": StepLine("s26_monitoring", 26, "Monitoring", False),
    "closure": StepLine("s27_closure", 27, "Closure", False),
    "analytics": StepLine("s28_analytics", 28, "Analytics", False),
    "retrospective": StepLine("s29_retrospective", 29, "Retrospective", False),
    "shell": StepLine("shell", None, "Shell command", False),
    "suite": StepLine("suite", None, "Suite", False),
    "checks": StepLine("checks", None, "Checks of CI", False),
}
