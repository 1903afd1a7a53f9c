"""Every family that is built, the quick ones first: what takes the rest of the time comes last."""

from typing import Final

from tests.faults.pipelines import Pipelines
from tests.faults.trial import Family

FAMILIES: Final[tuple[Family, ...]] = (Pipelines(),)
