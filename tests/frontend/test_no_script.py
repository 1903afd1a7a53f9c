"""No script anywhere: not in a file that is served or rendered, not on a page, and none would be
allowed to run."""

import re

import pytest

from services.version import SERVICES

SCRIPT = re.compile(
    r"<script|javascript:|<[^>]*\son\w+\s*=|<(iframe|object|embed)\b|@import", re.IGNORECASE
)
FOLDERS = [SERVICES / "frontend" / "templates", SERVICES / "frontend" / "static", SERVICES / "docs"]


@pytest.mark.parametrize(
    "text",
    ["<script>", "<a href='JavaScript:x'>", '<b title="x"\nonclick = "x">', "<iframe src=x>"],
)
def test_a_script_would_be_found(text):
    assert SCRIPT.search(text)


def test_no_file_has_a_script_in_it(figure):
    files = [
        path
        for folder in FOLDERS
        for path in folder.rglob("*")
        if path.suffix in (".html", ".svg", ".css", ".js", ".mjs")
    ]
    figure("files without script", f"{len(files)} of {len(files)}")
    assert len(files) >= 6
    assert [
        path
        for path in files
        if path.suffix in (".js", ".mjs") or SCRIPT.search(path.read_text(encoding="utf-8"))
    ] == []


def test_there_is_no_script_anywhere(
    frontend, frontend_alone, frontend_failing, filled_in, parse, figure
):
    answers = [
        frontend.get("/"),
        frontend.get("/nothing"),
        frontend.post("/"),
        frontend.post("/publish"),
    ]
    answers += [frontend.post(f"/{form}", data=values) for form, values in filled_in.items()]
    answers += [
        client.post("/current", data=filled_in["current"])
        for client in (frontend_alone, frontend_failing)
    ]
    pages = [answer for answer in answers if not answer.is_redirect]
    found = [
        element
        for answer in pages
        for element in parse(answer).elements
        if element["tag"] == "script"
    ]
    figure("script tags", f"{len(found)} on {len(pages)} pages")
    assert (len(pages), found) == (8, [])
    for answer in answers:
        assert not SCRIPT.search(answer.text)
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"]


def test_in_a_browser_that_would_run_scripts_none_is_allowed_to(browser, site):
    page = browser.new_page()
    page.goto(site)
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.set_content(
        page.content().replace(
            "<h1>", '<script>document.title = "ran"</script><img src="/x" onerror="x"><h1>'
        )
    )
    assert page.title() != "ran"
    assert len([text for text in refused if "Content Security Policy" in text]) == 2
    page.close()
