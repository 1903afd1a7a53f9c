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
        self.elements = []
        self._open = []
        self.feed(html)
        self.close()
        unclosed = [element["tag"] for element in self._open]
        assert not unclosed, f"never closed: {unclosed}"

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
        """Return the elements with these attributes; `for_` and `class_` are Python's keywords."""
        pairs = {(name.rstrip("_"), value) for name, value in attributes.items()}
        elements = [element for element in self.elements if element["tag"] == tag]
        return [element for element in elements if pairs <= element.items()]


def read_style(text):
    """Return a style sheet's rules as (media condition, selector, declarations)."""
    return list(_rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)))


def _rules(rules, condition=""):
    """Yield (media condition, selector, declarations) of every rule; whatever the parser refuses
    fails the test."""
    for rule in rules:
        for token in [rule, *getattr(rule, "prelude", [])]:
            assert token.type != "error", f"line {token.source_line}: {token.message}"
        if rule.type == "qualified-rule":
            declarations = _declarations(rule)
            for is_comma, tokens in groupby(rule.prelude, lambda token: token == ","):
                if not is_comma:
                    yield condition, tinycss2.serialize(tokens).strip(), declarations
        elif rule.lower_at_keyword == "media":
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield from _rules(inner, tinycss2.serialize(rule.prelude).strip())
        else:
            # what stands in keyframes is no rule of an element
            keyword = rule.lower_at_keyword
            assert keyword == "keyframes", f"line {rule.source_line}: @{keyword}"


def _declarations(rule):
    declarations = tinycss2.parse_blocks_contents(
        rule.content, skip_comments=True, skip_whitespace=True
    )
    for each in declarations:
        problem = getattr(each, "message", each.type)
        assert each.type == "declaration", f"line {each.source_line}: {problem}"
    return declarations
