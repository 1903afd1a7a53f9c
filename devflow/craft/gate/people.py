"""Who a person is on each service: a word counts for a person, and a person has accounts.

Nothing is concluded from names that look alike: whoever likes may take any name on a service.
"""

from typing import Final, Iterable, Literal, Mapping, Self

from pydantic import Field, model_validator

from devflow.model.bounds.words import LoginOrNone, Name, TrackerAccountOrNone
from devflow.model.review import Service
from devflow.model.values import Value

Ask = Literal["github", "jira", "both"]
ASKED: Final[Mapping[Ask, tuple[Service, ...]]] = {
    "github": ("github",),
    "jira": ("jira",),
    "both": ("github", "jira"),
}
SERVICES: Final[Mapping[Service, str]] = {"github": "GitHub", "jira": "JIRA"}


class Accounts(Value):
    """A person's accounts; without one they have none on that service."""

    github: LoginOrNone = Field(default="", description="the login on GitHub")
    jira: TrackerAccountOrNone = Field(
        default="", description="the account id on JIRA Cloud, the user name on Data Center"
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.github and not self.jira:
            raise ValueError("say an account: github: LOGIN, jira: ACCOUNT, or both")
        return self

    def on(self, service: Service) -> str:
        """The account there, empty where there is none."""
        return self.github if service == "github" else self.jira


class People(Value):
    """The people of a gate that asks on one service or on both. A name that is none of theirs is an
    account: of JIRA where nothing else is asked, else of GitHub."""

    ask: Ask = "github"
    accounts: dict[Name, Accounts] = {}

    @property
    def asked(self) -> tuple[Service, ...]:
        """The services where a word counts."""
        return ASKED[self.ask]

    def by(self, service: Service, account: str) -> str:
        """Who writes by an account."""
        for name, accounts in self.accounts.items():
            if accounts.on(service).lower() == account.lower():
                return name
        # a stranger may have an account that is called as one of them is
        is_taken = account.lower() in map(str.lower, self.accounts)
        if is_taken or service != self.asked[0]:
            return f"{account} ({SERVICES[service]})"
        return account

    def named(self, told: str) -> str:
        """Who is meant by a name in a role."""
        for name in self.accounts:
            if name.lower() == told.lower():
                return name
        return self.by(self.asked[0], told)

    def account(self, person: str) -> str:
        """The account of JIRA that a person of a role gives words by, empty where there is none."""
        accounts = self.accounts.get(person)
        if accounts is None:
            return person if self.asked[0] == "jira" else ""
        return accounts.jira

    def may_speak(self, person: str) -> bool:
        """Whether the person has an account where it is asked."""
        accounts = self.accounts.get(person)
        return accounts is None or any(accounts.on(service) for service in self.asked)

    def unknown(self, logins: Iterable[str]) -> tuple[str, ...]:
        """The logins of GitHub of which it is not said who that is on JIRA, where JIRA is asked."""
        if "jira" not in self.asked:
            return ()
        known = {one.github.lower() for one in self.accounts.values()}
        return tuple(login for login in logins if login.lower() not in known)


def not_told_apart(people: Mapping[str, Accounts]) -> str:
    """Which two people have one account or one name, in words; empty where none have."""
    folded = [name.lower() for name in people]
    for name in people:
        if folded.count(name.lower()) > 1:
            return f"{name} is the name of two people, but for capital letters"
    owners: dict[tuple[Service, str], str] = {}
    for name, accounts in people.items():
        for service in SERVICES:
            account = accounts.on(service)
            owner = owners.setdefault((service, account.lower()), name) if account else name
            if owner != name:
                return f"{owner} and {name} have the same account on {SERVICES[service]}"
    return ""
