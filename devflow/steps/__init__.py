"""The registry: every bundled step in the order of a ticket's life, then those without a place in
it. A new step is its file, one line here, and `make fix`, which writes ``index.py``.

A step's module is loaded when the step is first asked for: most commands need a few of them, or
what the index says. Steps of other packages come by the entry-point group ``devflow.steps`` and do
not stand here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final, Iterator, Mapping

from devflow.steps.index import INDEX

if TYPE_CHECKING:
    from devflow.step import AnyStep

# the modules of this package that each have one STEP; the floors test follows this table
MODULES: Final = (
    "s01_ticket",
    "s02_sprint_planning",
    "s03_assignment",
    "s04_requirements",
    "s05_architecture",
    "s06_branch",
    "s07_coding",
    "s08_local_tests",
    "s09_pre_commit",
    "s10_commit",
    "s11_push",
    "s12_pull_request",
    "s13_code_review",
    "s14_jira_sync",
    "s15_trigger",
    "s16_quality",
    "s17_backend_tests",
    "s18_frontend_tests",
    "s19_integration",
    "s20_images",
    "s21_publish",
    "s22_analysis",
    "s23_smoke",
    "s24_development",
    "s25_production",
    "s26_monitoring",
    "s27_closure",
    "s28_analytics",
    "s29_retrospective",
    "shell",
    "suite",
    "checks",
)


def step_in(module: str) -> "AnyStep":
    """The step of one of the modules."""
    step: "AnyStep" = import_module(f"{__name__}.{module}").STEP
    return step


class Registry(Mapping[str, "AnyStep"]):
    """Every bundled step by its name; its names are known without loading any."""

    def __getitem__(self, name: str) -> "AnyStep":
        return step_in(INDEX[name].module)

    def __iter__(self) -> Iterator[str]:
        return iter(INDEX)

    def __len__(self) -> int:
        return len(INDEX)


REGISTRY: Final = Registry()
