"""Synthetic visitors of a running frontend: they open tabs, fill in forms, and say with each
request that they are no people.

`python -m devflow.sandbox.scenario.visitors http://127.0.0.1:3000 --visits 60`
"""

import argparse
import http.cookiejar
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Final, Iterator

# the reference's own split of tabs (step 28) and devices, so that the figures look like a day of
# the real thing
TABS: Final = {"current": 45, "future": 35, "publish": 20}
AGENTS: Final = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148": 67,
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0": 28,
    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15": 5,
}
BOUNCES: Final = 0.12  # share of visits that see one page; reference step 28
CAR: Final = {
    "segment": "compact",
    "fuel": "petrol",
    "gearbox": "manual",
    "age_years": "4",
    "mileage_km": "60000",
    "power_kw": "90",
}
FORMS: Final = {
    "current": CAR,
    "future": {**CAR, "years": "3", "annual_km": "12000"},
    "publish": {**CAR, "title": "Compact car, four years old", "asking_price_eur": "14500"},
}
TIMEOUT_S: Final = 10.0


def visit(base: str, chance: random.Random) -> Iterator[int]:
    """One visitor's requests, each with the status that it was answered with (0: no answer)."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)
    agent = chance.choices(list(AGENTS), list(AGENTS.values()))[0]
    browser.addheaders = [("User-Agent", agent), ("X-Synthetic", "1")]
    yield _ask(browser, f"{base}/")
    if chance.random() < BOUNCES:
        return
    tab = chance.choices(list(TABS), list(TABS.values()))[0]
    yield _ask(browser, f"{base}/beacon/{tab}")
    yield _ask(browser, f"{base}/{tab}", urllib.parse.urlencode(FORMS[tab]).encode())


def _ask(browser: urllib.request.OpenerDirector, url: str, form: bytes | None = None) -> int:
    try:
        with browser.open(url, form, TIMEOUT_S) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def main() -> None:
    """Visits, then says how many requests were answered how; ends with 1 where one was not
    answered."""
    parser = argparse.ArgumentParser(description="Synthetic visitors of a running frontend.")
    parser.add_argument("url", help="the frontend, such as http://127.0.0.1:3000")
    parser.add_argument("--visits", type=int, default=60)
    parser.add_argument("--pause-s", type=float, default=0.1, help="between two visits")
    given = parser.parse_args()
    chance = random.Random(95)  # nosec B311: the same visits each time, no secret
    statuses: dict[int, int] = {}
    for _ in range(given.visits):
        for status in visit(given.url.rstrip("/"), chance):
            statuses[status] = statuses.get(status, 0) + 1
        time.sleep(given.pause_s)
    said = ", ".join(
        f"{count} x {status or 'no answer'}" for status, count in sorted(statuses.items())
    )
    sys.stdout.write(f"{given.visits} synthetic visits: {said}\n")
    sys.exit(1 if 0 in statuses else 0)


if __name__ == "__main__":
    main()
