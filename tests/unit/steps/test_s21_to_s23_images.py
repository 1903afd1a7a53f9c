"""Step 23: no image is claimed that was not built."""

import pytest

from devflow.model.checks import Status, judged
from devflow.model.release import Images
from devflow.step import Turn
from devflow.steps import s23_smoke

LATER = (s23_smoke.STEP,)
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize("step", LATER, ids=lambda step: step.name)
def test_what_follows_the_images_claims_nothing_of_them(step):
    needs = step.needs(images=Images(digests={"backend": DIGEST}))
    assert step.make(None, Turn("SCRUM-95", step.name), step.params(), needs).kind == "unavailable"


@pytest.mark.parametrize("step", LATER, ids=lambda step: step.name)
def test_only_digests_are_judged_to_be_images(step):
    assert (
        judged(step.judge(step.params(), step.makes(digests={"backend": DIGEST}))) is Status.PASSED
    )
    assert (
        judged(step.judge(step.params(), step.makes(digests={"backend": "latest"})))
        is Status.FAILED
    )
    assert judged(step.judge(step.params(), step.makes(digests={}))) is Status.UNAVAILABLE
