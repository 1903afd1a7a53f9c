"""A form in which people write acceptance criteria, with what has to be read of it.

The tables beside this are written by hand in the manner of public tickets, none of them copied.
"""

from typing import Any, NamedTuple


class Form(NamedTuple):
    """A form, the criteria that are read of it, and words of each doubt."""

    name: str
    text: Any
    criteria: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    story: str = ""


TWO = ("The list is sorted", "An empty list says so")
