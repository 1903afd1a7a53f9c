"""What a suite's result is held against."""

from pydantic import Field

from devflow.model.bounds.numbers import Percent, PercentChange, WholeNumber
from devflow.model.values import Limit, Value


class SuiteRules(Value):
    """What a suite's result is held against. A ``min_`` limit of 0 or null asks for nothing."""

    rerun_failed: WholeNumber = Field(
        # where more fail at once, the change is the likelier cause
        default=10,
        description="At most so many failed tests run once more, 0 for none; of a suite with run: "
        "the whole command, where its report names them.",
    )
    max_flaky: Limit[WholeNumber] = Field(
        default=0, description="So many flaky tests do not fail the suite."
    )
    min_coverage_pct: Limit[Percent] = Field(
        default=0.0, description="Per cent of the code that the suite has to run."
    )
    min_coverage_change_pct: Limit[PercentChange | None] = Field(
        default=None,
        description="Per cent that the coverage has to gain on the base branch; may be negative.",
    )
