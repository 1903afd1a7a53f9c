"""Who asks, as the event log has it: a random id and a class of device, nothing more."""

import re

import pytest

from services.frontend.visitors import device_class

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 "
    "Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
)
GALAXY_TAB = (
    "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)
LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    "user_agent, expected",
    [
        (IPHONE, "mobile"),
        (PIXEL, "mobile"),
        (GALAXY_TAB, "tablet"),
        (IPAD, "tablet"),
        (LINUX, "desktop"),
        ("", "desktop"),
    ],
)
def test_a_user_agent_becomes_a_class_of_device(user_agent, expected):
    assert device_class(user_agent) == expected


def test_a_visitor_keeps_one_random_id(frontend, recorded):
    cookie = frontend.get("/").headers["set-cookie"]
    frontend.get("/")
    visitors = {each["visitor"] for each in recorded()}
    assert len(visitors) == 1
    assert re.fullmatch(
        r"visitor=[0-9a-f]{32}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax", cookie
    )
    assert visitors == {cookie[8:40]}


def test_an_id_that_is_not_ours_is_replaced(frontend, recorded):
    frontend.get("/", headers={"Cookie": "visitor=jane@example.com"})
    assert re.fullmatch("[0-9a-f]{32}", recorded()[0]["visitor"])


def test_a_demonstration_is_recorded_as_one(frontend, recorded):
    frontend.get("/", headers={"X-Synthetic": "1", "User-Agent": IPHONE})
    assert [(each["synthetic"], each["device"], each["action"]) for each in recorded()] == [
        (True, "mobile", "view")
    ]
