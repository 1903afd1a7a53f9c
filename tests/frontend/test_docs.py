"""The documentation, built: what is on it, what is refused, what lies beside the services."""

import os
import posixpath
import subprocess
from urllib.parse import unquote

import pytest
from readers import Page

from services.docs.app import create_app
from services.docs.site import build
from services.docs.sources import GUIDES
from services.version import tree_id

PICTURE = b"\x89PNG\r\n\x1a\n"
README = (
    "# A\n\n[plan](docs/deep/plan.md#2-next) [root](/docs/deep/plan.md) [code](setup.py) "
    "![seen](docs/seen.png)\n"
)
PLAN = (
    "B\n=\n\n## 2. Next\n\n[back](../../README.md) [away](https://example.com/) "
    "![no](https://example.com/no.png)\n"
)


@pytest.fixture
def checkout(tmp_path):
    """Return a function that makes a checkout of these files, by path."""

    def make(files):
        for path, content in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return make


@pytest.fixture
def guides(tmp_path):
    """Return a folder with guides of the test's own."""
    folder = tmp_path / "guides"
    folder.mkdir()
    (folder / "index.md").write_text(
        "# First\n\nSee [the API](api.md#get-health) and [the card](../../backend/model/CARD.md).\n"
    )
    return folder


def links_of(address, page):
    """Yield (path in the site, anchor) of each link and picture of a page that leads not away."""
    folder = posixpath.dirname(address)
    for element in page.elements:
        target = unquote(element.get("href") or element.get("src") or "")
        if not target or "://" in target:
            continue
        path, _, anchor = target.partition("#")
        if path:
            yield posixpath.normpath(posixpath.join(folder, path)), anchor
        else:
            yield address, anchor


def pages_of(site):
    """Return the site's pages by their addresses."""
    pages = {}
    for address, content in site.files.items():
        if address.endswith(".html"):
            pages[address] = Page(content.decode())
    return pages


def ids_of(page):
    """Return the ids of a page's elements, each of which has to be the only one of its kind."""
    ids = [element["id"] for element in page.elements if "id" in element]
    assert len(set(ids)) == len(ids)
    return ids


def test_the_projects_own_documentation_builds_and_every_link_in_it_leads_somewhere(figure):
    site = build()
    assert (site.broken, site.broken_beside) == ([], [])
    pages = pages_of(site)
    ids = {address: ids_of(page) for address, page in pages.items()}
    count = 0
    for address, page in pages.items():
        for path, anchor in links_of(address, page):
            count += 1
            assert path in site.files, (address, path)
            assert not anchor or anchor in ids[path], (address, path, anchor)
    figure("documentation", f"{site.pages} pages, {count} links inside of it, 0 broken")
    # at the least, every page leads to every page
    assert count >= site.pages**2


def test_the_command_writes_the_site_that_the_service_serves(run, tmp_path, checkout, connect):
    root = checkout({"docs/plan.md": "# Plan\n"})
    out = tmp_path / "out"
    code, output, complaints = run("docs.build", "--root", str(root), "--out", str(out))
    assert (code, complaints) == (0, "") and "every link leads somewhere" in output
    docs = connect(create_app(root))
    paths = [path.relative_to(out).as_posix() for path in out.rglob("*.*")]
    assert {"index.html", "api.html", "model-card.html", "style.css"} < set(paths)
    assert "project/docs/plan.html" in paths
    for path in paths:
        assert docs.get(f"/{path}").content == (out / path).read_bytes(), path


@pytest.mark.parametrize(
    "text, problem",
    [
        ("# A\n\nfine\nsee [b](b.md)\n", "docs/a.md:4: nothing is at b.md"),
        ("# A\n\n[up](#nowhere)\n", "docs/a.md:3: docs/a.md has no heading #nowhere"),
        (
            "# A\n\n| x |\n|---|\n| [r](../README.md#gone) |\n",
            "docs/a.md:5: README.md has no heading #gone",
        ),
        ("# A\n\n![p](p.png)\n", "docs/a.md:3: no picture is at p.png"),
        ("# A\n\n![p](/README.md)\n", "docs/a.md:3: /README.md is no picture that can be shown"),
        (
            "# A\n\n[out](../../../../../../../../etc/passwd)\n",
            "docs/a.md:3: nothing is at ../../../../../../../../etc/passwd",
        ),
    ],
)
def test_a_broken_link_makes_the_build_fail_with_file_and_line(
    run, checkout, tmp_path, text, problem
):
    root = checkout({"README.md": "# Read me\n", "docs/a.md": text})
    out = tmp_path / "out"
    code, output, complaints = run("docs.build", "--root", str(root), "--out", str(out))
    assert (code, output, complaints) == (1, "", f"{problem}\n")
    assert not out.exists()


def test_a_broken_link_beside_the_services_is_shown_and_told_and_keeps_nothing_from_starting(
    checkout, connect, parse
):
    docs = connect(create_app(checkout({"docs/a.md": "# A\n\n[gone](b.md)\n"})))
    assert docs.get("/health").json()["broken_links"] == ["docs/a.md:3: nothing is at b.md"]
    page = parse(docs.get("/project/docs/a.html"))
    assert page.find("span", class_="broken")[0]["text"] == "gone (broken link)"


def test_a_broken_link_in_the_services_own_pages_keeps_the_service_from_starting(guides, checkout):
    (guides / "more.md").write_text("# More\n\n[gone](b.md)\n")
    with pytest.raises(ValueError, match="services/docs/pages/more.md:3: nothing is at b.md"):
        create_app(checkout({}), guides)


def test_without_a_first_page_there_is_no_service(tmp_path):
    with pytest.raises(ValueError, match="has no index.md"):
        create_app(tmp_path, tmp_path)


def test_where_links_lead(checkout, guides):
    root = checkout(
        {"README.md": README, "docs/deep/plan.md": PLAN, "docs/seen.png": PICTURE, "setup.py": ""}
    )
    site = build(root, guides)
    assert site.broken_beside == [] and site.files["project/docs/seen.png"] == PICTURE
    pages = pages_of(site)
    readme = pages["project/README.html"]
    plan = pages["project/docs/deep/plan.html"]
    leads = {link["text"]: link["href"] for link in readme.find("a") + plan.find("a")}
    assert (leads["plan"], leads["root"]) == ("docs/deep/plan.html#2-next", "docs/deep/plan.html")
    assert (leads["back"], leads["away"]) == ("../../README.html", "https://example.com/")
    assert "code" not in leads and readme.find("img", src="docs/seen.png")
    # a picture from elsewhere is refused by the policy: its words stand for it
    assert not plan.find("img") and plan.find("p")[1]["text"] == "back away no"


def test_raw_html_is_shown_as_text(checkout, parse, connect):
    text = (
        "# <b>A</b>\n\n<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=x>\n"
    )
    docs = connect(create_app(checkout({"README.md": text})))
    answer = docs.get("/project/README.html")
    assert "&lt;script&gt;" in answer.text and "<script" not in answer.text
    page = parse(answer)
    assert not [name for name in page.find("main")[0] if name.startswith("on")]
    assert not page.find("img") and not page.find("b")
    assert not [link for link in page.find("a") if "javascript" in link["href"]]


def test_the_reference_says_what_the_backend_says_of_itself(backend_app, docs_app, connect, parse):
    api = connect(backend_app).get("/openapi.json").json()
    page = parse(connect(docs_app).get("/api.html"))
    heads = []
    for path, methods in api["paths"].items():
        heads += [f"{method.upper()} {path}" for method in methods]
    schemas = api["components"]["schemas"]
    heads += sorted(schemas)
    # the navigation's headings have no id
    own = [each for each in page.find("h2") if each.get("id") not in (None, "on-this-page")]
    assert [heading["text"] for heading in own] == heads
    text = page.find("main")[0]["text"]
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            assert name in text and field.get("description", "") in text


def test_health_tells_what_lies_beside_the_services_by_gits_own_id(checkout, guides, connect):
    root = checkout(
        {
            "README.md": "# A\n",
            "CHANGELOG.md": "# B\n",
            "docs/adr/one.md": "# C\n",
            "other.md": "# D\n",
        }
    )
    health = connect(create_app(root, guides)).get("/health").json()
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_DIR": str(root / ".git")}

    def git(*arguments, text=""):
        options = {"check": True, "capture_output": True, "text": True, "input": text}
        return subprocess.run(["git", *arguments], cwd=root, env=environment, **options).stdout

    git("init", "--quiet")
    git("add", ".")
    listed = git("ls-tree", git("write-tree").strip(), "README.md", "CHANGELOG.md", "docs")
    assert health["documentation"] == git("mktree", text=listed).strip()
    assert (health["version"], health["pages"], health["broken_links"]) == (tree_id(), 6, [])


def test_where_nothing_lies_beside_the_services_none_is_told(checkout, connect):
    docs = connect(create_app(checkout({}), GUIDES))
    assert docs.get("/health").json()["documentation"] is None
    assert docs.get("/").status_code == 200


def test_addresses_without_their_ending_still_lead_there_and_others_to_a_page_that_says_so(
    docs_app, connect, parse
):
    docs = connect(docs_app)
    answer = docs.get("/backend")
    assert (answer.status_code, answer.headers["location"]) == (307, "/backend.html")
    for path in ("/nothing", "/../../etc/passwd", "/project/nothing.html"):
        answer = docs.get(path)
        assert answer.status_code == 404 and parse(answer).find("a", href="/")
