"""Step 21: an image is published complete, under tags that are nobody else's, and what the registry
answers is what is judged."""

import pytest

from devflow.model.checks import Status
from devflow.model.errors import StepFailed
from devflow.model.images import BaseImage, PublishedPlatform
from devflow.model.outcomes import Absent
from devflow.model.release import Published
from devflow.step import Turn
from devflow.steps import s21_publish
from tests.unit.steps.publish_world import TURN, PublishWorld, lines, status

BACKEND = "acme/carprice-backend"


@pytest.fixture
def world() -> PublishWorld:
    return PublishWorld()


def test_an_image_is_published_under_its_commit_and_its_pull_request(world: PublishWorld) -> None:
    product = world.publish()
    tag = f"SCRUM-95-{world.push.sha[:7]}"
    assert status(product) is Status.PASSED
    assert product.images[0].tags == (tag, "pr-14")
    assert product.images[0].repository == "registry.test/acme/carprice-backend"
    digest = world.built.digests["backend"]
    assert world.registry.tags[BACKEND, tag] == world.registry.tags[BACKEND, "pr-14"] == digest
    assert product.digests == world.built.digests


def test_everything_that_is_attached_is_verified_and_told(world: PublishWorld) -> None:
    found = lines(world.publish())
    for id_ in ("sbom", "provenance", "vulnerability_report", "signature"):
        check = found[id_, "backend"]
        assert check.ok and "verified, sha256:" in check.measured


def test_layers_of_another_service_are_mounted(world: PublishWorld) -> None:
    backend, frontend = world.publish().images
    assert backend.mounted_blobs == 0 and frontend.mounted_blobs > 0
    assert backend.uploaded_bytes > frontend.uploaded_bytes > 0


def test_without_a_registry_nothing_is_published_and_the_setting_is_named(
    world: PublishWorld,
) -> None:
    world.registry._name = ""
    absent = world.publish()
    assert isinstance(absent, Absent) and absent.kind == "unavailable"
    assert "project.registry" in absent.why
    assert world.seen() is None


def test_without_a_pull_request_the_commit_is_the_only_tag(world: PublishWorld) -> None:
    world.pull = Absent(kind="skipped", why="not asked for")
    assert world.publish().images[0].tags == (f"SCRUM-95-{world.push.sha[:7]}",)


def test_a_commits_tag_with_another_digest_is_refused_and_nothing_is_tagged(
    world: PublishWorld,
) -> None:
    world.remember(world.publish())
    before = dict(world.registry.tags)
    world.rebuild(b"the same commit, built to something else")
    with pytest.raises(StepFailed, match="exists, and is sha256") as raised:
        world.publish()
    assert "publish: {with: {replace: true}}" in raised.value.hint
    assert world.registry.tags == before


def test_a_commits_tag_is_replaced_where_that_is_asked_for(world: PublishWorld) -> None:
    world.remember(world.publish())
    world.rebuild(b"the same commit, built to something else")
    product = world.publish(replace=True)
    assert status(product) is Status.PASSED
    assert world.registry.tags[BACKEND, "pr-14"] == world.built.digests["backend"]


def test_the_pull_requests_tag_moves_from_what_the_journal_names(world: PublishWorld) -> None:
    world.remember(world.publish())
    world.change("two")
    product = world.publish()
    assert status(product) is Status.PASSED
    assert world.registry.tags[BACKEND, "pr-14"] == world.built.digests["backend"]


def test_without_a_journal_it_moves_from_an_image_whose_own_commit_leads_to_it(
    world: PublishWorld,
) -> None:
    world.images.says_revision = True
    world.built = world.build()
    world.publish()
    world.change("two")
    assert status(world.publish()) is Status.PASSED


def test_a_pull_requests_tag_that_somebody_else_has_put_there_stays(world: PublishWorld) -> None:
    world.publish(Turn(run="OTHER-1", entry="publish"))
    before = dict(world.registry.tags)
    world.change("two")
    with pytest.raises(StepFailed, match="which this pipeline has not published"):
        world.publish()
    assert world.registry.tags == before


def test_what_is_there_is_looked_at_and_adopted(world: PublishWorld) -> None:
    before = world.seen()
    assert before is not None and status(before) is Status.FAILED
    made = world.publish()
    seen = world.seen()
    assert seen is not None and status(seen) is Status.PASSED
    assert seen.digests == made.digests
    assert "was there" in lines(seen)["size", "backend"].measured


def test_a_tag_that_leads_elsewhere_by_now_is_not_this(world: PublishWorld) -> None:
    world.publish()
    world.registry.tags[BACKEND, "pr-14"] = world.built.images[0].platforms[0].digest
    seen = world.seen()
    assert seen is not None and status(seen) is Status.FAILED
    assert "is not there" in lines(seen)["image", "backend"].measured


def test_what_a_registry_lost_is_published_again(world: PublishWorld) -> None:
    world.publish()
    world.registry.tags.clear()
    seen = world.seen()
    assert seen is not None and status(seen) is Status.FAILED
    assert status(world.publish()) is Status.PASSED


def test_without_a_key_it_is_published_and_said_to_be_unsigned(world: PublishWorld) -> None:
    world.signing.key = None
    product = world.publish()
    line = lines(product)["signature", "backend"]
    assert line.ok is None and "devflow keys" in line.measured
    assert status(product) is Status.PASSED
    assert status(product, must_sign=True) is Status.UNAVAILABLE


def test_a_key_that_was_made_later_signs_what_is_published(world: PublishWorld) -> None:
    key = world.signing.key
    world.signing.key = None
    world.publish()
    world.signing.key = key
    seen = world.seen()
    assert seen is not None and status(seen) is Status.FAILED
    assert lines(world.publish())["signature", "backend"].ok


@pytest.mark.parametrize("kind", ["sbom", "provenance"])
def test_a_document_that_is_gone_from_the_registry_fails(world: PublishWorld, kind: str) -> None:
    world.signing.key = None
    world.publish()
    for document in world.built.images[0].documents:
        if document.kind == kind:
            world.registry.documents[BACKEND].pop(document.digest)
    seen = world.seen()
    assert seen is not None and status(seen) is Status.FAILED


def test_a_document_that_was_changed_in_the_registry_fails(world: PublishWorld) -> None:
    world.publish()
    contents = world.registry.contents[BACKEND]
    for digest, content in contents.items():
        if b"predicateType" in content or b"payload" in content or b"CycloneDX" in content:
            contents[digest] = content.replace(b"a", b"b")
    seen = world.seen()
    assert seen is not None and status(seen) is Status.FAILED


def test_a_layer_of_another_platform_than_the_index_says_fails() -> None:
    product = PublishWorld().publish()
    (image, *others) = product.images
    amd = PublishedPlatform(platform="linux/amd64", config_platform="linux/amd64")
    arm = PublishedPlatform(platform="linux/arm64", config_platform="linux/amd64")
    wrong = image.model_copy(update={"platforms": (amd, arm)})
    changed = product.model_copy(update={"images": (wrong, *others)})
    platforms = lines(changed)["platforms", "backend"]
    assert platforms.ok is False
    assert "linux/arm64 (is linux/amd64)" in platforms.measured


def test_an_image_that_is_only_named_is_not_taken_for_published() -> None:
    product = Published(digests={"backend": f"sha256:{'a' * 64}"})
    assert status(product) is Status.FAILED


def test_a_registry_that_answers_another_digest_fails(world: PublishWorld) -> None:
    product = world.publish()
    other = product.model_copy(update={"digests": {**product.digests, "backend": "sha256:other"}})
    assert status(other) is Status.FAILED


def test_the_writes_are_foreseen_before_there_is_an_image(world: PublishWorld) -> None:
    foreseen = s21_publish.foresee(s21_publish.Params(), world.publish_needs())
    said = [f"{write.port}.{write.verb} {write.target}" for write in foreseen.writes]
    assert said[0] == f"registry.publish carprice-backend of {world.push.sha[:7]}"
    assert len(said) == 4
    assert TURN.run == "SCRUM-95"


def test_a_base_that_was_made_here_leaves_this_machine_only_where_that_is_said(
    world: PublishWorld,
) -> None:
    made = BaseImage(name="devflow/base-python", digest=f"sha256:{'b' * 64}", made=True)
    images = tuple(one.model_copy(update={"base": made}) for one in world.built.images)
    world.built = world.built.model_copy(update={"images": images})
    absent = world.publish()
    assert isinstance(absent, Absent) and "image.base: made" in absent.why
    assert not world.registry.tags
    world.registry._name = "127.0.0.1:5000/acme"
    assert isinstance(world.publish(), Published)
