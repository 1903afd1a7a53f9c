"""A pull request's template: GitHub's places, and no box ticked that nobody measured."""

import pytest

from devflow.craft.review.template import template_of, unticked
from devflow.testing import MemoryRepository

TEXT = "## What\n\n- [ ] documented\n"


@pytest.mark.parametrize(
    "path",
    [
        ".github/PULL_REQUEST_TEMPLATE.md",
        ".github/pull_request_template.txt",
        "pull_request_template.md",
        "docs/Pull_Request_Template.md",
        "PULL_REQUEST_TEMPLATE",
    ],
)
def test_a_template_is_found_where_github_looks(path):
    assert template_of(MemoryRepository({path: TEXT, "a.py": ""}), "main") == TEXT.strip()


def test_the_first_place_counts_and_a_folder_of_several_only_by_name():
    several = ".github/PULL_REQUEST_TEMPLATE/release.md"
    files = {several: "release", "docs/pull_request_template.md": "docs"}
    repository = MemoryRepository(files)
    assert template_of(repository, "main") == "docs"
    assert template_of(repository, "main", several) == "release"
    repository = MemoryRepository({**files, ".github/pull_request_template.md": "first"})
    assert template_of(repository, "main") == "first"
    assert template_of(MemoryRepository({several: "release"}), "main") == ""


def test_a_box_that_the_template_ticks_is_unticked_as_nothing_measured_it():
    text = "- [x] tests pass\n  * [X] on Windows\n1. [x] documented\na[x] b\n"
    code = "```md\n- [x] an example\n```\n"
    mended = "- [ ] tests pass\n  * [ ] on Windows\n1. [ ] documented\na[x] b\n"
    assert unticked(text + code + text) == mended + code + mended
