"""Renders the Markdown files in `pages/` as HTML, all of them once at start-up.

Raw HTML in a page is shown as text, never passed on. Page names come from the files found, so no request reaches the disk.
"""

from pathlib import Path
from string import Template
from typing import Dict

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from markdown_it import MarkdownIt

from services.web import Observed, equip

HERE = Path(__file__).resolve().parent
PAGES = HERE / "pages"
FIRST = "index"
STYLE = (HERE / "style.css").read_text(encoding="utf-8")
LAYOUT = Template((HERE / "layout.html").read_text(encoding="utf-8"))


def create_app(pages: Path = PAGES) -> Observed:
    """Build the service from a directory of Markdown files. Raises OSError or ValueError when there is no index.md."""
    rendered = _render(pages)
    if FIRST not in rendered:
        raise ValueError(f"{pages} has no {FIRST}.md")
    app = FastAPI(title="Car price documentation", openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/health")
    def health(request: Request) -> Dict[str, object]:
        return {"status": "ok", "version": request.app.state.version, "pages": len(rendered)}

    @app.get("/style.css")
    def style() -> Response:
        return Response(STYLE, media_type="text/css")

    observed = equip(app, "docs", _error_page)

    @app.get("/")
    @app.get("/{name}")
    def page(name: str = FIRST) -> HTMLResponse:
        if name not in rendered:
            raise HTTPException(404)
        return HTMLResponse(rendered[name])

    return observed


def _render(pages: Path) -> Dict[str, str]:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(pages.glob("*.md"))}
    titles = {name: text.partition("\n")[0].lstrip("# ").strip() for name, text in texts.items()}
    menu = markdown.render("\n".join(f"- [{title}](/{name})" for name, title in titles.items()))
    return {name: LAYOUT.substitute(title=titles[name], menu=menu, body=markdown.render(text)) for name, text in texts.items()}


def _error_page(_: Request, status: int, detail: str) -> Response:
    body = f'<h1>{status}: {detail}</h1>\n<p>Go on at the <a href="/">first page</a>.</p>'
    return HTMLResponse(LAYOUT.substitute(title=detail, menu="", body=body), status)
