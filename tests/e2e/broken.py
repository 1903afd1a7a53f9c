"""What is broken is green nowhere: how one case of a shape is played and judged."""

from tests.e2e.shape_place import Place
from tests.e2e.shapes import Case

NOT_GREEN = {"failed", "unavailable"}
# the ticket is done, or it is somebody's turn: neither may be said of what is broken
GOOD_ENDS = (0, 8)


def is_green_nowhere(case: Case, place: Place) -> None:
    """Breaks the finished repository and ships it: the entry says so, and nothing is written."""
    options = _break(case, place)
    repository = place.repository
    pushed = place.pushed
    shipped = place.ship(*options)
    assert shipped.came_to(case.broken.entry) in NOT_GREEN, str(shipped)
    assert shipped.exit_code not in GOOD_ENDS, str(shipped)
    # linters look at what was pushed
    if not case.broken.without and case.broken.kind != "linter":
        assert shipped.writes == []
        assert place.pushed == pushed
        assert place.repository == repository


def _break(case: Case, place: Place) -> tuple[str, ...]:
    """Breaks it in the case's way; the options that ship what was broken."""
    place.damage(case.broken)
    if case.way == "uncommitted":
        return ()
    place.commit()
    if case.way == "committed":
        return ()
    place.push()
    place.checkout.git("checkout", "--quiet", "HEAD^", "--", ".")
    return ("--as-pushed",)
