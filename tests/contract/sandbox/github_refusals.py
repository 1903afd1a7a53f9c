"""What the real PyGithub client raises where GitHub refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from github import GithubException


def refusal(call: Callable[[], Any]) -> tuple[int, dict[str, Any]]:
    with pytest.raises(GithubException) as refused:
        call()
    return refused.value.status, refused.value.data
