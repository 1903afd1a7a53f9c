"""Outside text as one plain line: what a person wrote, before it goes into a title, a commit or a
to-do.

Only printable characters and single spaces come out, so neither escapes nor a second line (a forged
trailer) can follow.
"""


def one_line(text: str, max_chars: int = 300) -> str:
    """The text on one line, cut at a word with ``…`` where it has more than ``max_chars``
    characters.

    300 characters are about four lines of a terminal: enough for a to-do, and no wall of text.
    """
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(flat) <= max_chars:
        return flat
    cut = flat[: max_chars - 1]
    head = cut.rpartition(" ")[0] if flat[max_chars - 1] != " " else cut
    return (head if len(head) > max_chars // 2 else cut).rstrip() + "…"
