"""Which variables the commands of a project inherit, and which of their values are secrets."""

import pytest

from devflow.adapters.toolchain.inherited import GROUPS, credentials, inherited, is_inherited


@pytest.mark.parametrize(
    "name",
    [
        "HOME",
        "https_proxy",
        "NO_PROXY",
        "NODE_EXTRA_CA_CERTS",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "npm_config_registry",
        "NPM_CONFIG_CACHE",
        "npm_config_//registry.npmjs.org/:_authToken",
        "PNPM_HOME",
        "GOPROXY",
        "GOMODCACHE",
        "CARGO_HOME",
        "CARGO_REGISTRIES_OURS_TOKEN",
        "RUSTUP_TOOLCHAIN",
        "JAVA_HOME",
        "MAVEN_OPTS",
        "GRADLE_USER_HOME",
        "UV_INDEX_URL",
        "PIP_INDEX_URL",
        "POETRY_HTTP_BASIC_OURS_PASSWORD",
        "PERL_LOCAL_LIB_ROOT",
    ],
)
def test_what_package_managers_proxies_and_certificates_need_is_inherited(name: str) -> None:
    assert is_inherited(name)


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "JIRA_API_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "DATABASE_URL",
        "PYTHONPATH",
        "VIRTUAL_ENV",
        "LD_PRELOAD",
        "NODE_OPTIONS",
        "UV_PROJECT_ENVIRONMENT",
        "UV_PUBLISH_TOKEN",
        "npm_config_local_prefix",
        "npm_package_name",
        "CARGO_TARGET_DIR",
        "CARGO_REGISTRY_TOKEN",
        "HTTP_PROXY_PASSWORD",
        "gopath",
    ],
)
def test_everything_else_is_named_by_whoever_needs_it(name: str) -> None:
    assert not is_inherited(name)


@pytest.mark.parametrize(
    ("name", "value", "secrets"),
    [
        ("https_proxy", "http://ann:p%40ssword@proxy.example:3128", {"p%40ssword", "p@ssword"}),
        ("PIP_INDEX_URL", "https://gh-token-1234@index.example/simple", {"gh-token-1234"}),
        (
            "PIP_EXTRA_INDEX_URL",
            "https://a:first-secret@one.example https://b:second-secret@two.example",
            {"first-secret", "second-secret"},
        ),
        ("GOPROXY", "https://u:go-secret@go.example,direct", {"go-secret"}),
        ("UV_INDEX", "ours=https://u:uv-secret@index.example", {"uv-secret"}),
        ("MAVEN_OPTS", "-Xmx1g -Dhttps.proxyPassword=java-secret -ea", {"java-secret"}),
        ("GRADLE_OPTS", "-PnexusPassword=gradle-secret", {"gradle-secret"}),
        ("UV_INDEX_OURS_PASSWORD", "plain-secret", {"plain-secret"}),
        ("npm_config_//registry.npmjs.org/:_authToken", "npm-secret", {"npm-secret"}),
        ("CARGO_REGISTRIES_OURS_TOKEN", "cargo-secret", {"cargo-secret"}),
        ("npm_config_registry", "https://registry.example/@scope", set()),
        ("npm_config_always_auth", "always", set()),
        ("https_proxy", "http://proxy.example:3128", set()),
        ("GOFLAGS", "-mod=vendor", set()),
    ],
)
def test_what_logs_in_is_a_secret(name: str, value: str, secrets: set[str]) -> None:
    assert is_inherited(name) and set(credentials({name: value})) == secrets


def test_a_value_is_inherited_as_it_is() -> None:
    assert inherited({"GOPROXY": "a,b", "EDITOR": "vi"}) == {"GOPROXY": "a,b"}


def test_no_group_has_a_name_of_another() -> None:
    names = [name for group in GROUPS for name in group.names]
    assert len(names) == len(set(names))


def test_of_perls_folders_those_are_kept_into_which_modules_are_installed() -> None:
    folders = "/home/ada/perl5/lib/perl5:/home/ada/rates/lib:local/lib/perl5/"
    kept = {"PERL5LIB": "/home/ada/perl5/lib/perl5:local/lib/perl5/"}
    assert inherited({"PERL5LIB": folders}) == kept
    assert inherited({"PERL5LIB": "/home/ada/rates/lib"}) == {"PERL5LIB": ""}
