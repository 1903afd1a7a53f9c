"""What the OpenAPI description says beside routes and schemas: what this is, its groups, and how
requests can fail."""

from typing import Any, Dict, Union

from services.backend import schemas

Responses = Dict[Union[int, str], Dict[str, Any]]

ABOUT: Dict[str, Any] = {
    "title": "Car price backend",
    "version": "1.1.0",
    "docs_url": None,  # their pages load scripts from elsewhere
    "redoc_url": None,
    "description": (
        "Appraises used cars with a trained model, keeps listings and an event log without "
        "personal data.\n\n"
        "Unknown fields are refused. Bodies are JSON of at most 64 KiB, with their length. "
        "Every answer has `X-Service-Version`, and `X-Request-ID`, which is the request's own "
        "if that is 1 to 64 of `A-Z a-z 0-9 . _ -`."
    ),
    "openapi_tags": [
        {
            "name": "prices",
            "description": (
                "What a car is worth, now and over the coming years, each with an interval."
            ),
        },
        {"name": "listings", "description": "Cars published for sale."},
        {
            "name": "events",
            "description": "The append-only log of what visitors did, for analytics.",
        },
        {"name": "service", "description": "What runs here, and how it does."},
    ],
}


def _error(what: str, detail: str) -> Dict[str, Any]:
    return {
        "model": schemas.ErrorOut,
        "description": what,
        "content": {"application/json": {"example": {"detail": detail}}},
    }


UNREADABLE: Responses = {
    400: _error("The body is no text that can be read", "There was an error parsing the body")
}
REFUSED: Responses = {
    422: {"model": schemas.ProblemsOut, "description": "A field was refused; nothing was done"}
}
BODY: Responses = {**UNREADABLE, **REFUSED}
FROM_DATABASE: Responses = {
    503: {
        **_error(
            "The database does not answer; nothing was done",
            "The database does not answer; try again",
        ),
        "headers": {
            "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
        },
    }
}
EVERYWHERE: Responses = {
    411: _error("The body was sent without its length", "Length Required"),
    413: _error("The body is larger than 64 KiB", "Content Too Large"),
    500: _error("An error of this service; nothing of it is told here", "Internal Server Error"),
}
