"""Step 20: each service's image is built of the pushed commit, for the platforms that were asked,
and told what is in it; nothing is claimed that was not built or read."""

from dataclasses import replace

import pytest

from devflow.model.checks import Status
from devflow.model.declared.project import Service
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.events import Recorded
from devflow.model.images import Audit, Vulnerability
from devflow.model.release import Images
from devflow.steps import s20_images
from devflow.testing import NOW
from tests.unit.steps.image_world import TURN, ImageWorld, lines, status

BOTH = ("linux/amd64", "linux/arm64")


def test_each_service_with_an_image_of_its_own_is_built_of_the_pushed_commit() -> None:
    world = ImageWorld()
    product = world.build()
    assert set(product.digests) == {"backend", "frontend"}
    assert status(product) is Status.PASSED
    recipes = {recipe.service: recipe for recipe in world.images.recipes}
    assert recipes["backend"].dockerfile == "Dockerfile.backend"
    assert recipes["frontend"].dockerfile == "Dockerfile"
    assert {recipe.commit for recipe in recipes.values()} == {world.push.sha}
    labels = recipes["backend"].labels
    assert labels["org.opencontainers.image.revision"] == world.push.sha
    assert labels["org.opencontainers.image.version"] == product.version
    assert labels["org.opencontainers.image.source"] == "http://host.test"


def test_the_same_commit_gives_the_same_digests() -> None:
    world = ImageWorld()
    assert world.build().digests == world.build().digests


def test_the_address_of_a_machine_is_no_source() -> None:
    world = ImageWorld()
    world.host.page_url = lambda: "http://127.0.0.1:4711/acme/carprice"
    world.build()
    assert "org.opencontainers.image.source" not in world.images.recipes[0].labels


def test_every_document_about_an_image_is_kept_and_named() -> None:
    world = ImageWorld()
    product = world.build()
    for image in product.images:
        kinds = [document.kind for document in image.documents]
        assert kinds.count("provenance") == 1
        assert kinds.count("sbom") == kinds.count("vulnerabilities") == len(BOTH)
        for document in image.documents:
            assert world.images.size_bytes(document.digest)


def test_of_an_image_without_a_known_package_that_is_said_and_holds_nothing_up() -> None:
    world = ImageWorld()
    world.images.files = {"app/main": b"x"}
    product = world.build()
    line = lines(product)["sbom", "backend"]
    only = "no component of it is known, only files are named: "
    assert line.ok is None and only in line.measured
    bills = [one for one in product.images[0].documents if one.kind == "sbom"]
    assert all(one.digest[:19] in line.measured for one in bills)
    assert status(product) is Status.PASSED


def test_a_list_of_packages_that_is_not_read_is_said_beside_what_is_known() -> None:
    world = ImageWorld()
    world.images.files = {**world.images.files, "var/lib/rpm/rpmdb.sqlite": b"x"}
    line = lines(world.build())["sbom", "backend"]
    assert line.ok and line.measured.endswith("; not read: rpm's packages (var/lib/rpm)")


def test_an_image_without_a_bill_is_not_measured() -> None:
    world = ImageWorld()
    product = world.build()
    (first, *others) = product.images
    without = first.model_copy(update={"documents": ()})
    product = product.model_copy(update={"images": (without, *others)})
    assert status(product) is Status.UNAVAILABLE


def test_an_image_without_a_program_says_so() -> None:
    world = ImageWorld()
    world.images.machines["linux/arm64"] = ""
    line = lines(world.build())["platforms", "backend"]
    assert line.ok and line.measured == "linux/amd64, linux/arm64 (no program in it)"


def test_programs_for_another_processor_than_the_image_says_fail() -> None:
    world = ImageWorld()
    world.images.machines["linux/arm64"] = "amd64"
    product = world.build()
    line = lines(product)["platforms", "backend"]
    assert line.ok is False and "linux/arm64 (is" in line.measured
    assert status(product) is Status.FAILED


def test_a_platform_that_was_asked_and_not_built_fails() -> None:
    product = ImageWorld().build()
    image = product.images[0].model_copy(update={"platforms": product.images[0].platforms[:1]})
    assert status(product.model_copy(update={"images": (image,)})) is Status.FAILED


def test_a_critical_vulnerability_fails_and_others_are_counted() -> None:
    world = ImageWorld()
    found = Vulnerability(id="CVE-2026-1", package="zlib1g", version="1", severity="high")
    world.advisories.audited = Audit(audited=2, findings=(found,), unaudited=("left-pad",))
    product = world.build()
    line = lines(product)["vulnerabilities", "backend"]
    assert line.ok and line.measured == "1 known, 1 high in 2 packages; 1 not audited"
    assert status(product, fail_on="high") is Status.FAILED
    assert status(product, fail_on="never") is Status.PASSED


def test_what_nothing_was_known_of_is_not_free_of_vulnerabilities() -> None:
    world = ImageWorld()
    world.advisories.audited = Audit(unaudited=("zlib1g",), why_not="no source answered")
    line = lines(world.build())["vulnerabilities", "backend"]
    assert line.ok is None and line.measured == "not measured: no source answered"


def test_without_a_service_that_has_an_image_there_is_nothing_to_build() -> None:
    world = ImageWorld({"backend": Service(path="services/backend", port=5002)})
    absent = world.build()
    assert absent.kind == "skipped" and "project.services" in absent.why


def test_what_cannot_be_built_here_is_unavailable_and_a_bad_declaration_fails() -> None:
    world = ImageWorld()
    for fault in (Unavailable("no engine"), StepFailed("unknown instruction", where="line 3")):
        world.images.fault = fault
        with pytest.raises(type(fault)):
            world.build()


def test_what_is_damaged_after_each_build_is_named_as_a_file() -> None:
    world = ImageWorld()
    kept = world.images.keep

    def forgetful(content: bytes) -> str:
        digest = kept(content)
        world.images.held[digest] = b"damaged"
        return digest

    world.images.keep = forgetful  # type: ignore[method-assign]
    with pytest.raises(StepFailed, match="damaged in the cache of images, and removed") as raised:
        world.build()
    assert raised.value.where.startswith("sha256:")


def record(world: ImageWorld, product: Images) -> None:
    """What this run's journal says of the step."""
    event = Recorded(
        at=NOW,
        run=TURN.run,
        entry=TURN.entry,
        step="images",
        fingerprint="f",
        round=1,
        by="make",
        product=product.model_dump(mode="json"),
        status=Status.PASSED,
    )
    world.history.kept[TURN.run] = [event]


def test_an_image_of_which_a_document_is_damaged_is_built_anew() -> None:
    world = ImageWorld()
    product = world.build()
    record(world, product)
    assert s20_images.look(world.tools, TURN, s20_images.Params(), world.needs()) is None
    world.images.held[product.images[0].platforms[0].digest] = b"damaged"
    seen = s20_images.look(world.tools, TURN, s20_images.Params(), world.needs())
    assert seen is not None and product.digests["backend"] in seen.gone


def test_an_image_that_was_pruned_is_built_anew() -> None:
    world = ImageWorld()
    product = world.build()
    record(world, product)
    look = s20_images.STEP.look
    assert look is not None
    assert look(world.tools, TURN, s20_images.Params(), world.needs()) is None
    del world.images.held[product.digests["backend"]]
    gone = look(world.tools, TURN, s20_images.Params(), world.needs())
    assert gone is not None and status(gone) is Status.FAILED
    assert s20_images.STEP.foresee(s20_images.Params(), replace(world.needs())).writes == ()
