from typing import Final

from devflow.model.bounds.references import ExistingPath as ExistingPath
from devflow.model.bounds.references import ServiceName as ServiceName
from devflow.model.bounds.references import SuiteName as SuiteName
from devflow.model.change import Branch as Branch
from devflow.model.change import Coding as Coding
from devflow.model.change import Commit as Commit
from devflow.model.change import Push as Push
from devflow.model.checks import Check as Check
from devflow.model.checks import Measure as Measure
from devflow.model.checks import fact as fact
from devflow.model.checks import held as held
from devflow.model.checks import measure as measure
from devflow.model.checks import missing as missing
from devflow.model.checks import note as note
from devflow.model.checks import shown as shown
from devflow.model.ci import SuiteReport as SuiteReport
from devflow.model.declared.project import Project as Project
from devflow.model.errors import AccessDenied as AccessDenied
from devflow.model.errors import StepFailed as StepFailed
from devflow.model.errors import Unavailable as Unavailable
from devflow.model.errors import UsageError as UsageError
from devflow.model.figures import Bound as Bound
from devflow.model.figures import Count as Count
from devflow.model.figures import Finding as Finding
from devflow.model.figures import Id as Id
from devflow.model.figures import Missing as Missing
from devflow.model.figures import Names as Names
from devflow.model.figures import Quantity as Quantity
from devflow.model.figures import Text as Text
from devflow.model.outcomes import Absent as Absent
from devflow.model.outcomes import Foreseen as Foreseen
from devflow.model.outcomes import Needed as Needed
from devflow.model.outcomes import SendBack as SendBack
from devflow.model.outcomes import Waiting as Waiting
from devflow.model.outcomes import Write as Write
from devflow.model.planning import Ticket as Ticket
from devflow.model.release import Deployment as Deployment
from devflow.model.release import Production as Production
from devflow.model.review import PullRequest as PullRequest
from devflow.model.values import Fact as Fact
from devflow.model.values import Limit as Limit
from devflow.model.values import Value as Value
from devflow.ports.around import Around as Around
from devflow.ports.shell import Command as Command
from devflow.step import GateAnswer as GateAnswer
from devflow.step import Headline as Headline
from devflow.step import See as See
from devflow.step import Step as Step
from devflow.step import Tools as Tools
from devflow.step import Turn as Turn

VERSION: Final = "0.2.0"
EXPORTS: Final[dict[str, str]]
