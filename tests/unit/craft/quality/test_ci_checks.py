"""What a CI system has said of a commit does not hang on the order in which it is listed, and
nothing is never enough."""

from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.quality.ci_checks import newest, read
from devflow.model.checks import Status, judged
from devflow.model.ci import HostCheck
from devflow.model.review import Protection
from devflow.steps.checks import STEP
from devflow.testing import MemoryHost, MemoryRepository

SHA = "a" * 40
OTHER = "b" * 40
STATES = (
    "pending",
    "success",
    "failure",
    "error",
    "neutral",
    "skipped",
    "cancelled",
    "timed_out",
    "action_required",
    "stale",
)
checks = st.builds(
    HostCheck,
    id=st.integers(1, 99),
    kind=st.sampled_from(["check run", "status"]),
    name=st.sampled_from(["build", "test (3.11)", "devflow/quality"]),
    sha=st.sampled_from([SHA, SHA, OTHER]),
    state=st.sampled_from(STATES),
    app=st.sampled_from(["", "acme-ci"]),
)
listed = st.lists(checks, max_size=8, unique_by=lambda one: one.id)
named = st.lists(st.sampled_from(["build", "test *", "*"]), max_size=2).map(tuple)


class Listing(MemoryHost):
    """A host that lists these checks."""

    def __init__(self, found) -> None:
        super().__init__(MemoryRepository({"a": ""}))
        self.found = tuple(found)

    def checks(self, sha: str):
        return self.found


@given(listed, named, st.randoms())
def test_the_order_of_a_list_is_of_no_matter(found, names, chance):
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert read(Listing(found), SHA, names) == read(Listing(shuffled), SHA, names)


@given(listed, named, st.booleans(), st.booleans())
def test_what_passes_has_succeeded_on_this_commit_and_nothing_newer_says_otherwise(
    found, names, skipped, neutral
):
    params = STEP.params(names=names, allow_skipped=skipped, allow_neutral=neutral)
    product = read(Listing(found), SHA, names)
    if judged(STEP.judge(params, product)) is not Status.PASSED:
        return
    latest = newest(found, SHA)
    counted = [one for one in latest if one in product.checks]
    fine = {"success", *(["skipped"] if skipped else []), *(["neutral"] if neutral else [])}
    assert any(one.state in fine for one in counted) and not product.missing
    assert not any(
        one.state in ("pending", "failure", "error", "cancelled", "timed_out") for one in counted
    )
    if names:
        assert all(one.state in fine for one in counted)


def test_required_checks_may_have_any_characters_in_their_names():
    host = Listing([HostCheck(id=1, kind="status", name="ci [a] (b*)", sha=SHA, state="success")])
    host.rules = Protection(required_checks=("ci [a] (b*)",))
    assert read(host, SHA, host.rules.required_checks).verdict == "ended"
