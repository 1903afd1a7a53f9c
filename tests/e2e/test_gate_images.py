"""An approval of production is bound to what was published: on the command line, with an image that
is built without an engine and kept by the sandbox's registry."""

from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.records import documents
from tests.e2e.story import approves, approves_production, first_change

DOCKERFILE = """FROM scratch
ARG FLAVOUR
ENV FLAVOUR=$FLAVOUR
COPY svc /svc
COPY deps /usr/lib/python3.11/site-packages
CMD ["/svc/app.py"]
"""
# a component for the SBOM: an image without any cannot be told what is in it
INSTALLED = "Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\n"
IMAGE = "image: {dockerfile: svc/Dockerfile, platforms: [linux/amd64], args: {FLAVOUR: one}}"
ENGINE = "unix:///nobody"


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The story up to the production gate, whose approval was given and not yet read."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("bound") / "tiny")
    try:
        with_an_image(checkout)
        checkout.ends(0, "start", KEY)
        first_change(checkout)
        ships(checkout, 8)
        approves(checkout)
        ships(checkout, 8)
        approves_production(checkout)
        yield checkout
    finally:
        checkout.close()


def with_an_image(checkout: Checkout) -> None:
    """Its service gets an image, which needs no engine to be built."""
    checkout.write("svc/Dockerfile", DOCKERFILE)
    (checkout.folder / "deps" / "six-1.17.0.dist-info").mkdir(parents=True)
    checkout.write("deps/six-1.17.0.dist-info/METADATA", INSTALLED)
    checkout.edit("pipeline.yaml", r'"\{port\}"\]\}', f'"{{port}}"], {IMAGE}}}')
    # nothing in it can be started
    checkout.edit("pipeline.yaml", r"    - smoke: .*\n", "")
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--message", "an image")


def ships(checkout: Checkout, code: int, *options: str) -> str:
    said = checkout.ends(code, *options, "ship", KEY, DOCKER_HOST=ENGINE)
    return " ".join(said.split())


def published(checkout: Checkout) -> str:
    entry = next(one for one in checkout.status()["entries"] if one["name"] == "publish")
    assert entry["status"] == "passed", entry
    return str(next(one["measured"] for one in entry["checks"] if "sha256:" in one["measured"]))


def test_the_line_names_what_was_published(approved: Checkout) -> None:
    body = documents(approved, "issue_comment")[-1].body["body"]
    line = body.partition("\n")[0]
    told = line.rpartition(" with svc@")[2]
    assert len(told) == 16 and told in published(approved)


def replacing(checkout: Checkout, flavour: str) -> str:
    """A pipeline beside the repository whose image is another one of the same tree, and whose tags
    may be moved."""
    text = (checkout.folder / "pipeline.yaml").read_text()
    file = checkout.folder.parent / f"{flavour}.yaml"
    publish = "publish: {required: false}"
    assert publish in text and "FLAVOUR: one" in text
    text = text.replace(publish, "publish: {required: false, with: {replace: true}}")
    file.write_text(text.replace("FLAVOUR: one", f"FLAVOUR: {flavour}"))
    return str(file)


def test_an_image_that_is_published_anew_voids_it(approved: Checkout) -> None:
    said = ships(approved, 8, "--pipeline", replacing(approved, "two"))
    assert "devops: the word is about svc@" in said and "now there are svc@" in said
    assert not [one for one in documents(approved, "pull") if one.body.get("merged_at")]


def test_the_word_counts_for_the_image_that_it_named(approved: Checkout) -> None:
    file = replacing(approved, "one")
    ships(approved, 0, "--pipeline", file)
    status = approved.ends(0, "--pipeline", file, "status", KEY, "--short")
    assert "28/28" in status or "done" in status
