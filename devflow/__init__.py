"""devflow: one run per ticket, from the JIRA ticket to the retrospective.

Importing the package loads nothing else; what a command needs is loaded by ``devflow.app``.
"""

from typing import Final

VERSION: Final = "0.1.0"
