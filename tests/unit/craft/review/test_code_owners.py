"""Who is asked to review, from CODEOWNERS."""

from devflow.craft.review.code_owners import owners


def test_the_last_line_of_codeowners_decides_and_teams_are_left_out():
    text = (
        "* @everyone\n"
        "/services/ @backend-dev  # all of it\n"
        "*.css @frontend-dev @org/design mail@example.org\n"
    )
    assert owners(text, ["services/app.py"]) == ("backend-dev",)
    assert owners(text, ["services/static/style.css"]) == ("frontend-dev",)
    assert owners(text, ["README.md"]) == ("everyone",)
    assert owners("", ["README.md"]) == ()
