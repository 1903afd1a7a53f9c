"""devflow: one run per ticket, from the JIRA ticket to the retrospective.

A step of one's own is written with the names below: `from devflow import Step, Value, Check`.
Importing the package loads none of their modules; each is loaded when its name is first asked for.
What type checkers see of them stands in `__init__.pyi`.
"""

from importlib import import_module
from typing import Any, Final

VERSION: Final = "0.3.0"

# every public name and its module; the floors test follows this table
EXPORTS: Final = {
    "Absent": "devflow.model.outcomes",
    "AccessDenied": "devflow.model.errors",
    "Around": "devflow.ports.around",
    "Base": "devflow.model.tree",
    "Bound": "devflow.model.figures",
    "Branch": "devflow.model.change",
    "Check": "devflow.model.checks",
    "Coding": "devflow.model.change",
    "Command": "devflow.ports.shell",
    "Commit": "devflow.model.change",
    "Count": "devflow.model.figures",
    "Deployment": "devflow.model.release",
    "ExistingPath": "devflow.model.bounds.references",
    "Fact": "devflow.model.values",
    "Finding": "devflow.model.figures",
    "Foreseen": "devflow.model.outcomes",
    "GateAnswer": "devflow.step",
    "Headline": "devflow.step",
    "Id": "devflow.model.figures",
    "Limit": "devflow.model.values",
    "Line": "devflow.model.bounds.words",
    "Measure": "devflow.model.checks",
    "Missing": "devflow.model.figures",
    "Name": "devflow.model.bounds.words",
    "Names": "devflow.model.figures",
    "Needed": "devflow.model.outcomes",
    "Percent": "devflow.model.bounds.numbers",
    "PipelineInvalid": "devflow.model.errors",
    "Production": "devflow.model.release",
    "Project": "devflow.model.declared.project",
    "PullRequest": "devflow.model.review",
    "Push": "devflow.model.change",
    "Quantity": "devflow.model.figures",
    "Ratio": "devflow.model.bounds.numbers",
    "RepositoryPath": "devflow.model.bounds.places",
    "RunCommand": "devflow.model.bounds.commands",
    "Seconds": "devflow.model.bounds.numbers",
    "See": "devflow.step",
    "SendBack": "devflow.model.outcomes",
    "ServiceName": "devflow.model.bounds.references",
    "Step": "devflow.step",
    "StepFailed": "devflow.model.errors",
    "SuiteName": "devflow.model.bounds.references",
    "SuiteReport": "devflow.model.ci",
    "Text": "devflow.model.figures",
    "Ticket": "devflow.model.planning",
    "Tools": "devflow.step",
    "Tree": "devflow.model.tree",
    "Turn": "devflow.step",
    "Unavailable": "devflow.model.errors",
    "UsageError": "devflow.model.errors",
    "Value": "devflow.model.values",
    "Waiting": "devflow.model.outcomes",
    "WholeNumber": "devflow.model.bounds.numbers",
    "Write": "devflow.model.outcomes",
    "argv_of": "devflow.model.bounds.commands",
    "at_least": "devflow.model.checks",
    "at_most": "devflow.model.checks",
    "below": "devflow.model.checks",
    "count": "devflow.model.figures",
    "fact": "devflow.model.checks",
    "finding": "devflow.model.figures",
    "held": "devflow.model.checks",
    "measure": "devflow.model.checks",
    "missing": "devflow.model.checks",
    "names": "devflow.model.figures",
    "note": "devflow.model.checks",
    "quantity": "devflow.model.figures",
    "shown": "devflow.model.checks",
    "text": "devflow.model.figures",
    "wanted": "devflow.model.checks",
}


def __getattr__(name: str) -> Any:
    """Loads a public name. Raises ``AttributeError`` for any other."""
    if name not in EXPORTS:
        raise AttributeError(f"module 'devflow' has no attribute {name!r}")
    return getattr(import_module(EXPORTS[name]), name)


def __dir__() -> list[str]:
    return sorted([*EXPORTS, "VERSION"])
