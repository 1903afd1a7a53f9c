"""No form of a secret survives the mask, and nothing else is touched."""

import base64
import json
import random
import re
import string
import time
from typing import Callable
from urllib.parse import quote, quote_plus

import pytest

from devflow.adapters.machine.secrets import HIDDEN, Mask

CHOICE = random.Random(95)
SECRETS = [
    "".join(CHOICE.choices(string.ascii_letters + string.digits + '+/=_-%"\\ ü&', k=24)).strip()
    for _ in range(12)
]
FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "url-safe base64": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "url-encoded": lambda secret: quote(secret, safe=""),
    "url-encoded in lower case": lambda secret: re.sub(
        "%..", lambda found: found.group().lower(), quote(secret, safe="")
    ),
    "form-encoded": quote_plus,
    "in json": lambda secret: json.dumps(secret)[1:-1],
    "in json with its letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "hexadecimal": lambda secret: secret.encode().hex(),
    "over two lines": lambda secret: f"{secret[:9]}\n{secret[9:]}",
    "over indented lines": lambda secret: f"{secret[:9]}\r\n    {secret[9:]}",
}


@pytest.fixture
def mask() -> Mask:
    mask = Mask()
    for secret in SECRETS:
        mask.register(secret)
    return mask


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_secret_is_hidden_in_every_form(
    mask: Mask, form: Callable[[str], str], secret: str
) -> None:
    masked = mask(f"before <{form(secret)}> after")
    assert masked.startswith(f"before <{HIDDEN}") and masked.endswith("> after")
    assert form(secret)[4:-4] not in masked and len(masked) <= len(f"before <{HIDDEN}==> after")


@pytest.mark.parametrize("user", ["a", "ab", "abc", "me@example.org"])
def test_a_secret_inside_a_longer_base64_text_is_hidden(mask: Mask, user: str) -> None:
    header = base64.b64encode(f"{user}:{SECRETS[0]}:x".encode()).decode()
    masked = mask(f"Authorization: Basic {header}")
    assert HIDDEN in masked
    left = masked.removeprefix("Authorization: Basic ").replace(HIDDEN, "")
    assert len(left) <= len(header) - len(SECRETS[0].encode()) * 4 // 3 + 3


def test_a_text_without_secrets_is_unchanged_and_short_words_are_no_secrets(mask: Mask) -> None:
    mask.register("main")
    mask.register("")
    text = "main is a branch; nothing here is secret\n" * 10
    assert mask(text) == text and Mask()(text) == text


def test_a_secret_that_contains_another_is_hidden_whole() -> None:
    mask = Mask()
    mask.register("secret-one")
    mask.register("secret-one-and-more")
    assert mask("x secret-one-and-more y") == f"x {HIDDEN} y"


def test_masking_a_mebibyte_takes_a_moment(mask: Mask) -> None:
    text = "tests/backend/test_api.py::test_health PASSED [ 10%]\n" * 20_000
    began = time.perf_counter()
    assert mask(text) == text
    assert time.perf_counter() - began < 5.0
