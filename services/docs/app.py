"""Serves the project's documentation, built once at start-up; no request reaches the disk.

A broken link in the services' own pages keeps the service from starting: that version was never
right. One in the documents beside services/ does not, since other people write them and pages with
a broken link are better than none: it is marked on its page and listed in `/health`, and makes
`python -m services.docs.build` fail.
"""

from pathlib import Path, PurePosixPath
from typing import Dict

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.docs.site import PICTURES, build, error_page
from services.docs.sources import GUIDES
from services.version import SERVICES
from services.web import Observed, equip

KINDS = {".html": "text/html", ".css": "text/css", **PICTURES}


def create_app(root: Path = SERVICES.parent, guides: Path = GUIDES) -> Observed:
    """Build the service for a checkout. Raises OSError, and ValueError for broken links in its own
    pages or none of them."""
    site = build(root, guides)
    if site.broken:
        raise ValueError(f"the documentation has broken links: {'; '.join(site.broken)}")
    app = FastAPI(title="Car price documentation", openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/health")
    async def health(request: Request) -> Dict[str, object]:
        return {
            "status": "ok",
            "version": request.app.state.version,
            "documentation": site.beside_id,
            "pages": site.pages,
            "broken_links": site.broken_beside,
        }

    # before the route that takes every address, which would hide /metrics
    observed = equip(app, "docs", _error)

    @app.get("/{address:path}")
    async def file(address: str) -> Response:
        name = address or "index.html"
        if name in site.files:
            suffix = PurePosixPath(name).suffix.lower()
            return Response(site.files[name], media_type=KINDS[suffix])
        if f"{name}.html" in site.files:
            return RedirectResponse(f"/{name}.html")
        raise HTTPException(404)

    return observed


def _error(_: Request, status: int, title: str) -> Response:
    return Response(error_page(status, title), status, media_type="text/html")
