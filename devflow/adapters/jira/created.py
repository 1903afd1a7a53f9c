"""A ticket that is created under a mark, once however often it is said.

The mark is a label of it. A search, by which it is found, may lag behind: what was created is read
back by its key.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

import requests
from jira.exceptions import JIRAError

from devflow.adapters.http.guard import fault_of_error
from devflow.adapters.http.retry import WrongAnswer, fault_of
from devflow.adapters.jira import answers
from devflow.adapters.jira.adf import to_adf
from devflow.adapters.jira.client import JiraClient, issue_path
from devflow.adapters.jira.marked import Accounts, must_be
from devflow.adapters.jira.site import JiraSite
from devflow.adapters.jira.walk import answer_of
from devflow.adapters.jira.wiki import to_wiki
from devflow.model.errors import StepFailed
from devflow.model.marks import Mark
from devflow.model.planning import NewTicket

MOST_MARKED: Final = 100  # tickets under one mark; one is ours, the others are copies of its label
DIGEST_CHARS: Final = 16  # of a SHA-256: 64 bits, for the few marked tickets of one project


@dataclass
class Creation:
    """A ticket that is to be in a project."""

    client: JiraClient
    site: JiraSite
    project: str
    new: NewTicket
    mark: Mark
    # of the ticket that was created, over all attempts; empty before
    _key: str = field(default="", init=False)
    # whether an attempt was sent of which nobody knows what became
    _may_be_there: bool = field(default=False, init=False)

    def ensure(self, accounts: Accounts) -> None:
        """Creates the ticket unless a search finds it, and reads it back by its key, which a search
        may not know yet.

        What may have been created is looked for again, and not sent a second time. Raises
        ``StepFailed`` for a type that the project does not have, ``Fault`` where it is not found.
        """
        if not self._key:
            if created_ticket(self.client, self.project, self.mark, accounts):
                return
            if self._may_be_there:
                raise WrongAnswer("no answer to a ticket's creation, and no search that finds it")
            self._send({"fields": self._fields()})
        there = answer_of(self.client, self._key).fields
        must_be(_label(self.mark) in there.labels, "a ticket")

    def _send(self, body: object) -> None:
        self._may_be_there = True
        try:
            self._key = self.client.send("POST", "issue", body, answers.Created).key
        except JIRAError as error:
            headers = error.response.headers if error.response is not None else {}
            fault = fault_of(int(error.status_code or 0), headers, "")
            self._may_be_there = fault is not None and fault.certainty == "unknown"
            raise
        except requests.RequestException as error:
            self._may_be_there = fault_of_error(error, self.client.url).certainty == "unknown"
            raise

    def _fields(self) -> dict[str, object]:
        fields: dict[str, object] = {
            "project": {"key": self.project},
            "issuetype": ticket_type(self.site, self.project, self.new.type),
            "summary": self.new.summary,
            "labels": [_label(self.mark)],
        }
        text = self.new.description
        if text:
            fields["description"] = to_adf(text) if self.client.auth.cloud else to_wiki(text)
        return fields


def ticket_type(site: JiraSite, project: str, wanted: str) -> dict[str, str]:
    """A type by its id; by its name where this account may not see the project's types.

    Raises ``StepFailed`` for one that the project does not have.
    """
    types = site.types(project)
    for type_id, name in types.items():
        if name.casefold() == wanted.casefold():
            return {"id": type_id}
    if types:
        problem = f'{project} has no tickets of the type "{wanted}"'
        raise StepFailed(problem, hint=f"--type is one of: {', '.join(types.values())}")
    return {"name": wanted}


def append_text(client: JiraClient, key: str, text: str) -> None:
    """Adds Markdown to the end of a description on Cloud, which the sandbox speaks; once, however
    often it is said."""
    document = to_adf(text)
    there = answer_of(client, key).fields.description or {**document, "content": []}
    added = document["content"]
    if there["content"][-len(added) :] == added:
        return
    whole = {**there, "content": [*there["content"], *added]}
    client.send("PUT", issue_path(key), {"fields": {"description": whole}})


def created_ticket(client: JiraClient, project: str, mark: Mark, accounts: Accounts) -> str:
    """The key of the oldest ticket under a mark that this account or another runner created, empty
    where a search finds none."""
    query = f'project = "{project}" AND labels = "{_label(mark)}" ORDER BY created ASC'
    for issue in client.search(query, MOST_MARKED, fields="creator"):
        creator = issue.fields.creator
        if creator is not None and accounts.hand(creator.person) != "stranger":
            return issue.key
    return ""


def _label(mark: Mark) -> str:
    """The mark as a label, which may hold neither spaces nor much text."""
    digest = hashlib.sha256(mark.editable.encode()).hexdigest()
    return f"devflow-{digest[:DIGEST_CHARS]}"
