"""Which variables the commands of a project inherit from whoever starts devflow.

Few, so that a command does the same for everybody, and those that package managers, proxies and
certificates need, so that it can do it at all; docs/environment.md is made from this table.
"""

import re
from typing import Final, Iterable, Iterator, Mapping, NamedTuple
from urllib.parse import unquote

from devflow.model.command_line import command_line
from devflow.model.errors import Unavailable


class Group(NamedTuple):
    """Variables with one purpose: ``names``, also in small letters where they are ``any_case``; a
    name that ends with ``*`` is the beginning of several. ``without`` are exceptions."""

    purpose: str
    names: tuple[str, ...]
    without: tuple[str, ...] = ()
    any_case: bool = False


PLACE: Final = Group(
    "who and where the user is",
    ("HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "XDG_CACHE_HOME", "PYENV_ROOT")
    + ("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""What every child inherits, also devflow's own helpers."""
GROUPS: Final = (
    Group(
        "configuration and data",
        ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    ),
    Group(
        "certificates",
        ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"),
    ),
    Group(
        "proxies",
        ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        any_case=True,
    ),
    Group(
        "Python",
        ("PIP_*", "UV_*", "POETRY_*", "PDM_*", "PIPENV_*", "WORKON_HOME", "HATCH_*")
        + ("TOX_WORK_DIR", "PRE_COMMIT_HOME"),
        # these lead to the working tree's environment, which a checkout may not change
        without=("UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR", "UV_PUBLISH_*")
        + ("PDM_PROJECT", "PDM_PUBLISH_*", "PIPENV_ACTIVE", "PIPENV_CUSTOM_VENV_NAME")
        + ("PIPENV_PIPFILE",),
    ),
    Group(
        "Node",
        ("NPM_CONFIG_*", "PNPM_HOME", "YARN_*", "COREPACK_*", "NVM_DIR", "VOLTA_HOME", "FNM_DIR"),
        # where npm started devflow: its folder is not that of a checkout
        without=("NPM_CONFIG_LOCAL_PREFIX", "NPM_CONFIG_DIR", "NPM_CONFIG_WORKSPACE*"),
        any_case=True,
    ),
    Group(
        "Go",
        ("GOPATH", "GOMODCACHE", "GOCACHE", "GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB")
        + ("GONOSUMDB", "GOINSECURE", "GOFLAGS", "GOROOT", "GOBIN", "GOTOOLCHAIN", "GOENV")
        + ("GOAUTH", "GOTMPDIR"),
    ),
    Group(
        "Rust",
        ("CARGO_HOME", "CARGO_HTTP_*", "CARGO_NET_*", "CARGO_REGISTRIES_*", "RUSTUP_*"),
    ),
    Group(
        "Java",
        ("JAVA_HOME", "JAVA_TOOL_OPTIONS", "MAVEN_HOME", "M2_HOME", "MAVEN_OPTS", "MAVEN_ARGS")
        + ("MAVEN_USER_HOME", "GRADLE_HOME", "GRADLE_USER_HOME", "GRADLE_OPTS", "SDKMAN_DIR"),
    ),
    Group(
        "Perl",
        ("PERL5LIB", "PERL_LOCAL_LIB_ROOT", "PERL_MM_OPT", "PERL_MB_OPT", "PERL_CPANM_HOME")
        + ("PERL_CPANM_OPT", "PERLBREW_ROOT", "PERLBREW_HOME", "PLENV_ROOT"),
    ),
    Group(
        "Ruby, PHP, .NET",
        ("GEM_HOME", "GEM_PATH", "BUNDLE_PATH", "COMPOSER_HOME", "COMPOSER_CACHE_DIR")
        + ("NUGET_PACKAGES", "DOTNET_ROOT"),
    ),
)
"""What the commands of a project inherit beside that."""

# where local::lib and Carton install; another folder may be the working tree's own, and its modules
# would be tested in place of a checkout's
_INSTALLED_PERL: Final = "/lib/perl5"
# https://user:password@host, a token in the user's place, and a list of such
_USER_IN_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://([^\s/@:]*)(?::([^\s/@]*))?@", re.IGNORECASE)
_SECRET_NAME: Final = re.compile(
    r"(?:TOKEN|PASSWORD|PASSWD|SECRET|API_?KEY|AUTH_IDENT|[:_]_AUTH)$", re.IGNORECASE
)
# -Dhttps.proxyPassword=…
_SECRET_OPTION: Final = re.compile(
    r"-[DP]\S*?(?:password|passwd|token|secret)\w*=(\S+)", re.IGNORECASE
)


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """What of an environment the commands of a project get."""
    found = {name: value for name, value in environ.items() if is_inherited(name)}
    if "PERL5LIB" in found:
        folders = found["PERL5LIB"].split(":")
        installed = [one for one in folders if one.rstrip("/").endswith(_INSTALLED_PERL)]
        found["PERL5LIB"] = ":".join(installed)
    return found


def is_inherited(name: str) -> bool:
    """Whether a variable of that name is among them."""
    return any(_is_in(group, name) for group in (PLACE, *GROUPS))


def named(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of these names. Raises ``Unavailable`` where one is not set."""
    found = {}
    for name in names:
        if name not in environ:
            hint = f"set {name}, then: {command_line('ship')}"
            problem = f"the environment has no {name}, which the command is to be given"
            raise Unavailable(problem, hint=hint)
        found[name] = environ[name]
    return found


def credentials(variables: Mapping[str, str]) -> Iterator[str]:
    """The secrets in such variables: what is called so, and what stands in addresses and options
    for logging in."""
    for name, value in variables.items():
        if _SECRET_NAME.search(name):
            yield value
        for user, password in _USER_IN_URL.findall(value):
            # a token may stand alone, in the user's place
            secret = password or user
            yield secret
            yield unquote(secret)
        yield from _SECRET_OPTION.findall(value)


def _is_in(group: Group, name: str) -> bool:
    asked = name.upper() if group.any_case else name
    return _fits(group.names, asked) and not _fits(group.without, asked)


def _fits(names: tuple[str, ...], asked: str) -> bool:
    for name in names:
        if asked == name or (name.endswith("*") and asked.startswith(name[:-1])):
            return True
    return False
