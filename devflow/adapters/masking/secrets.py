"""Takes secrets out of any text before it is kept or shown, in every form of ``secret_forms``.

A text has to be masked as a whole, or through a ``MaskedStream``: a secret may lie over the border
of two pieces.
"""

from typing import Final, Iterable, NamedTuple

from devflow.adapters.masking.secret_filter import HELD_CHARS, SecretFilter, Span
from devflow.adapters.masking.secret_forms import SHORTEST, forms, hidden_in_parts, is_split

HIDDEN: Final = "***"
BLOCK_CHARS: Final = 256 * 1024  # of a longer text; where a secret is found is looked at closely


class Mask:
    """Callable on a text; knows only the secrets that were registered."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._forms: set[str] = set()
        self._filter: SecretFilter | None = None

    def register(self, secret: str) -> None:
        """Hides this secret from now on, and each line of one that has several; what is shorter
        than ``SHORTEST`` is left alone."""
        if len(secret) < SHORTEST or secret in self._secrets:
            return
        self._secrets.add(secret)
        self._forms |= forms(secret)
        self._filter = None

    def __call__(self, text: str) -> str:
        """The text with every form of every registered secret replaced."""
        if len(text) <= BLOCK_CHARS:
            return hidden(text, self.spans(text))
        stream = MaskedStream(self)
        blocks = range(0, len(text), BLOCK_CHARS)
        pieces = [stream.feed(text[at : at + BLOCK_CHARS]).masked for at in blocks]
        return "".join((*pieces, stream.close().masked))

    def unsplit(self, text: str) -> str:
        """The text to be read: a secret that is split is hidden part by part, since nobody who
        reads line by line would know it again; one that stands in one piece stays, so that the
        names that it is part of stay apart."""
        stream = MaskedStream(self)
        blocks = range(0, len(text), BLOCK_CHARS)
        pieces = [stream.feed(text[at : at + BLOCK_CHARS]).read for at in blocks]
        return "".join((*pieces, stream.close().read))

    def spans(self, text: str) -> list[Span]:
        """Where secrets stand, in order and apart from each other."""
        return self._filtering().spans(text) if self._forms else []

    def settled(self, text: str) -> int:
        """Up to where nothing that may follow makes a secret of the text's end."""
        return self._filtering().settled(text) if self._forms else len(text)

    def _filtering(self) -> SecretFilter:
        # made when it is first needed: many a command shows nothing
        found = self._filter
        if found is None:
            found = SecretFilter(self._forms)
            self._filter = found
        return found


def hidden(text: str, spans: Iterable[Span]) -> str:
    """The text with these places replaced."""
    pieces = []
    end = 0
    for span in spans:
        pieces += [text[end : span.start], HIDDEN]
        end = span.end
    return "".join([*pieces, text[end:]])


def _unsplit(text: str, spans: Iterable[Span]) -> str:
    pieces = []
    end = 0
    for span in spans:
        secret = text[span.start : span.end]
        read = hidden_in_parts(secret, HIDDEN) if is_split(secret) else secret
        pieces += [text[end : span.start], read]
        end = span.end
    return "".join([*pieces, text[end:]])


class Piece(NamedTuple):
    """A part of a stream: to be read (see ``Mask.unsplit``), and without secrets."""

    read: str
    masked: str


class MaskedStream:
    """Masks a text that comes in pieces, as if it were masked as a whole. A piece's end that may be
    the beginning of a secret is held back for what follows."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._held = ""

    def feed(self, text: str) -> Piece:
        """Takes the next part; answers what is settled."""
        self._held += text
        end = self._mask.settled(self._held)
        if len(self._held) - end > HELD_CHARS:
            end = len(self._held)
        return self._take(end)

    def close(self) -> Piece:
        """Answers what was held back."""
        return self._take(len(self._held))

    def _take(self, end: int) -> Piece:
        whole = self._held
        settled: list[Span] = []
        for span in self._mask.spans(whole):
            if span.start >= end:
                break
            settled.append(span)
            end = max(end, span.end)
        self._held = whole[end:]
        text = whole[:end]
        return Piece(_unsplit(text, settled), hidden(text, settled))
