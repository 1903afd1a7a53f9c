"""One reader of .dockerignore for every builder: by BuildKit's documented rules, and as the docker
SDK's own reader has it wherever that follows them."""

import pytest
from docker.utils.build import Pattern, PatternMatcher  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.dockerfile.patterns import Ignored
from devflow.model.errors import StepFailed

NAMES = st.sampled_from(["a", "b", "ab", "a.b", "^", "-", "a-b", "["])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
# what both read alike
PARTS = ["a", "b", "*", "?", "a*", "*b", "?b", "[ab]", "[a-b]b", ".", "", "a.b", "a-b", "**"]
RULES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join)
WRITTEN = st.tuples(st.sampled_from(["", "!", "! ", "/", " "]), RULES).map("".join)


def by_sdk(text: str, path: str) -> bool:
    matcher = PatternMatcher([line.strip() for line in text.split("\n") if line.strip("!/ ")])
    # the SDK adds `!.dockerignore`, for the builders that read it from the tar
    matcher.patterns.pop()
    return bool(matcher.matches(path))


def by_each_rule_of_the_sdk(text: str, path: str) -> bool:
    """The last rule that matches the path, or any folder above it, decides: with the SDK's own
    matching of one rule, and not its choice of folders."""
    parts = path.split("/")
    above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    is_ignored = False
    for line in text.split("\n"):
        rule = Pattern(line.strip())
        if rule.dirs and any(rule.match(name) for name in above):
            is_ignored = not rule.exclusion
    return is_ignored


def ours(text: str, path: str) -> bool:
    return Ignored(text, ".dockerignore")(path)


def is_said(rules: list[str]) -> bool:
    """Whether none is empty, which engines refuse behind a ``!``."""
    return all(one.strip("! ") for one in rules)


@given(st.lists(WRITTEN, max_size=5).filter(is_said), PATHS)
def test_a_path_is_ignored_as_the_rules_of_the_sdk_say(rules: list[str], path: str) -> None:
    text = "\n".join(rules)
    assert ours(text, path) == by_each_rule_of_the_sdk(text, path)
    if "**" not in text:
        assert ours(text, path) == by_sdk(text, path)


# rules, path, whether it is ignored: each is BuildKit's documented rule, and the SDK's is the other
FAULTS_OF_THE_SDK = {
    "a folder below ** is left out with all that is in it": ("**/build", "a/b/build/out", True),
    "and kept with it": ("**\n!**/kept", "a/b/kept/x", False),
    "a backslash makes a character itself": ("\\[a", "[a", True),
    "a set may be of what is not in it, by Go's ^": ("[^a]", "b", True),
    "and by nothing else": ("[!a]", "b", False),
    "what leads out of the context is nothing of it": ("../a", "a", False),
}


@pytest.mark.parametrize("case", FAULTS_OF_THE_SDK)
def test_where_the_sdk_is_wrong_ours_follows_buildkit(case: str) -> None:
    text, path, is_ignored = FAULTS_OF_THE_SDK[case]
    assert ours(text, path) is is_ignored
    assert by_sdk(text, path) is not is_ignored


@pytest.mark.parametrize(
    ("text", "path", "is_ignored"),
    [
        ("*\n!a\na", "a", True),
        ("a\n!a", "a", False),
        ("a/**", "a", False),
        ("a/**", "a/b/c", True),
        ("a**b", "ax/b", True),
        ("a**b", "axb", False),
        ("**", "a/b", True),
        ("a/../b/./c//d/", "b/c/d", True),
        (".", "a", False),
        ("/", "a", False),
        ("\ufeffa", "a", True),
        ("a\r\n", "a", True),
        (" # a", "# a", True),
        ("[]a]", "]", True),
        ("[a\\-z]", "-", True),
        ("[a&&b~~[]", "&", True),
    ],
)
def test_what_is_ignored_by_the_rules(text: str, path: str, is_ignored: bool) -> None:
    assert ours(text, path) is is_ignored


@pytest.mark.parametrize("rule", ["!", "! ", "[", "[a", "[^]", "[b-a]", "a[\\"])
def test_a_rule_that_engines_refuse_is_refused_with_its_line(rule: str) -> None:
    with pytest.raises(StepFailed) as raised:
        Ignored(f"# rules\n{rule}\n", "docs/.dockerignore")
    assert raised.value.where == "docs/.dockerignore:2"


@given(st.text(max_size=20), PATHS)
def test_any_text_is_read_or_refused(text: str, path: str) -> None:
    try:
        Ignored(text, "here")(path)
    except StepFailed as error:
        assert error.where.startswith("here:")
