"""Takes pictures of a page in a headless browser; a program of its own: ``python -P camera.py
BROWSER URL FOLDER WIDTHxHEIGHT …``, each picture under its size as ``FOLDER/WIDTHxHEIGHT.png``.

Not imported by devflow: the browser's driver would inherit our whole environment and could not be
ended for time. It exits with 4 where the page does not answer as it should.
"""

import os
import sys
from typing import Final

from playwright.sync_api import Browser, Error, sync_playwright

NO_PAGE: Final = 4
LOAD_MS: Final = 15_000.0  # ms; the bundled pages load within 1 s


def take_all(program: str, url: str, folder: str, sizes: list[str]) -> int:
    """Writes a PNG of what a person sees of the page at each size, and answers the exit code."""
    with sync_playwright() as driver:
        # Chromium refuses its own sandbox to the root user, which containers run as
        browser = driver.chromium.launch(
            executable_path=program, chromium_sandbox=os.geteuid() != 0
        )
        if not all(_take(browser, url, folder, size) for size in sizes):
            return NO_PAGE
        browser.close()
    return 0


def _take(browser: Browser, url: str, folder: str, size: str) -> bool:
    width_px, height_px = map(int, size.split("x"))
    # a window each: a page may ask for its width only while it loads
    page = browser.new_page(viewport={"width": width_px, "height": height_px})
    try:
        answer = page.goto(url, wait_until="load", timeout=LOAD_MS)
    except Error:
        return False
    if answer is None or not answer.ok:
        return False
    page.screenshot(path=f"{folder}/{size}.png", animations="disabled")
    return True


if __name__ == "__main__":
    sys.exit(take_all(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
