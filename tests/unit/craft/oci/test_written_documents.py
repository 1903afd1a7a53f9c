"""Documents of ours are read back as they were written, whatever is empty in them."""

from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.oci.formats import (
    CONFIG,
    Descriptor,
    Execution,
    Healthcheck,
    History,
    ImageConfig,
    Index,
    Manifest,
    Platform,
    RootFilesystem,
    encoded,
    read_config,
    read_document,
)

WORDS = st.text(max_size=3)
TEXTS = st.dictionaries(WORDS, WORDS, max_size=2)
LISTS = st.lists(WORDS, max_size=2).map(tuple)
SOME = st.lists(WORDS, min_size=1, max_size=2).map(tuple)
DIGESTS = st.sampled_from([f"sha256:{letter * 64}" for letter in "ab"])
EXECUTIONS = st.builds(
    Execution,
    user=WORDS,
    exposed_ports=st.dictionaries(WORDS, st.just({}), min_size=1, max_size=2) | st.none(),
    env=SOME | st.none(),
    cmd=SOME | st.none(),
    labels=st.dictionaries(WORDS, WORDS, min_size=1, max_size=2) | st.none(),
    healthcheck=st.builds(Healthcheck, test=LISTS, interval=st.integers(0, 2)) | st.none(),
)
HISTORIES = st.builds(History, created_by=WORDS, empty_layer=st.booleans())
CONFIGS = st.builds(
    ImageConfig,
    created=WORDS,
    architecture=WORDS,
    os=WORDS,
    config=EXECUTIONS,
    rootfs=st.builds(RootFilesystem, diff_ids=st.lists(DIGESTS, max_size=2).map(tuple)),
    history=st.lists(HISTORIES, max_size=3).map(tuple),
)
DESCRIPTORS = st.builds(
    Descriptor,
    media_type=st.just(CONFIG) | WORDS,
    digest=DIGESTS,
    size_bytes=st.integers(0, 2),
    platform=st.builds(Platform, os=WORDS, architecture=WORDS) | st.none(),
    annotations=TEXTS,
)


@given(CONFIGS)
def test_a_configuration_is_read_back(config: ImageConfig) -> None:
    assert read_config(encoded(config), "here") == config


@given(DESCRIPTORS, st.lists(DESCRIPTORS, max_size=2).map(tuple))
def test_a_manifest_and_an_index_are_read_back(
    config: Descriptor, others: tuple[Descriptor, ...]
) -> None:
    for document in (Manifest(config=config, layers=others), Index(manifests=others)):
        assert read_document(encoded(document), "here") == document
