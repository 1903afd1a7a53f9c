"""No form of a secret survives the mask, however it is split, and nothing else is touched."""

import base64
import re
import time
from typing import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.adapters.machine.captured import Captured
from devflow.adapters.masking.secrets import HIDDEN, Mask, MaskedStream
from tests.unit.adapters.machine.planted import (
    FORMS,
    SECRETS,
    SPLITS,
    bare,
    in_longer_base64,
    split,
)

MIB = 1024 * 1024


def mask_of(*secrets: str) -> Mask:
    mask = Mask()
    for secret in secrets:
        mask.register(secret)
    return mask


MASK = mask_of(*SECRETS)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", FORMS, ids=FORMS)
def test_a_secret_is_hidden_in_every_form_and_however_it_is_split(form: str, secret: str) -> None:
    text = FORMS[form](secret)
    assert only_hidden(MASK(f"before <{text}> after"))
    for name, separator in SPLITS.items():
        for every in (1, 5):
            assert only_hidden(MASK(f"before <{split(text, separator, every)}> after")), name


def only_hidden(masked: str) -> bool:
    """Of base64 the padding may stay, and at an end what may be part of a line break."""
    return re.fullmatch(r"before <[\\nr\s]*\*\*\*[\\nr\s=]*> after", bare(masked)) is not None


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_inside_a_longer_base64_text_is_hidden(secret: str) -> None:
    for text in in_longer_base64(secret):
        masked = MASK(f"-\n{text}-\n")
        assert HIDDEN in masked
        # of the secret's own characters two may be shared with what stands beside it
        left = "".join(masked.split()).replace(HIDDEN, "")
        own = len(secret.encode()) * 4 // 3
        assert len(left) <= len("".join(text.split())) + 2 - own + 3


@pytest.mark.parametrize("user", ["a", "ab", "abc", "me@example.org"])
def test_a_login_in_a_header_is_hidden(user: str) -> None:
    header = base64.b64encode(f"{user}:{SECRETS[0]}:x".encode()).decode()
    masked = MASK(f"Authorization: Basic {header}")
    assert HIDDEN in masked
    left = masked.removeprefix("Authorization: Basic ").replace(HIDDEN, "")
    assert len(left) <= len(header) - len(SECRETS[0].encode()) * 4 // 3 + 3


def pieces(text: bytes, sizes: Iterator[int]) -> Iterator[bytes]:
    at = 0
    while at < len(text):
        size = next(sizes)
        yield text[at : at + size]
        at += size


@pytest.mark.parametrize("split_by", SPLITS, ids=SPLITS)
def test_a_stream_is_masked_as_a_whole_wherever_its_pieces_end(split_by: str) -> None:
    """Pieces that are shorter than any form, and some that hold a few lines."""
    texts = []
    for secret in (SECRETS[0], *SECRETS[2:4]):
        for form in FORMS.values():
            texts.append(split(form(secret), SPLITS[split_by], 7))
    whole = "grün | ".join(texts)
    expected = MASK(whole)
    data = whole.encode()
    for size in (3, 61):
        lines: list[str] = []
        captured = Captured(MASK, lines.append, None)
        for at in range(0, len(data), size):
            captured(data[at : at + size])
        captured.close()
        assert "\n".join(lines) == expected and captured.text == MASK.unsplit(whole)


def test_what_is_settled_is_told_at_once() -> None:
    stream = MaskedStream(mask_of("token-1234"))
    assert stream.feed("ordinary words\n").masked == "ordinary words\n"
    assert stream.feed("it is tok").masked == "it is "
    assert stream.feed("ens\n").masked == "tokens\n"
    assert stream.feed("and token-1").masked == "and "
    assert stream.feed("234!").masked == "***!"
    assert stream.close().masked == ""


def test_a_beginning_that_is_never_gone_on_with_does_not_fill_the_memory() -> None:
    stream = MaskedStream(mask_of("token-1234"))
    out = stream.feed("token-").masked
    for _ in range(40):
        out += stream.feed("\n" * 4096).masked
    assert out.startswith("token-\n")


def test_a_text_without_secrets_is_unchanged_and_short_words_are_no_secrets() -> None:
    mask = mask_of(*SECRETS, "main", "")
    text = "main is a branch; nothing here is secret\n" * 10
    assert mask(text) == text and Mask()(text) == text


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=400), at=st.integers(0, 400))
def test_ordinary_text_is_unchanged_and_a_secret_in_it_is_all_that_changes(
    text: str, at: int
) -> None:
    # a digit, so that no form of a secret is made of the text's end and its own beginning
    before = f"{text[:at]}|"
    after = f"|{text[at:]}"
    assert MASK(before + after) == before + after
    assert MASK(before + SECRETS[0] + after) == before + HIDDEN + after


WORDS = st.sampled_from(
    [*(secret[:9] for secret in SECRETS), "\n", " ", "\x1b[1m", "\\n", "hunter", "passed", "r", "é"]
)


@settings(max_examples=200, deadline=None)
@given(words=st.lists(WORDS, max_size=30), sizes=st.lists(st.integers(1, 40), min_size=1))
def test_a_stream_says_what_the_whole_says(words: list[str], sizes: list[int]) -> None:
    whole = "".join(words)
    stream = MaskedStream(MASK)
    said = ""
    read = ""
    at = 0
    turn = 0
    while at < len(whole):
        size = sizes[turn % len(sizes)]
        piece = stream.feed(whole[at : at + size])
        said += piece.masked
        read += piece.read
        at += size
        turn += 1
    last = stream.close()
    assert said + last.masked == MASK(whole) and read + last.read == MASK.unsplit(whole)


def test_to_be_read_only_a_secret_that_is_split_is_hidden_part_by_part() -> None:
    mask = mask_of("token-1234")
    text = "test_a[token-1234]\ntest_b_to\n  ken-1234_c\x1b[1m\n"
    assert mask.unsplit(text) == "test_a[token-1234]\ntest_b_***\n  ***_c\x1b[1m\n"
    assert mask(text) == "test_a[***]\ntest_b_***_c\x1b[1m\n"


@pytest.mark.parametrize("cut", ["…", "...", "......"])
def test_the_beginning_of_a_secret_that_was_cut_is_hidden(cut: str) -> None:
    mask = mask_of("token-12345678")
    assert mask(f"it is token-123{cut} and so on") == f"it is ***{cut} and so on"
    assert mask(f"it is to\nken-123{cut}") == f"it is ***{cut}"
    assert mask(f"it is token{cut}") == f"it is token{cut}"


def test_a_long_secret_is_hidden_where_a_line_was_made_of_several() -> None:
    mask = mask_of("token-1234567890", "theman")
    assert mask("token- 1234 56 7890 and the man") == "*** and the man"


@pytest.mark.parametrize("chars", (64, 200_000))
def test_a_file_as_large_as_a_bundle_is_hidden_line_by_line(chars: int) -> None:
    whole = base64.b64encode(bytes(number * number % 251 for number in range(150_000))).decode()
    lines = [whole[at : at + chars] for at in range(0, len(whole), chars)]
    mask = Mask()
    mask.register("\n".join(lines))
    assert HIDDEN in mask(f"it printed {lines[0]} and went on")
    assert not re.search(r"[A-Za-z0-9+/]{16}", mask("\n".join(lines)))


def test_a_secret_that_contains_another_is_hidden_whole() -> None:
    mask = mask_of("secret-one", "secret-one-and-more")
    assert mask("x secret-one-and-more y") == f"x {HIDDEN} y"


def test_a_secret_of_other_letters_is_hidden_and_one_of_backslashes_is_left_alone() -> None:
    mask = mask_of("пароль-пароль", "\\n\\n\\n\\n\\n", "        ")
    assert mask("это пароль-па\nроль, да\\n        \\n") == "это ***, да\\n        \\n"
    stream = MaskedStream(mask)
    said = "".join(stream.feed(char).masked for char in "это пароль-па\nроль, да")
    assert said + stream.close().masked == "это ***, да"


def test_each_line_of_a_secret_with_several_is_one() -> None:
    mask = mask_of("-----BEGIN KEY-----\nabcdefghijkl\nmnop\n")
    assert mask("1 abcdefghijkl\n2 mnop\n") == "1 ***\n2 mnop\n"
    assert mask('{"key": "-----BEGIN KEY-----\\nabcdefghijkl\\nmnop\\n"}') == '{"key": "***\\n"}'


@pytest.mark.parametrize(
    "line",
    [
        "tests/backend/test_api.py::test_health PASSED [ 10%]\n",
        "\x1b[32mtests/backend/test_api.py\x1b[0m::test_health \x1b[32mPASSED\x1b[0m [ 10%]\n",
    ],
    ids=["plain", "coloured"],
)
def test_masking_64_mebibytes_takes_two_seconds(line: str) -> None:
    """An eighth of it, of processor time: 1.0 s and 1.2 s for the whole, twice that where others
    share the core."""
    text = line * (8 * MIB // len(line))
    MASK("")
    took_s = []
    for _ in range(3):
        began_s = time.process_time()
        assert MASK(text) == text
        took_s.append(time.process_time() - began_s)
    assert min(took_s) < 2 * 2.0 / 8


def test_beginnings_without_an_end_take_linear_time() -> None:
    began_s = time.process_time()
    for text in ("h\x1b]" * 100_000, "h\\" * 100_000, "ghp_\n" * 50_000, "hunter" * 50_000):
        assert MASK(text) == text
    assert time.process_time() - began_s < 2.0
