"""Kinds of numbers, each with its least and its greatest value.

A greatest value is far above what anybody means, and below what does harm: where no source is
named, it only keeps out what is a slip of the hand.
"""

from typing import Annotated, Final

from pydantic import Field

from devflow.model.bounds.allowed import number

GREATEST_PORT: Final = 65535
Port = Annotated[int, Field(ge=1, le=GREATEST_PORT), number("a port, from 1 to 65535")]
# what it comes to with a service's port is held to a port's bounds when the plan is made
PORT_OFFSET: Final = number("added to a port, from 0 to 60000")
PortOffset = Annotated[int, Field(ge=0, le=60000), PORT_OFFSET]

HttpStatus = Annotated[int, Field(ge=100, le=599), number("an HTTP status, from 100 to 599")]

Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), number("a ratio, from 0 to 1")]
Percent = Annotated[
    float, Field(ge=0, le=100, allow_inf_nan=False), number("per cent, from 0 to 100")
]
WholePercent = Annotated[int, Field(ge=0, le=100), number("whole per cent, from 0 to 100")]
PercentChange = Annotated[
    float,
    Field(ge=-100, le=100, allow_inf_nan=False),
    number("points of a per cent, from -100 to 100"),
]
# of one processor; 128 of them are the largest machine of the great clouds' ordinary lines
ProcessorPercent = Annotated[
    float,
    Field(gt=0, le=12800, allow_inf_nan=False),
    number("per cent of one processor, above 0 and up to 12800"),
]

# a week: what takes longer is not waited for by a process
Seconds = Annotated[
    float,
    Field(gt=0, le=604800, allow_inf_nan=False),
    number("seconds, above 0 and up to 604800 (a week)"),
]
SecondsOrNone = Annotated[
    float,
    Field(ge=0, le=604800, allow_inf_nan=False),
    number("seconds, from 0 to 604800 (a week)"),
]
WholeSeconds = Annotated[
    int, Field(ge=1, le=604800), number("whole seconds, from 1 to 604800 (a week)")
]
Milliseconds = Annotated[
    float,
    Field(gt=0, le=3600000, allow_inf_nan=False),
    number("milliseconds, above 0 and up to 3600000 (an hour)"),
]
HoursOfDay = Annotated[
    float, Field(gt=0, le=24, allow_inf_nan=False), number("hours of a day, above 0 and up to 24")
]
Hours = Annotated[
    float, Field(gt=0, le=10000, allow_inf_nan=False), number("hours, above 0 and up to 10000")
]
HoursOrNone = Annotated[
    float, Field(ge=0, le=10000, allow_inf_nan=False), number("hours, from 0 to 10000")
]
Points = Annotated[
    float,
    Field(gt=0, le=10000, allow_inf_nan=False),
    number("story points, above 0 and up to 10000"),
]

WholeNumber = Annotated[int, Field(ge=0, le=1000000), number("a whole number from 0 to 1000000")]
PositiveNumber = Annotated[int, Field(ge=1, le=1000000), number("a whole number from 1 to 1000000")]
# of people, versions or sprints: each costs a process, a request or a person
Few = Annotated[int, Field(ge=0, le=100), number("a whole number from 0 to 100")]
MOST_REPLICAS: Final = 16
"""Of one service in one version: more than one machine runs."""
Replicas = Annotated[
    int, Field(ge=1, le=MOST_REPLICAS), number(f"a whole number from 1 to {MOST_REPLICAS}")
]
FewFromOne = Annotated[int, Field(ge=1, le=100), number("a whole number from 1 to 100")]

# 1 TiB
Mebibytes = Annotated[
    float,
    Field(gt=0, le=1048576, allow_inf_nan=False),
    number("MiB, above 0 and up to 1048576"),
]
Megabytes = Annotated[
    float,
    Field(gt=0, le=1048576, allow_inf_nan=False),
    number("MB, above 0 and up to 1048576"),
]

# a million millions: no estimate, price or count of a ticket is larger
AnyNumber = Annotated[
    float,
    Field(ge=-1e12, le=1e12, allow_inf_nan=False),
    number("a number of at most 12 digits"),
]
