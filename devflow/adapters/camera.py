"""Takes a picture of a page in a headless browser; a program of its own: ``python -P camera.py URL WIDTH HEIGHT FILE``.

Not imported by devflow: the browser's driver would inherit our whole environment and could not be ended for time. It exits
with 3 where there is no browser, with 4 where the page does not answer as it should.
"""

import os
import shutil
import sys
from typing import Final

from playwright.sync_api import Error, sync_playwright

NO_BROWSER: Final = 3
NO_PAGE: Final = 4
LOAD_MS: Final = 15_000.0  # ms; the bundled pages load within 1 s
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def take(url: str, width_px: int, height_px: int, file: str) -> int:
    """Writes a PNG of what a person sees of the page at this size, and answers the exit code."""
    with sync_playwright() as driver:
        program = next(filter(None, map(shutil.which, _NAMES)), driver.chromium.executable_path)
        if not os.path.exists(program):
            return NO_BROWSER
        # Chromium refuses its own sandbox to the root user, which containers run as
        browser = driver.chromium.launch(executable_path=program, chromium_sandbox=os.geteuid() != 0)
        page = browser.new_page(viewport={"width": width_px, "height": height_px})
        try:
            answer = page.goto(url, wait_until="load", timeout=LOAD_MS)
        except Error:
            return NO_PAGE
        if answer is None or not answer.ok:
            return NO_PAGE
        page.screenshot(path=file, animations="disabled")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(take(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
