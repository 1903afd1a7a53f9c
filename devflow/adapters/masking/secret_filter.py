"""Where forms of secrets stand in a text: a filter over machine words says which of them may be
there, whatever their number, and only these are looked for.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import chain
from typing import Final, Iterable, Iterator, NamedTuple

from devflow.adapters.masking.secret_forms import (
    SHORTEST,
    VISIBLE,
    VISIBLE_SIGNS,
    blanked,
    split_anywhere,
)

HELD_CHARS: Final = 64 * 1024  # how far before a text's end a form may begin that goes on after it
# different characters; of fewer, beside what may split a form, no pattern is made: it would match
# anything
DISTINCT: Final = 3
_WRITTEN_BREAK: Final = frozenset("\\nr \t\r\n")
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


class SecretFilter:
    """What is made of all forms once: which words they consist of, and how they begin."""

    def __init__(self, all_forms: Iterable[str]) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._tiny: dict[bytes, list[str]] = defaultdict(list)
        self._by_word: list[dict[int, list[str]]] = [defaultdict(list) for _ in _WORDS]
        self._known: list[set[int]] = []
        # in order: what a text ends with begins one of them where the next one begins with it
        self._beginnings: list[bytes] = []
        self._cut_ends: set[bytes] = set()
        self._longest = 0
        # what may begin a form and is not among what the filter reads
        self._unread_first: set[str] = set()
        for form in all_forms:
            self._add(form)
        self._known = [set(words) for words in self._by_word]
        self._beginnings = sorted(set(self._beginnings))

    def _add(self, form: str) -> None:
        read = _read(form)
        if len(set(form) - _WRITTEN_BREAK) < DISTINCT:
            return
        # whole too, where something follows that is not read
        ends_read = bool(_read(form[-1]))
        self._beginnings.append(read[:-1] if ends_read else read)
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
            if self._begins_a_form(read[start:]):
                before = places[start - 1] + 1 if start else 0
                return first + self._first_unread(tail, before, at)
        before = places[-1] + 1 if places else 0
        return first + self._first_unread(tail, before, len(tail))

    def _begins_a_form(self, read: bytes) -> bool:
        at = bisect_left(self._beginnings, read)
        return at < len(self._beginnings) and self._beginnings[at].startswith(read)

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
