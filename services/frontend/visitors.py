"""Who asks, as far as we want to know: a random id in a cookie and a class of device.

The id is ours and means nothing elsewhere; the user agent is looked at and forgotten.
"""

import re
import secrets
from typing import Dict, List

from fastapi import Request, Response

COOKIE = "visitor"
KEPT_S = 30 * 24 * 3600  # s; 30 days, a sprint's analytics and some more
_ID = re.compile(r"[0-9a-f]{32}")


def is_known(request: Request) -> bool:
    """Say whether the request carries an id of ours."""
    return bool(_ID.fullmatch(request.cookies.get(COOKIE, "")))


def identify(request: Request) -> str:
    """Return the visitor's id, or a new one."""
    return request.cookies[COOKIE] if is_known(request) else secrets.token_hex(16)


def remember(request: Request, response: Response, visitor: str) -> None:
    """Set the visitor's cookie."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        COOKIE, visitor, max_age=KEPT_S, httponly=True, samesite="lax", secure=secure
    )


def is_synthetic(request: Request) -> bool:
    """Say whether a demonstration asks, and no person: the header `X-Synthetic: 1`."""
    return request.headers.get("x-synthetic") == "1"


def events(
    request: Request, visitor: str, feature: str, actions: List[str]
) -> List[Dict[str, str]]:
    """Return what the visitor did with a feature, as the backend's event log wants it."""
    device = device_class(request.headers.get("user-agent", ""))
    return [
        {"feature": feature, "action": action, "visitor": visitor, "device": device}
        for action in actions
    ]


def device_class(user_agent: str) -> str:
    """Return mobile, tablet or desktop; an Android that does not say mobile is a tablet."""
    if re.search(r"iPad|Tablet|Android(?!.*Mobile)", user_agent):
        return "tablet"
    return "mobile" if "Mobi" in user_agent else "desktop"
