"""The frame of the small HTML pages behind the links that devflow prints.

Everything that goes into it must be escaped already: `text` and `rows` escape, `frame` does not.
"""

from collections.abc import Iterable
from html import escape

# A backslash ends the lines that are one line in the page.
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;\
color:#1c2430;background:#fff;overflow-wrap:break-word}
h1{font-size:1.5rem;line-height:1.25}\
h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #d5dae1}
table{border-collapse:collapse;display:block;overflow-x:auto}th{font-weight:600}\
td,th{padding:.2rem 1rem .2rem 0;text-align:left;vertical-align:top;overflow-wrap:break-word}\
td:last-child,th:last-child{padding-right:0}.facts td{overflow-wrap:anywhere}\
.short,.facts:not(.stacked) th{white-space:nowrap}
@media(max-width:40rem){.stacked tbody,.stacked tr,.stacked th,.stacked td{display:block}}
pre,.body{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f7f9;\
padding:.75rem;border-radius:6px}
.markdown{border-left:3px solid #d5dae1;padding-left:1rem;overflow-wrap:anywhere}
.markdown h2,.markdown h3{font-size:1rem;border:0;margin:1.25rem 0 .25rem}
.markdown td,.markdown th{border-bottom:1px solid #d5dae1}
.note{color:#5a6572}.add{color:#116329}.del{color:#a40e26}a{color:#0a58ca}
@media(prefers-color-scheme:dark){body{color:#e4e8ee;background:#14181d}\
pre,.body{background:#1e242b}
h2,.markdown,.markdown td,.markdown th{border-color:#39424d}\
.note{color:#9aa5b1}a{color:#79b0ff}.add{color:#5fd07f}.del{color:#ff8b95}}
"""


def text(value: object) -> str:
    """Outside text, safe between tags and in a quoted attribute; nothing is an empty string."""
    return "" if value is None else escape(str(value))


def rows(pairs: Iterable[tuple[str, str]], layout: str = "facts") -> str:
    """A table of names and values; the values are ready HTML, empty ones are left out. With
    `layout` "facts stacked" a narrow window has each value below its name, which may be long."""
    body = "".join(
        f"<tr><th scope='row'>{text(name)}</th><td>{value}</td></tr>"
        for name, value in pairs
        if value
    )
    return f"<table class='{layout}'>{body}</table>"


def listing(names: Iterable[str], items: Iterable[Iterable[str]]) -> str:
    """A table of things, under the names of its columns, or that there are none; the cells are
    ready HTML."""
    head = "".join(f"<th scope='col'>{text(name)}</th>" for name in names)
    lines = []
    for item in items:
        cells = "".join(f"<td>{cell}</td>" for cell in item)
        lines.append(f"<tr>{cells}</tr>")
    if not lines:
        return "<p>There are none yet.</p>"
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def section(title: str, parts: Iterable[str]) -> str:
    """A headed part of the page, left out when there is nothing in it."""
    inner = "".join(parts)
    return f"<h2>{text(title)}</h2>{inner}" if inner else ""


def frame(title: str, body: str) -> str:
    """A whole page. `body` is ready HTML."""
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{text(title)}</title><style>{STYLE}</style></head>"
        f"<body><p class='note'>sandbox: nothing here has left this machine</p>{body}</body></html>"
    )
