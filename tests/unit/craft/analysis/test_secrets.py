"""Secrets are found by name, by content, in the configuration and in what was deleted later; what
they say never leaves the analysis."""

import pytest

from devflow.craft.analysis import secrets
from devflow.craft.analysis.report import Subject, analysed
from devflow.craft.oci.formats import Execution
from tests.standins.image_files import Golden, file

KEY = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEowIBAAKCAQEA" * 4 + b"\n-----END\n"
AWS = b"AKIA" + b"QZ7WMKX2JVN5RTPL"
GITHUB = b"ghp_" + b"aB3" * 12
BY_NAME = (
    ("app/.env", b"A=b"),
    ("app/.env.production", b"A=b"),
    ("root/.ssh/id_rsa", b"x"),
    ("root/.ssh/id_ed25519", b"x"),
    ("root/.npmrc", b"//registry.npmjs.org/:_authToken=npm_abc"),
    ("root/.pypirc", b"[pypi]\npassword = p"),
    ("root/.netrc", b"machine x login y password z"),
    ("root/.git-credentials", b"https://a:b@github.com"),
    ("root/.docker/config.json", b'{"auths": {"x": {"auth": "dTpw"}}}'),
    ("root/.aws/credentials", b"x"),
    ("root/.kube/config", b"x"),
    ("etc/kubeconfig", b"client-key-data: abc"),
    ("etc/pip.conf", b"index-url = https://u:p@host/simple"),
    ("app/cert.p12", b"x"),
)
NO_SECRETS = (
    ("app/.env", b""),
    ("app/.env.example", b"A=b"),
    ("root/.ssh/id_rsa.pub", b"ssh-rsa"),
    ("root/.npmrc", b"registry=https://registry.npmjs.org/"),
    ("root/.npmrc", b"//r/:_authToken=${NPM_TOKEN}"),
    ("root/.pypirc", b"[distutils]"),
    ("etc/pip.conf", b"index-url = https://host/simple"),
    ("app/config.json", b'{"auths": {}}'),
    ("app/keys.py", b'HEADER = "-----BEGIN PRIVATE KEY-----"\nread(HEADER)\n'),
    ("app/docs.md", b"AKIAIOSFODNN7EXAMPLE"),
    ("app/binary", b"\x7fELF\0" + AWS),
)
BY_CONTENT = (
    (KEY, "private key"),
    (b"key = " + AWS, "AWS access key"),
    (b"token: " + GITHUB, "GitHub token"),
    (b"github_pat_" + b"a1_" * 27, "GitHub token"),
    (b"glpat-" + b"a1-b2" * 4, "GitLab token"),
    (b"sk_live_" + b"a1b2c3" * 4, "Stripe key"),
)


def report_of(image: Golden):
    return analysed(image.blobs, Subject(image.made()))


@pytest.mark.parametrize(("path", "content"), BY_NAME)
def test_a_secret_is_told_by_its_name(path: str, content: bytes) -> None:
    report = report_of(Golden().layer(file(path, content)))
    assert [one.paths for one in report.secrets] == [(path,)]
    assert report.grade == "F"


@pytest.mark.parametrize(("path", "content"), NO_SECRETS)
def test_what_only_looks_like_one_is_none(path: str, content: bytes) -> None:
    assert report_of(Golden().layer(file(path, content))).secrets == ()


@pytest.mark.parametrize(("content", "kind"), BY_CONTENT)
def test_a_secret_is_told_by_its_content(content: bytes, kind: str) -> None:
    report = report_of(Golden().layer(file("app/notes.txt", content)))
    assert len(report.secrets) == 1
    assert report.secrets[0].text.startswith(kind)
    assert content.decode() not in report.model_dump_json()


def test_a_secret_that_was_deleted_later_is_still_shipped() -> None:
    image = Golden().layer(file("app/key.pem", KEY)).layer(file("app/.wh.key.pem"))
    (secret,) = report_of(image).secrets
    assert "layer 1, deleted or replaced later, still shipped" in secret.paths[0]


def test_keys_that_public_packages_bring_are_only_noted() -> None:
    path = "usr/lib/python3.11/site-packages/tornado/test/test.key"
    report = report_of(Golden().layer(file(path, KEY)))
    assert report.secrets == ()
    assert [(one.rule, one.kind) for one in report.findings] == [("public-keys", "note")]


@pytest.mark.parametrize(
    "variable", ("DB_PASSWORD=hunter2", "API_KEY=abc", "github_token=x", "X=" + GITHUB.decode())
)
def test_a_secret_in_the_environment_is_told_by_its_name_alone(variable: str) -> None:
    image = Golden(execution=Execution(user="app", env=("PATH=/bin", variable)))
    (secret,) = report_of(image.layer()).secrets
    name, value = variable.split("=")
    assert secret.paths == (f"environment: {name}",)
    assert value not in report_of(image).model_dump_json() or len(value) < 4


@pytest.mark.parametrize(
    "variable",
    (
        "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "PASSWORD=",
        "TOKEN_FILE=/run/secrets/token",
        "SECRET=/run/secrets/s",
        "TOKEN=$OTHER",
        "PYTHONPATH=/app",
    ),
)
def test_a_variable_that_only_sounds_secret_is_none(variable: str) -> None:
    assert not list(secrets.in_environment((variable,)))


def test_a_secret_in_the_history_is_told_and_hidden() -> None:
    image = Golden().layer(file("a", b"1"), by="|1 NPM_TOKEN=s3cr3tvalue /bin/sh -c npm ci")
    image.line("RUN git clone https://me:s3cr3tvalue@host/x")
    report = report_of(image)
    assert report.secrets[0].paths == (
        "history, line 1: NPM_TOKEN",
        "history, line 2: a password in an address",
    )
    assert "s3cr3tvalue" not in report.model_dump_json()
    assert report.layers[0].created_by == "RUN npm ci"


def test_a_secret_in_a_label_is_told() -> None:
    labels = {"org.example.token": "abc", "org.opencontainers.image.version": "1"}
    image = Golden(execution=replace_labels(labels)).layer()
    assert report_of(image).secrets[0].paths == ("label: org.example.token",)


def replace_labels(labels) -> Execution:
    return Execution(user="app").model_copy(update={"labels": labels})


def test_a_line_is_shown_without_what_is_secret() -> None:
    line = "RUN TOKEN=abc API_KEY='d e' curl https://u:pw@host " + AWS.decode()
    shown = secrets.redacted(line)
    assert shown == "RUN TOKEN=*** API_KEY=*** curl https://u:***@host ***"
