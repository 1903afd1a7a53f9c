"""The guards refuse what must not be committed, name the place, and never repeat a secret.

Every secret here is put together at run time, so that this file itself can be committed.
"""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.tree.guards import (
    Refusals,
    forbidden_path,
    refused_files,
    refused_in,
    refused_lines,
)
from devflow.model.change import FileChange
from devflow.testing import MemoryRepository

RANDOM = "q7Zk2Lw9Xc4Vb8Nm1Rt6Yp3Hd5Jf0Gs2Ab4Cd6E"
SECRETS = {
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPLF",
    "GitHub token": "ghp_" + RANDOM,
    "GitLab token": "glpat-" + RANDOM,
    "Atlassian token": "ATATT3" + RANDOM + RANDOM,
    "Slack token": "xoxb-" + RANDOM,
    "Google API key": "AIza" + RANDOM[:35],
    "Stripe key": "sk_live_" + RANDOM,
    "npm token": "npm_" + RANDOM[:36],
    "PyPI token": "pypi-" + RANDOM + RANDOM,
    "JSON web token": ".".join(("eyJ" + RANDOM, "eyJ" + RANDOM, RANDOM)),
    "password in a URL": "postgres://me:" + "hunter22@db/x",
    "secret value": 'password = "' + RANDOM[:20] + '"',
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_refused_by_place_and_kind_without_being_repeated(kind):
    found = refused_lines([("config.py", 7, f"x = '{SECRETS[kind]}'")])
    assert found == (f"config.py:7 {kind}",)


@pytest.mark.parametrize(
    "text",
    [
        "token = settings.github_token",
        'password = os.environ["DB_PASSWORD_1"]',
        "max_tokens = compute_tokens_per_chunk2",
        'secret = "changeme"',
        "url = f'https://{user}:{password}@host'",
        "=======",
        "http://localhost:3000/a@b",
        "x = '" + SECRETS["AWS access key"] + "'  # pragma: allowlist secret",
    ],
)
def test_ordinary_code_passes(text):
    assert refused_lines([("a.py", 1, text)]) == ()


def test_a_conflict_marker_is_refused():
    lines = [("a.py", 1, "<" * 7 + " HEAD"), ("a.py", 3, "=" * 7), ("a.py", 5, ">" * 7 + " other")]
    assert refused_lines(lines) == ("a.py:1 conflict marker", "a.py:5 conflict marker")


@given(st.text(alphabet=st.characters(categories=["L", "Zs"])))
def test_prose_without_digits_is_never_a_secret_value(text):
    assert refused_lines([("README.md", 1, text)]) == ()


@pytest.mark.parametrize(
    "path",
    (
        ".env",
        "a/.env.local",
        "keys/server.pem",
        "node_modules/x/index.js",
        "a/__pycache__/b.pyc",
        "id_rsa",
    ),
)
def test_a_file_of_one_machine_is_forbidden(path):
    assert forbidden_path(path)


@pytest.mark.parametrize(
    "path", (".env.example", "docs/environment.md", "keyboard.py", "a/pem.txt")
)
def test_a_file_that_only_looks_like_one_is_not(path):
    assert forbidden_path(path) == ""


def test_an_oversized_file_is_refused_with_both_sizes():
    assert refused_files({"a.bin": 6 * 1024 * 1024, "b.txt": 5 * 1024 * 1024}, 5.0) == (
        "a.bin has 6.0 MiB, more than 5 MiB",
    )


def test_the_projects_own_names_are_forbidden_too():
    assert refused_files({"notes.secret": 1}, 5.0, ("*.secret",)) == (
        "notes.secret is *.secret, which belongs to one machine",
    )


LONG = "a.b:c/" * 200_000


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("before", [0, 2_500, 3_990, 1_000_000])
def test_a_secret_anywhere_in_a_very_long_line_is_found(kind, before):
    line = f"{'x ' * (before // 2)} {SECRETS[kind]} {'y ' * 2_000}"
    assert refused_lines([("app.min.js", 1, line)]) == (f"app.min.js:1 {kind}",)


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        "token" * 200_000,
        "eyJaaaaaaaaaaa-" * 60_000,
        "a" * 1_000_000,
        "\\" * 500_000,
        "'" * 500_000,
    ],
)
def test_a_hostile_line_takes_no_longer_than_its_length(text):
    began = time.process_time()
    refused_lines([("a.txt", 1, text), ("a.txt", 2, text)])
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("TOKEN = ('ghp_{}'", "         '{}')"),
        ('token = "ghp_{}" +', '    "{}"'),
        ('token = "ghp_{}" \\', '    "{}"'),
        ("export TOKEN=ghp_{}\\", "{}"),
        ('token = "ghp_{}".', '    "{}";'),
    ],
)
def test_a_secret_spread_over_two_lines_is_found_at_the_first(first, second):
    lines = [("a.py", 4, first.format(RANDOM[:20])), ("a.py", 5, second.format(RANDOM[20:]))]
    assert refused_lines(lines) == ("a.py:4 GitHub token",)
    for elsewhere in (("b.py", 5), ("a.py", 9)):
        assert "GitHub token" not in str(refused_lines([lines[0], (*elsewhere, lines[1][2])]))


def test_a_secret_spread_over_many_lines_is_found():
    text = "ghp_" + RANDOM
    lines = [("a.py", at + 1, f"    '{text[at * 9 : at * 9 + 9]}'") for at in range(5)]
    assert refused_lines(lines) == ("a.py:1 GitHub token",)


def test_texts_that_follow_each_other_without_being_joined_are_no_secret():
    lines = [("a.py", 1, '    "ghp_' + RANDOM[:20] + '",'), ("a.py", 2, f'    "{RANDOM[20:]}",')]
    assert refused_lines(lines) == ()


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_lines_are_read(texts):
    refused_lines([("a", number, text) for number, text in enumerate(texts, 1)])


class Changed(MemoryRepository):
    """One file added, which an attribute calls binary."""

    def __init__(self, text: str) -> None:
        super().__init__({"a.txt": "a\n"})
        self.work["b.py"] = text

    def changes(self, base: str, tree: str) -> tuple[FileChange, ...]:
        return (
            FileChange(path="b.py", added=None, removed=None),
            FileChange(path="gone.bin", added=None, removed=None),
        )

    def added_lines(self, base: str, tree: str) -> tuple[tuple[str, int, str], ...]:
        return ()


def test_a_text_that_calls_itself_binary_is_read_all_the_same():
    hidden = Changed(f"x = 1\ny = '{SECRETS['GitHub token']}'\n")
    assert refused_in(hidden, "main", hidden.work_tree(), Refusals(5.0)) == ("b.py:2 GitHub token",)
    harmless = Changed("\0\1\2 binary \0")
    assert refused_in(harmless, "main", harmless.work_tree(), Refusals(5.0)) == ()
