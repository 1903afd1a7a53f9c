"""Loads by name what only some runs need, and what may not be installed.

At the top of a module psycopg would cost every start of the price service 0.2 s, xgboost 0.5 s: a
third and more of the time within which a service has to answer.
"""

from importlib import import_module
from typing import Any


def module(name: str, problem: str) -> Any:
    """Import a module by name.

    Raises ValueError, with the problem and its cause, where it or what it needs is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ValueError(f"{problem} ({error})") from error
