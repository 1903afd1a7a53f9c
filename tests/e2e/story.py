"""The tiny project's ticket as people live it: what they do, then one command, until it is done."""

from dataclasses import dataclass
from typing import Callable

from tests.e2e.checkout import KEY, Checkout

Act = Callable[[Checkout], object]


@dataclass(frozen=True)
class Stage:
    """What people do first, the command that follows, and how it has to end."""

    people: Act
    command: str
    exit_code: int


def nothing(_: Checkout) -> None:
    """Nobody has to do anything first."""


def first_change(checkout: Checkout) -> None:
    checkout.edit("svc/app.py", 'GREETING = ".*"', 'GREETING = "hello there"')


def asks_for_changes(checkout: Checkout) -> None:
    checkout.ends(
        0,
        "--as",
        "tech-lead",
        "reject",
        "code_review",
        KEY,
        "-m",
        "Say whom you greet",
        "--at",
        "svc/app.py:11",
    )


def second_change(checkout: Checkout) -> None:
    checkout.edit("svc/app.py", 'GREETING = ".*"', 'GREETING = "hello, reader"')


def approves(checkout: Checkout) -> None:
    checkout.ends(0, "--as", "tech-lead", "approve", "code_review", KEY)


def approves_production(checkout: Checkout) -> None:
    checkout.ends(0, "--as", "devops", "approve", "production", KEY)


STORY: tuple[Stage, ...] = (
    Stage(nothing, "start", 0),
    Stage(first_change, "ship", 8),
    Stage(asks_for_changes, "ship", 8),
    Stage(second_change, "ship", 8),
    Stage(approves, "ship", 8),
    Stage(approves_production, "ship", 0),
)
