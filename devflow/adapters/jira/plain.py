"""Whether a document of JIRA's begins with words that nothing frames: what a person's word at a
gate has to be."""

from typing import Mapping

from devflow.adapters.jira.adf import content_of


def begins_plain(document: object) -> bool:
    """Whether a document begins with words of its own, in a paragraph that nothing stands around or
    before, and up to its first break without any form.

    Its Markdown does not tell: panels, folded parts and colours are left out of that. A plain
    string only has to begin with no blank; what frames a text there is part of it.
    """
    if isinstance(document, str):
        return bool(document) and not document[0].isspace()
    first = content_of(document)[:1] if isinstance(document, Mapping) else []
    if not first or first[0].get("type") != "paragraph":
        return False
    for at, node in enumerate(content_of(first[0])):
        if node.get("type") == "hardBreak":
            return at > 0
        text = str(node.get("text", ""))
        # a line's end within a text is shown as a blank
        is_framed = node.get("type") != "text" or node.get("marks") or "\n" in text
        if is_framed or (at == 0 and text[:1].isspace()):
            return False
    return bool(content_of(first[0]))
