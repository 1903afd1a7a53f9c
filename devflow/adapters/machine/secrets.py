"""Takes secrets out of any text before it is kept or shown, in every form of ``secret_forms``.

Most text holds no secret: a filter over machine words says so at once, whatever the number of
secrets, and only a form that may be there is looked for. A text has to be masked as a whole, or
through a ``MaskedStream``: a secret may lie over the border of two pieces.
"""

import re
from collections import defaultdict
from itertools import chain
from typing import Final, Iterable, Iterator, NamedTuple

from devflow.adapters.machine.secret_forms import (
    SHORTEST,
    VISIBLE,
    VISIBLE_SIGNS,
    blanked,
    forms,
    hidden_in_parts,
    is_split,
    split_anywhere,
)

HIDDEN: Final = "***"
HELD_CHARS: Final = 64 * 1024  # what a stream holds back at most for a secret that has begun
# different characters; of fewer, beside what may split a form, no pattern is made: it would match
# anything
DISTINCT: Final = 3
_WRITTEN_BREAK: Final = frozenset("\\nr \t\r\n")
BLOCK_CHARS: Final = 256 * 1024
SAMPLE_CHARS: Final = 4096  # in which a program shows which colours it uses
# The filter reads a text without what may split a form, and without its other escapes: by single
# characters, so that what is left of a form never depends on what stands around it.
_LEFT_OUT: Final = bytes({*range(0x21), *b"\\nr\x7f"})
# bytes of a machine word, and its code in memoryview.cast; the longer the word, the fewer of them
_WORDS: Final = ((8, "Q"), (4, "I"))
_STRING: Final = re.compile(r"\x1b[\]PX^_]")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
# a separator that the end of a piece has cut
_CUT_SEPARATOR: Final = re.compile(
    r"(?:\x1b|(?:#x|\\x|\\u00)1[bB])(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,4096}\x1b?|[ -/]*)\Z"
    r"|(?:#x?|\\x|\\u0{0,2})[01]?\Z|&#?(?:9|1[03]?|x0?[9aAdD]?)?\Z|\nE\Z"
)
# how texts are cut that are too long
_CUT: Final = {"…": re.compile("…"), "...": re.compile(r"\.\.\.+")}


class Span(NamedTuple):
    """Where a secret stands in a text."""

    start: int
    end: int


class Mask:
    """Callable on a text; knows only the secrets that were registered."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._forms: set[str] = set()
        self._filter: _Filter | None = None

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
        # where a secret is found is looked at closely: in one block, not in all of them
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

    def _filtering(self) -> "_Filter":
        # made when it is first needed: many a command shows nothing
        found = self._filter
        if found is None:
            found = _Filter(self._forms)
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


class _Filter:
    """What is made of all forms once: which words they consist of, and how they begin."""

    def __init__(self, all_forms: Iterable[str]) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._tiny: dict[bytes, list[str]] = defaultdict(list)
        self._by_word: list[dict[int, list[str]]] = [defaultdict(list) for _ in _WORDS]
        self._known: list[set[int]] = []
        self._beginnings: set[bytes] = set()
        self._cut_ends: set[bytes] = set()
        self._longest = 0
        # what may begin a form and is not among what the filter reads
        self._unread_first: set[str] = set()
        for form in all_forms:
            self._add(form)
        self._known = [set(words) for words in self._by_word]

    def _add(self, form: str) -> None:
        read = _read(form)
        if len(set(form) - _WRITTEN_BREAK) < DISTINCT:
            return
        # whole too, where something follows that is not read
        ends_read = bool(_read(form[-1]))
        self._beginnings.update(read[:end] for end in range(1, len(read) + (not ends_read)))
        self._cut_ends.update(read[end - SHORTEST : end] for end in range(SHORTEST, len(read)))
        self._longest = max(self._longest, len(read))
        if not _read(form[0]):
            self._unread_first.add(form[0])
        for (size, _), words in zip(_WORDS, self._by_word):
            # wherever it begins, one aligned word lies in it whole, and one more where a terminal
            # sequence has eaten its first character
            if len(read) >= 2 * size:
                for at in range(len(read) - size + 1):
                    words[int.from_bytes(read[at : at + size], "little")].append(form)
                return
        # where next to nothing is read of it, it may stand anywhere
        self._tiny[read if len(read) >= DISTINCT else b""].append(form)

    def spans(self, text: str) -> list[Span]:
        """Where forms stand, those that overlap as one."""
        found = list(self._cut(text))
        candidates = self._candidates(text)
        searched = blanked(text) if candidates else ""
        for form in candidates:
            found += [Span(*match.span()) for match in self._pattern(form).finditer(searched)]
        return list(_united(sorted(found)))

    def _cut(self, text: str) -> Iterator[Span]:
        """The beginnings of forms that somebody has cut to make a text shorter."""
        for end in _cuts(text):
            before = text[max(0, end - SAMPLE_CHARS) : end]
            if _read(before[-4 * SHORTEST :])[-SHORTEST:] not in self._cut_ends:
                continue
            start = end - len(before) + self.settled(before)
            if len(_read(text[start:end])) >= SHORTEST:
                yield Span(start, end)

    def settled(self, text: str) -> int:
        """Up to where no form has begun that could go on after the text's end."""
        end = self._settled(text)
        cut = _CUT_SEPARATOR.search(text, max(0, len(text) - SAMPLE_CHARS))
        if cut is None:
            return end
        # what has begun last may be a form's own, or split it
        return min(end, self._settled(text[: cut.start()] + "\0" * len(cut.group())))

    def _settled(self, text: str) -> int:
        # a few characters tell, but for a text that is all separators
        first, tail, places = self._end(text, SAMPLE_CHARS)
        if first and len(places) <= self._longest:
            first, tail, places = self._end(text, HELD_CHARS)
        read = "".join(tail[at] for at in places).encode()
        for start, at in enumerate(places):
            if read[start:] in self._beginnings:
                before = places[start - 1] + 1 if start else 0
                return first + self._first_unread(tail, before, at)
        before = places[-1] + 1 if places else 0
        return first + self._first_unread(tail, before, len(tail))

    def _first_unread(self, tail: str, start: int, end: int) -> int:
        """Where among characters that the filter does not read a form may begin; ``end`` where
        none can."""
        for at in range(start, end):
            if tail[at] in self._unread_first:
                return at
        return end

    def _end(self, text: str, chars: int) -> tuple[int, str, list[int]]:
        """Where the last so many characters begin, they without terminal sequences, and the places
        of those that the filter reads."""
        first = max(0, len(text) - chars)
        tail = text[first:]
        if _may_be_split_visibly(tail):
            tail = VISIBLE.sub(_blank, tail)
        return first, tail, self._last_read(tail)

    def _last_read(self, tail: str) -> list[int]:
        """The places of the last characters that the filter reads, one more than the longest
        beginning of a form has."""
        places: list[int] = []
        for at in range(len(tail) - 1, -1, -1):
            if _is_read(tail[at]):
                places.append(at)
                if len(places) > self._longest:
                    break
        return places[::-1]

    def _candidates(self, text: str) -> set[str]:
        """The forms that may stand in a text."""
        if not _may_be_split_visibly(text):
            return self._in(_read(text))
        candidates = self._in(_read(_without_visible(text)))
        # a sequence that holds a text may hold a secret
        return candidates | self._in(_read(text)) if _STRING.search(text) else candidates

    def _in(self, read: bytes) -> set[str]:
        candidates: set[str] = set()
        view = memoryview(read)
        for (size, code), known, words in zip(_WORDS, self._known, self._by_word):
            if known:
                whole = len(read) // size * size
                seen = known.intersection(view[:whole].cast(code))  # type: ignore[call-overload]
                candidates.update(chain.from_iterable(words[word] for word in seen))
        for tiny, found in self._tiny.items():
            if tiny in read:
                candidates.update(found)
        return candidates

    def _pattern(self, form: str) -> re.Pattern[str]:
        # one by one, as they are needed
        if form not in self._patterns:
            self._patterns[form] = re.compile(split_anywhere(form))
        return self._patterns[form]


def _read(text: str) -> bytes:
    """What the filter reads of a text."""
    return text.encode("ascii", "ignore").translate(None, _LEFT_OUT)


def _cuts(text: str) -> Iterator[int]:
    for sign, pattern in _CUT.items():
        if sign in text:
            for match in pattern.finditer(text):
                yield match.start()


def _may_be_split_visibly(text: str) -> bool:
    for char, signs in VISIBLE_SIGNS.items():
        if char in text and any(sign in text for sign in signs):
            return True
    return False


def _without_visible(text: str) -> str:
    # a program uses few colours, again and again: taken out by themselves three times as fast
    for sequence in set(_COLOUR.findall(text[:SAMPLE_CHARS])):
        text = text.replace(sequence, "")
    return VISIBLE.sub("", text) if _may_be_split_visibly(text) else text


def _is_read(char: str) -> bool:
    return char.isascii() and ord(char) not in _LEFT_OUT


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match.group())


def _united(spans: Iterable[Span]) -> Iterator[Span]:
    """Ordered places, those that overlap as one."""
    current: Span | None = None
    for span in spans:
        if current is None:
            current = span
        elif span.start < current.end:
            current = Span(current.start, max(current.end, span.end))
        else:
            yield current
            current = span
    if current is not None:
        yield current
