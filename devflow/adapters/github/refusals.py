"""Why GitHub refuses something, in words that say what to change: which permission a token lacks is
told by GitHub's headers, else known by what was asked.

A 404 is GitHub's way to hide a private repository from a token that may not see it.
"""

from dataclasses import dataclass
from typing import Final, Mapping

from devflow.model.errors import AccessDenied, StepFailed

NEEDED: Final = "x-accepted-github-permissions"  # of a fine-grained token or an app: checks=write
SCOPES: Final = "x-accepted-oauth-scopes"  # of a classic token, any of these
SSO: Final = "x-github-sso"  # required; url=https://github.com/orgs/...


@dataclass(frozen=True)
class Refusal:
    """What GitHub answered about a repository: its status, its words and its headers in lower case;
    ``needs`` is the permission that the request needs, empty where that is not known."""

    place: str
    repository: str
    status: int
    reason: str
    headers: Mapping[str, str]
    needs: str = ""

    def error(self) -> Exception:
        """The error that a person reads."""
        if "your own pull request" in self.reason:
            hint = "let somebody else give the verdict"
            return AccessDenied(f"{self.place}: {self.reason}", hint=hint, where=self.place)
        if self.status == 401:
            problem = f"{self.place} does not know this token (401): {self.reason}"
            hint = "check GITHUB_TOKEN: it is wrong, has expired or was revoked"
            return AccessDenied(problem, hint=hint, where=self.place)
        if self.status == 403:
            return self._denied()
        if self.status == 404:
            problem = f"{self.place} has nothing there in {self.repository}: {self.reason}"
            if self.needs:
                problem += f", or this token lacks {self.needs}"
            hint = f"see {self.repository} on GitHub, and what the token may do there"
            return StepFailed(problem, hint=hint, where=self.place)
        problem = f"{self.place} answered {self.status}: {self.reason}"
        return StepFailed(problem, hint="see the pull request on GitHub", where=self.place)

    def _denied(self) -> AccessDenied:
        sso = self.headers.get(SSO, "")
        if sso.startswith("required"):
            address = sso.partition("url=")[2]
            problem = f"{self.place}: the organisation wants this token authorised for its sign-on"
            return AccessDenied(problem, hint=f"authorise it at {address}", where=self.place)
        lacking = self._lacking()
        if not lacking:
            problem = f"{self.place} does not let this token do that (403): {self.reason}"
            hint = f"see what the token may do in {self.repository}"
            return AccessDenied(problem, hint=hint, where=self.place)
        problem = f"{self.place}: this token lacks {lacking} (403): {self.reason}"
        hint = f"give the token {lacking} for {self.repository}"
        return AccessDenied(problem, hint=hint, where=self.place)

    def _lacking(self) -> str:
        named = self.headers.get(NEEDED, "").strip()
        if named:
            # one of several sets; a set is held together by commas
            sets = [one.strip().replace("=", ": ") for one in named.split(";")]
            return f"the permission {' or '.join(sets)}"
        scopes = self.headers.get(SCOPES, "").strip()
        if scopes:
            return f"the scope {scopes.replace(', ', ' or ')}"
        return f"the permission {self.needs}" if self.needs else ""


def hidden(place: str, repository: str) -> AccessDenied:
    """The repository itself is not there for this token."""
    problem = (
        f"{place} shows this token no repository {repository}: there is none of that name, or it "
        "is private and the token may not see it"
    )
    hint = (
        "check the name; a fine-grained token needs the repository among its own and metadata: "
        "read, a classic one the scope repo"
    )
    return AccessDenied(problem, hint=hint, where=place)
