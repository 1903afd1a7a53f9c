"""devflow: one run per ticket, from the JIRA ticket to the retrospective.

A step of one's own is written with the names below: `from devflow import Step, Value, Check`.
Importing the package loads none of their modules; each is loaded when its name is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from devflow.model.change import Branch as Branch
    from devflow.model.change import Coding as Coding
    from devflow.model.change import Commit as Commit
    from devflow.model.change import Push as Push
    from devflow.model.checks import Check as Check
    from devflow.model.ci import SuiteReport as SuiteReport
    from devflow.model.errors import AccessDenied as AccessDenied
    from devflow.model.errors import StepFailed as StepFailed
    from devflow.model.errors import Unavailable as Unavailable
    from devflow.model.errors import UsageError as UsageError
    from devflow.model.outcomes import Absent as Absent
    from devflow.model.outcomes import Foreseen as Foreseen
    from devflow.model.outcomes import SendBack as SendBack
    from devflow.model.outcomes import Waiting as Waiting
    from devflow.model.outcomes import Write as Write
    from devflow.model.planning import Ticket as Ticket
    from devflow.model.project import Project as Project
    from devflow.model.release import Deployment as Deployment
    from devflow.model.release import Production as Production
    from devflow.model.review import PullRequest as PullRequest
    from devflow.model.values import Fact as Fact
    from devflow.model.values import Limit as Limit
    from devflow.model.values import Value as Value
    from devflow.ports.shell import Command as Command
    from devflow.step import GateAnswer as GateAnswer
    from devflow.step import Headline as Headline
    from devflow.step import See as See
    from devflow.step import Step as Step
    from devflow.step import Tools as Tools
    from devflow.step import Turn as Turn

VERSION: Final = "0.2.0"

# every public name and its module; the floors test follows this table
EXPORTS: Final = {
    "Absent": "devflow.model.outcomes",
    "AccessDenied": "devflow.model.errors",
    "Branch": "devflow.model.change",
    "Check": "devflow.model.checks",
    "Coding": "devflow.model.change",
    "Command": "devflow.ports.shell",
    "Commit": "devflow.model.change",
    "Deployment": "devflow.model.release",
    "Fact": "devflow.model.values",
    "Foreseen": "devflow.model.outcomes",
    "GateAnswer": "devflow.step",
    "Headline": "devflow.step",
    "Limit": "devflow.model.values",
    "Production": "devflow.model.release",
    "Project": "devflow.model.project",
    "PullRequest": "devflow.model.review",
    "Push": "devflow.model.change",
    "See": "devflow.step",
    "SendBack": "devflow.model.outcomes",
    "Step": "devflow.step",
    "StepFailed": "devflow.model.errors",
    "SuiteReport": "devflow.model.ci",
    "Ticket": "devflow.model.planning",
    "Tools": "devflow.step",
    "Turn": "devflow.step",
    "Unavailable": "devflow.model.errors",
    "UsageError": "devflow.model.errors",
    "Value": "devflow.model.values",
    "Waiting": "devflow.model.outcomes",
    "Write": "devflow.model.outcomes",
}


def __getattr__(name: str) -> Any:
    """Loads a public name. Raises ``AttributeError`` for any other."""
    if name not in EXPORTS:
        raise AttributeError(f"module 'devflow' has no attribute {name!r}")
    return getattr(import_module(EXPORTS[name]), name)


def __dir__() -> list[str]:
    return sorted([*EXPORTS, "VERSION"])
