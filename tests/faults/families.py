"""Every family that is built, the quick ones first: what takes the rest of the time comes last."""

from typing import Final

from tests.faults.canaries import Canaries
from tests.faults.cases import CASES
from tests.faults.faulty_writes import FaultyWrites
from tests.faults.journals import Journals
from tests.faults.kills import ByChance, EveryPoint, Recorded, Signals
from tests.faults.nasty import NastyTests
from tests.faults.pipelines import Pipelines
from tests.faults.secrets import Secrets
from tests.faults.switch_kills import SwitchKills
from tests.faults.texts import Texts
from tests.faults.trial import Family
from tests.faults.under_load import UnderLoad

RECORDED: Final = Recorded()
FAMILIES: Final[tuple[Family, ...]] = (
    Secrets(),
    Texts(),
    Journals(),
    Pipelines(),
    *CASES,
    Canaries(),
    UnderLoad(),
    SwitchKills(),
    FaultyWrites(),
    NastyTests(),
    Signals(RECORDED),
    EveryPoint(RECORDED),
    ByChance(RECORDED),
)
