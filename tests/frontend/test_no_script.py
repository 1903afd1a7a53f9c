"""No script anywhere: not in a file that is served or rendered, not on a page, and none would be
allowed to run."""

import re

import pytest

from services.version import SERVICES

SCRIPT = re.compile(
    r"<script|javascript:|<[^>]*\son\w+\s*=|<(iframe|object|embed)\b|@import", re.IGNORECASE
)
SUFFIXES = (".html", ".svg", ".css", ".js", ".mjs")
FOLDERS = [SERVICES / "frontend" / "templates", SERVICES / "frontend" / "static", SERVICES / "docs"]


@pytest.mark.parametrize(
    "text",
    ["<script>", "<a href='JavaScript:x'>", '<b title="x"\nonclick = "x">', "<iframe src=x>"],
)
def test_a_script_would_be_found(text):
    assert SCRIPT.search(text)


def test_no_file_has_a_script_in_it(figure):
    files = []
    for folder in FOLDERS:
        files += [path for path in folder.rglob("*") if path.suffix in SUFFIXES]
    figure("files without script", f"{len(files)} of {len(files)}")
    assert len(files) >= 6
    for path in files:
        assert path.suffix not in (".js", ".mjs")
        assert not SCRIPT.search(path.read_text(encoding="utf-8")), path


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
    for client in (frontend_alone, frontend_failing):
        answers.append(client.post("/current", data=filled_in["current"]))
    pages = [parse(answer) for answer in answers if not answer.is_redirect]
    scripts = []
    for page in pages:
        scripts += page.find("script")
    figure("script tags", f"{len(scripts)} on {len(pages)} pages")
    assert (len(pages), scripts) == (8, [])
    for answer in answers:
        assert not SCRIPT.search(answer.text)
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"]


def test_in_a_browser_that_would_run_scripts_none_is_allowed_to(scripted, site):
    scripted.goto(site)
    complaints = []
    scripted.on("console", lambda message: complaints.append(message.text))
    scripts = '<script>document.title = "ran"</script><img src="/x" onerror="x">'
    scripted.set_content(scripted.content().replace("<h1>", f"{scripts}<h1>"))
    assert scripted.title() != "ran"
    assert len([text for text in complaints if "Content Security Policy" in text]) == 2
