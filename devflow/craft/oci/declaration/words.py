"""Words and variables as a Dockerfile has them: quotes, ``$NAME``, ``${NAME}``, ``${NAME:-word}``,
``${NAME:+word}``."""

import re
from typing import Final, Mapping

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])((?:[^{}]|\$\{[^{}]*\})*))?\}")


class BadWord(ValueError):
    """A quote without its end, or a variable that is none."""


class _Reader:
    """Reads a text from left to right. ``splits`` makes the blanks of a variable's value separate
    words, as a shell does and a Dockerfile's own instructions do not."""

    def __init__(self, text: str, env: Mapping[str, str], escape: str, splits: bool) -> None:
        self._text = text
        self._env = env
        self._escape = escape
        self._splits = splits
        self._place = 0
        self._word: list[str] = []
        self._is_word = False
        self.words: list[str] = []

    def read(self) -> list[str]:
        """All words."""
        while self._place < len(self._text):
            letter = self._text[self._place]
            if letter.isspace():
                self._end()
                self._place += 1
            elif letter in "'\"":
                self._quoted(letter)
            elif letter == self._escape:
                self._add(self._text[self._place + 1 : self._place + 2])
                self._place += 2
            elif letter == "$":
                self._value(self._splits)
            else:
                self._add(letter)
                self._place += 1
        self._end()
        return self.words

    def _add(self, text: str) -> None:
        self._word.append(text)
        self._is_word = True

    def _end(self) -> None:
        if self._is_word:
            self.words.append("".join(self._word))
        self._word = []
        self._is_word = False

    def _quoted(self, quote: str) -> None:
        self._add("")
        self._place += 1
        while self._place < len(self._text):
            letter = self._text[self._place]
            if letter == quote:
                self._place += 1
                return
            if quote == '"' and letter == "$":
                self._value(False)
                continue
            following = self._text[self._place + 1 : self._place + 2]
            if quote == '"' and letter == self._escape and following in ('"', "$", self._escape):
                letter = following
                self._place += 1
            self._add(letter)
            self._place += 1
        raise BadWord(f"a {quote} has no end")

    def _value(self, splits: bool) -> None:
        value = self._variable()
        if not splits:
            self._add(value)
            return
        first, *others = re.split(r"\s+", value)
        if first:
            self._add(first)
        for word in others:
            self._end()
            if word:
                self._add(word)

    def _variable(self) -> str:
        rest = self._text[self._place + 1 :]
        if name := _NAME.match(rest):
            self._place += 1 + name.end()
            return self._env.get(name[0], "")
        braced = _BRACED.match(rest)
        if braced is None:
            if rest.startswith(("{", "(")):
                raise BadWord(f"${rest[:12]} is no variable")
            self._place += 1
            return "$"
        self._place += 1 + braced.end()
        return self._modified(braced[1], braced[2] or "", braced[3] or "")

    def _modified(self, name: str, modifier: str, word: str) -> str:
        value = self._env.get(name)
        is_set = bool(value) if modifier.startswith(":") else value is not None
        if modifier.endswith("-"):
            return value or "" if is_set else expanded(word, self._env, self._escape)
        if modifier.endswith("+"):
            return expanded(word, self._env, self._escape) if is_set else ""
        if modifier.endswith("?") and not is_set:
            raise BadWord(f"{name} is not set: {word}")
        return value or ""


def words_of(text: str, env: Mapping[str, str], escape: str = "\\") -> list[str]:
    """The words of an instruction. Raises ``BadWord``."""
    return _Reader(text, env, escape, splits=False).read()


def shell_words(text: str, env: Mapping[str, str]) -> list[str]:
    """The words of a simple shell command. Raises ``BadWord``."""
    return _Reader(text, env, "\\", splits=True).read()


def expanded(text: str, env: Mapping[str, str], escape: str = "\\") -> str:
    """A text that is one word, its blanks kept. Raises ``BadWord``."""
    pieces = [
        "".join(words_of(piece, env, escape)) if piece.strip() else piece
        for piece in re.split(r"(\s+)", text)
    ]
    return "".join(pieces)


def pairs_of(text: str, env: Mapping[str, str], escape: str = "\\") -> list[tuple[str, str]]:
    """``NAME=value …``, or ``NAME the rest of the line``, as ENV and LABEL take them."""
    first = text.split(None, 1)
    if first and "=" not in first[0]:
        rest = first[1] if len(first) > 1 else ""
        return [(first[0], expanded(rest, env, escape))]
    pairs = [word.partition("=") for word in words_of(text, env, escape)]
    if any(not equals or not name for name, equals, _ in pairs):
        raise BadWord("it is no list of NAME=value")
    return [(name, value) for name, _, value in pairs]
