"""Reads pages and style sheets as strictly as a suite wants them: what a browser would put up with
is an error here."""

from html.parser import HTMLParser
from itertools import groupby

import tinycss2

VOID = {"input", "link", "meta", "br", "hr", "img"}


class Page(HTMLParser):
    """A parsed page: its elements in order, each with its tag, attributes and text; unclosed tags
    are an error."""

    def __init__(self, html):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {[element['tag'] for element in self._open]}"

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self._open.pop()["tag"] == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def find(self, tag, **attributes):
        """Return the elements with these attributes; a trailing underscore spells a Python keyword."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            each for each in self.elements if each["tag"] == tag and wanted.items() <= each.items()
        ]


def read_style(text):
    """Return a style sheet's rules as (media condition, selector, declarations)."""
    return list(_rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)))


def _rules(rules, condition=""):
    """Yield (media condition, selector, declarations) of every rule; whatever the parser refuses
    fails the test."""
    for rule in rules:
        broken = [token for token in [rule, *getattr(rule, "prelude", [])] if token.type == "error"]
        assert not broken, f"line {broken[0].source_line}: {broken[0].message}"
        if rule.type == "qualified-rule":
            declarations = tinycss2.parse_blocks_contents(
                rule.content, skip_comments=True, skip_whitespace=True
            )
            for each in declarations:
                assert (
                    each.type == "declaration"
                ), f"line {each.source_line}: {getattr(each, 'message', each.type)}"
            for comma, tokens in groupby(rule.prelude, lambda token: token == ","):
                if not comma:
                    yield condition, tinycss2.serialize(tokens).strip(), declarations
        elif rule.lower_at_keyword == "media":
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield from _rules(inner, tinycss2.serialize(rule.prelude).strip())
        else:
            assert (
                rule.lower_at_keyword == "keyframes"
            ), f"line {rule.source_line}: @{rule.lower_at_keyword}"
