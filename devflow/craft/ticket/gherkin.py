"""Given, When, Then: several lines that are one criterion, in Gherkin's words of several languages.

A scenario begins with Given, or with When where none says Given; And, But and Then go on with it.
"""

import re
from typing import Final, Iterable, Literal

Word = Literal["scenario", "given", "when", "then", "and", "background", "feature", "examples", ""]

_WORDS: Final[dict[Word, str]] = {
    "scenario": r"scenario(?: outline| template)?|example|szenario|beispiel|scénario|escenario|"
    r"cenário|scenariusz|сценарий",
    "background": r"background|grundlage|contexte|antecedentes|contexto",
    "feature": r"feature|funktion|fonctionnalité|característica|funcionalidade|rule",
    "examples": r"examples|scenarios|beispiele|exemples|ejemplos|exemplos",
    "given": r"given|angenommen|gegeben(?: seien| sei)?|étant donnée?s?|dad[oa]s?|dato|gegeven|"
    r"stel|zakładając|mając|дано|допустим|givet",
    "when": r"when|wenn|quand|lorsque|cuando|quando|wanneer|gdy|jeśli|kiedy|когда|если|när",
    "then": r"then|dann|alors|entonces|então|allora|dan|wtedy|тогда|så",
    "and": r"and|und|et|y|e|en|oraz|i|и|och|but|aber|mais|pero|mas|ma|maar|ale|но|men",
}
_TITLED: Final = ("scenario", "background", "feature", "examples")
_MARK: Final = r"[*_]{0,3}"
_NAMED: Final[dict[Word, re.Pattern[str]]] = {
    word: re.compile(rf"{_MARK}(?:{names})(?:\s*#?\d+)?{_MARK}\s*[:\u2013-]{_MARK}\s*(.*)$", re.I)
    for word, names in _WORDS.items()
    if word in _TITLED
}
_STEPS: Final[dict[Word, re.Pattern[str]]] = {
    word: re.compile(rf"{_MARK}(?:{names})\b{_MARK}", re.I)
    for word, names in _WORDS.items()
    if word not in _TITLED
}
_INLINE_THEN: Final = re.compile(rf"\b(?:{_WORDS['then']})\b", re.I)


def word_of(line: str) -> Word:
    """What of Gherkin a line begins with, empty where with nothing of it."""
    text = line.strip()
    for word, titled in _NAMED.items():
        if titled.match(text):
            return word
    for word, step in _STEPS.items():
        if step.match(text):
            return word
    return ""


def is_scenario(lines: Iterable[str]) -> bool:
    """Whether lines hold a scenario: one says Given or When, and one Then."""
    lines = list(lines)
    words = {word_of(line) for line in lines}
    begins = bool(words & {"given", "when"})
    return begins and ("then" in words or any(map(_INLINE_THEN.search, lines)))


class Scenarios:
    """Joins lines to criteria: steps to their scenario, any other line by itself.

    ``doubts`` says where a scenario lacks its end.
    """

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._words: list[set[Word]] = []
        self._is_open = False
        self._is_skipping = False

    def plain(self, line: str) -> None:
        """A line that is one by itself, whatever it begins with."""
        self._begin(line, set())
        self._is_open = False

    def add(self, line: str, *, goes_on: bool = False, is_code: bool = False) -> None:
        """The next line; one that ``goes_on`` belongs to the one before where it is no step."""
        word = word_of(line)
        if word in ("background", "feature") and is_code:
            self._is_skipping = True
        elif word == "scenario":
            self._begin(_named(word, line), set())
        elif self._is_skipping:
            return
        elif word == "given" or (word == "when" and not self._has_begun_with_given()):
            self._step(line, word)
        elif word and self._is_open:
            self._extend(line, word)
        elif self.listed and (goes_on or self.is_titled):
            self._extend(line, "", joint=self._joint())
        else:
            self.plain(line)

    def close(self) -> None:
        """What comes next is no part of the last scenario."""
        self._is_open = False

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the joining is not sure."""
        # one that consists of a single step says everything in it
        has_several = any(len(words - {"and"}) > 1 for words in self._words)
        for text, words in zip(self.listed, self._words):
            is_cut = words and "then" not in words and not _INLINE_THEN.search(text)
            if has_several and is_cut:
                return (f'a scenario without its Then: "{text}"',)
        return ()

    def _has_begun_with_given(self) -> bool:
        return self._is_open and "given" in self._words[-1]

    @property
    def is_titled(self) -> bool:
        """Whether a scenario's title was said, and no step of it yet."""
        return self._is_open and not self._words[-1]

    def _joint(self) -> str:
        """What stands before a line that is no step: the first after a title, or a later one."""
        if not self.is_titled:
            return " "
        return "; " if ": " in self.listed[-1] else ": "

    def _step(self, line: str, word: Word) -> None:
        if self.is_titled:
            self._extend(line, word, joint=": ")
        else:
            self._begin(line, set())
            self._words[-1].add(word)
            self._end_where_whole(line)

    def _extend(self, line: str, word: Word, *, joint: str = " ") -> None:
        before = self.listed[-1]
        self.listed[-1] = f"{before}{joint}{line}" if before else line
        if word:
            self._words[-1].add(word)
            self._end_where_whole(line)

    def _end_where_whole(self, line: str) -> None:
        """A step that says its Then in the same line needs no more."""
        if word_of(line) != "then" and _INLINE_THEN.search(line):
            self._words[-1].add("then")
            self._is_open = False

    def _begin(self, text: str, words: set[Word]) -> None:
        self.listed.append(text)
        self._words.append(words)
        self._is_open = True
        self._is_skipping = False


def _named(word: Word, line: str) -> str:
    found = _NAMED[word].match(line.strip())
    return found[1].strip(" *_") if found else ""
