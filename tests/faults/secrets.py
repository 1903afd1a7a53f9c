"""F11: secrets in every form of the closed list, in front of, behind and amid other text: none of
them is left in what the mask gives back."""

import base64
import json
import shlex
from functools import partial
from typing import Callable, Final, Iterator
from urllib.parse import quote, quote_plus

from devflow.adapters.masking.secret_forms import SHORTEST
from devflow.adapters.masking.secrets import Mask
from tests.faults.trial import Enumerated, Outcome, Trial

SECRETS: Final = (
    "ghp_0123456789abcdefABCDEF0123456789abcd",
    "github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz0123456789",
    "ATATT3xFfGF0aBcDeFgHiJkLmNoPqRsTuVwXyZ=1A2B3C4D",
    'quoted"and\\back',
    "with space & amp",
    "pa$$w0rd;rm -rf",
    "ümläut-sëcret",
    "日本語の秘密鍵",
    "a+b/c=d?e#f",
    "line'quote`tick",
    "percent%2Fencoded",
    "123456789012",
)


def wrapped(text: str, width: int) -> str:
    """As base64 and mail headers are: a line every so many characters."""
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def encoded(secret: str, before: int) -> str:
    """As base64 that begins in a longer text, of which only the secret's own characters are one."""
    return base64.b64encode(b"x" * before + secret.encode()).decode()


FORMS: Final[dict[str, Callable[[str], str]]] = {
    "raw": str,
    "base64 at 0": lambda secret: encoded(secret, 0),
    "base64 at 1": lambda secret: encoded(secret, 1),
    "base64 at 2": lambda secret: encoded(secret, 2),
    "base64 wrapped": lambda secret: wrapped(encoded(secret, 57), 76),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "URL": lambda secret: quote(secret, safe=""),
    "a form's field": quote_plus,
    "hex": lambda secret: secret.encode().hex(),
    "HEX": lambda secret: secret.encode().hex().upper(),
    "u escapes": lambda secret: "".join(f"\\u{ord(char):04x}" for char in secret),
    "JSON": lambda secret: json.dumps(secret),
    "JSON in UTF-8": lambda secret: json.dumps(secret, ensure_ascii=False),
    "quoted for a shell": shlex.quote,
    "split by a line": lambda secret: wrapped(secret, 5),
    "wrapped at 1": lambda secret: wrapped(secret, len(secret) - 1),
}


def _bare(text: str) -> str:
    return "".join(text.split())


def masked(secret: str, form: str) -> Outcome:
    """One secret in one form, at the edges and amid other text."""
    mask = Mask()
    mask.register(secret)
    written = FORMS[form](secret)
    # a few characters at either edge belong to what stands around it too
    core = _bare(written)[4:-4]
    core = core if len(core) >= SHORTEST else _bare(written)
    for text in (
        written,
        f"Authorization: Bearer {written}",
        f"x={written}&y=1",
        f"a\n{written}\nb",
    ):
        left = _bare(mask(text))
        if secret in left or core in left:
            return Outcome(f"{form} of a secret of {len(secret)} characters is left: {left!r}")
    return Outcome()


class Secrets(Enumerated):
    id = "F11"
    fault = "planted secrets in every form"

    def trials(self) -> Iterator[Trial]:
        for number, secret in enumerate(SECRETS, 1):
            for form in FORMS:
                yield Trial(f"secret {number}, {form}", partial(masked, secret, form))
