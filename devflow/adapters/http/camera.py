"""Takes a picture of a page in a headless browser; a program of its own: ``python -P camera.py
BROWSER URL WIDTH HEIGHT FILE``.

Not imported by devflow: the browser's driver would inherit our whole environment and could not be
ended for time. It exits with 4 where the page does not answer as it should.
"""

import os
import sys
from typing import Final

from playwright.sync_api import Error, sync_playwright

NO_PAGE: Final = 4
LOAD_MS: Final = 15_000.0  # ms; the bundled pages load within 1 s


def take(browser: str, url: str, size: tuple[int, int], file: str) -> int:
    """Writes a PNG of what a person sees of the page at this size, and answers the exit code."""
    with sync_playwright() as driver:
        # Chromium refuses its own sandbox to the root user, which containers run as
        window = driver.chromium.launch(executable_path=browser, chromium_sandbox=os.geteuid() != 0)
        page = window.new_page(viewport={"width": size[0], "height": size[1]})
        try:
            answer = page.goto(url, wait_until="load", timeout=LOAD_MS)
        except Error:
            return NO_PAGE
        if answer is None or not answer.ok:
            return NO_PAGE
        page.screenshot(path=file, animations="disabled")
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(take(sys.argv[1], sys.argv[2], (int(sys.argv[3]), int(sys.argv[4])), sys.argv[5]))
