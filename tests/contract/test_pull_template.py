"""A pull request on a template, at the code host's wire: what is not our section is people's."""

from devflow.craft.review.pull_text import section
from tests.contract.code_host_bench import OPEN, Bench


def test_a_template_stands_before_our_section_and_stays_as_people_fill_it_in(bench: Bench) -> None:
    name, _ = bench.branch()
    template = "## Checklist\n\n- [ ] I have read the ADR\n"
    for text in ("Evidence 1", "Evidence 2"):
        bench.host().open_pull(name, "main", "Title", text, template, mark=OPEN)
        pull = bench.host().pull_for(name)
        assert pull is not None and pull.body.startswith("## Checklist\n\n- [ ] I have read")
        assert pull.body.count("## Checklist") == 1
        assert section(pull.body, OPEN).strip() == text
