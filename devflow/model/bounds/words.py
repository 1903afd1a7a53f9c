"""Kinds of names, words and commands."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from devflow.model.bounds.allowed import allowed

_ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
# of a DNS label: names become parts of host names, images and folders
_NAME_CHARS: Final = 63
# the kernel's limit on one argument of a program is 131072 bytes
_ARGUMENT_CHARS: Final = 32768
# of a commit's status at GitHub; a status of JIRA has at most 60
_LINE_CHARS: Final = 255

Line = Annotated[
    str,
    Field(min_length=1, max_length=_LINE_CHARS, pattern=_ONE_LINE),
    allowed(f"a line of text, of at most {_LINE_CHARS} characters"),
]
LineOrNone = Annotated[
    str,
    Field(max_length=_LINE_CHARS, pattern=_ONE_LINE),
    allowed(f"a line of text, of at most {_LINE_CHARS} characters, or nothing"),
]
Paragraph = Annotated[
    str,
    Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"),
    allowed("text, of at most 2000 characters"),
]
Label = Annotated[
    str,
    # GitHub's limit
    Field(min_length=1, max_length=50, pattern=_ONE_LINE),
    allowed("a label, of at most 50 characters"),
]

Name = Annotated[
    str,
    Field(max_length=_NAME_CHARS, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"),
    allowed(f"a name of letters, digits, - and _, of at most {_NAME_CHARS} characters"),
]
NameOrNone = Annotated[
    str,
    Field(max_length=_NAME_CHARS, pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]*)?$"),
    allowed(f"a name of letters, digits, - and _, of at most {_NAME_CHARS} characters, or nothing"),
]
# what an entry does there is held to what the environment can when the plan is made
ENVIRONMENT_NAME: Final = allowed(
    f"a name of small letters, digits and -, of at most {_NAME_CHARS} characters"
)
EnvironmentName = Annotated[
    str, Field(max_length=_NAME_CHARS, pattern=r"^[a-z][a-z0-9-]*$"), ENVIRONMENT_NAME
]
Login = Annotated[
    str,
    Field(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*(\[bot\])?$"),
    allowed("a login, as tech-lead"),
]
Member = Annotated[
    str,
    Field(max_length=128, pattern=r"^[A-Za-z0-9_][^\s()\x00-\x1f\x7f-\x9f]*$"),
    allowed("a name of people:, a login, as tech-lead, or an account of JIRA"),
]
TrackerAccountOrNone = Annotated[
    str,
    Field(max_length=128, pattern=r"^([A-Za-z0-9_][^\s()\x00-\x1f\x7f-\x9f]*)?$"),
    allowed("an account of JIRA: an account id (Cloud) or a user name (Data Center), or nothing"),
]
LoginOrNone = Annotated[
    str,
    Field(max_length=100, pattern=r"^([A-Za-z0-9][A-Za-z0-9_./-]*(\[bot\])?)?$"),
    allowed("a login, as tech-lead, or nothing"),
]
EmailOrNone = Annotated[
    str,
    Field(max_length=254, pattern=r"^([^\s@]+@[^\s@]+)?$"),
    allowed("an e-mail address"),
]
ProjectKeyOrNone = Annotated[
    str,
    Field(max_length=80, pattern=r"^([A-Za-z][A-Za-z0-9_]*)?$"),
    allowed("the key of a JIRA project, as SCRUM"),
]
PythonVersion = Annotated[
    str,
    Field(max_length=12, pattern=r"^[0-9]+\.[0-9]+(\.[0-9]+)?t?$"),
    allowed('a version of Python, as "3.11"'),
]
Requirement = Annotated[
    str,
    # what begins with - would be an option of pip
    Field(max_length=_LINE_CHARS, pattern=r"^[A-Za-z0-9][^\x00-\x1f\x7f-\x9f]*$"),
    allowed("a requirement of pip, as black==25.9.0"),
]
LinterCode = Annotated[
    str,
    Field(max_length=20, pattern=r"^[A-Z]+[0-9]*$"),
    allowed("a code of flake8, as E203"),
]
Variable = Annotated[
    str,
    Field(max_length=_LINE_CHARS, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"),
    allowed("the name of a variable, as NODE_ENV"),
]
Argument = Annotated[
    str,
    Field(max_length=_ARGUMENT_CHARS, pattern=r"^[^\x00]*$"),
    allowed(f"text without a NUL, of at most {_ARGUMENT_CHARS} characters"),
]
CommitType = Annotated[
    str,
    Field(max_length=20, pattern=r"^[a-z][a-z0-9-]*$"),
    allowed("a type of Conventional Commits, as feat"),
]
Platform = Annotated[
    str,
    Field(max_length=40, pattern=r"^linux/[a-z0-9]+(/[a-z0-9]+)?$"),
    allowed("a platform, as linux/arm64"),
]
Pattern = Annotated[
    str,
    Field(min_length=1, max_length=_LINE_CHARS, pattern=_ONE_LINE),
    allowed(f"a pattern, as feature/*, of at most {_LINE_CHARS} characters"),
]


def _reference(name: str) -> str:
    """Refuses what git does: https://git-scm.com/docs/git-check-ref-format."""
    parts = name.split("/")
    is_part_bad = any(part.startswith(".") or part.endswith(".lock") for part in parts)
    if is_part_bad or ".." in name or "@{" in name or "//" in name or name.endswith("."):
        raise ValueError("git takes no such name")
    return name


_REFERENCE: Final = r"[^\x00-\x20\x7f~^:?*\[\\/-][^\x00-\x20\x7f~^:?*\[\\]*"
GitName = Annotated[
    str,
    Field(max_length=200, pattern=f"^{_REFERENCE}$"),
    AfterValidator(_reference),
    allowed("a name that git takes, as main"),
]
GitNameOrNone = Annotated[
    str,
    Field(max_length=200, pattern=f"^({_REFERENCE})?$"),
    AfterValidator(_reference),
    allowed("a name that git takes, as team/, or nothing"),
]
