"""The guards refuse what must not be committed, name the place, and never repeat a secret.

Every secret here is put together at run time, so that this file itself can be committed.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.guards import forbidden_path, refused_files, refused_lines

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
    "path", (".env", "a/.env.local", "keys/server.pem", "node_modules/x/index.js", "a/__pycache__/b.pyc", "id_rsa")
)
def test_a_file_of_one_machine_is_forbidden(path):
    assert forbidden_path(path)


@pytest.mark.parametrize("path", (".env.example", "docs/environment.md", "keyboard.py", "a/pem.txt"))
def test_a_file_that_only_looks_like_one_is_not(path):
    assert forbidden_path(path) == ""


def test_an_oversized_file_is_refused_with_both_sizes():
    assert refused_files({"a.bin": 6 * 1024 * 1024, "b.txt": 5 * 1024 * 1024}, 5.0) == ("a.bin has 6.0 MiB, more than 5 MiB",)


def test_the_projects_own_names_are_forbidden_too():
    assert refused_files({"notes.secret": 1}, 5.0, ("*.secret",)) == (
        "notes.secret is *.secret, which belongs to one machine",
    )
