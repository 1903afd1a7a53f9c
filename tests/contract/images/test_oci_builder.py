"""Our own builder: the same bytes for the same commit, nothing done twice, and what it does not
carry out named with its line."""

import shutil
import time
from pathlib import Path

import pytest

from devflow.craft.analysis.report import Subject, analysed
from devflow.craft.oci.layers import Kind
from devflow.craft.supply.documents import inventory
from devflow.model.errors import DevflowError, StepFailed, Unavailable
from tests.contract.images.daemons import RunningRegistry
from tests.contract.images.small_repository import SmallRepository
from tests.contract.images.tiny import BOTH, OTHER_PLATFORM, OWN, OWN_PLATFORM, program, push

STATIC = """\
# escape=\\
ARG WHERE=/site
FROM scratch AS files
ARG WHERE
ENV TOP=${WHERE} NAME="a b"
COPY --chown=1000:1000 pages ${TOP}/
COPY --chmod=0600 secret.txt \\
    # a comment within
    $TOP/kept/
FROM scratch
ARG TARGETARCH
COPY --from=files /site /srv
COPY tools/run-* /bin/
WORKDIR /srv/made
USER 1000
EXPOSE 8080 9000/udp
LABEL kind=static arch=$TARGETARCH
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m30s --timeout=2s --retries=2 CMD ["/bin/run-it", "--check"]
ENTRYPOINT ["/bin/run-it"]
CMD ["--port", "8080"]
"""
SITE = {
    "Dockerfile": STATIC,
    ".dockerignore": "**\n!pages\n!tools\n!secret.txt\n**/*.tmp\n",
    "pages/index.html": "<p>one</p>",
    "pages/deep/two.html": "<p>two</p>",
    "pages/draft.tmp": "no",
    "secret.txt": "kept",
    "tools/run-it*": "#!/bin/sh\n",
    "tools/other": "other",
}


@pytest.fixture
def small(tmp_path: Path) -> SmallRepository:
    return SmallRepository(tmp_path / "repository", tmp_path / "cache")


def test_a_repository_of_another_shape_is_built_by_its_own_dockerfile(
    small: SmallRepository,
) -> None:
    image = small.build(small.commit(SITE))
    files = small.files(image)
    assert {path for path, one in files.items() if one.kind is Kind.FILE} == {
        "srv/index.html",
        "srv/deep/two.html",
        "srv/kept/secret.txt",
        "bin/run-it",
    }
    assert (files["srv/index.html"].uid, files["srv/index.html"].gid) == (1000, 1000)
    assert files["srv/kept/secret.txt"].mode == 0o600
    assert files["bin/run-it"].mode == 0o755
    assert files["srv/made"].kind is Kind.DIRECTORY
    for platform in BOTH:
        _, config = small.documents(image, platform)
        run = config.config
        assert config.platform.text == platform
        assert run.labels == {"kind": "static", "arch": platform.split("/")[1]}
        assert run.exposed_ports == {"8080/tcp": {}, "9000/udp": {}}
        assert (run.user, run.working_dir, run.stop_signal) == ("1000", "/srv/made", "SIGTERM")
        assert (run.entrypoint, run.cmd) == (("/bin/run-it",), ("--port", "8080"))
        assert run.healthcheck is not None and run.healthcheck.interval == 90_000_000_000
        lines = [one.created_by for one in config.history if not one.empty_layer]
        assert lines[0].startswith("COPY --from=files /site /srv")
    assert image.base is None


def test_the_same_commit_is_the_same_digest_in_two_folders(
    small: SmallRepository, tmp_path: Path
) -> None:
    first = small.build(small.commit(SITE))
    elsewhere = SmallRepository(tmp_path / "other" / "deeper", tmp_path / "other-cache")
    shutil.copytree(small.root, elsewhere.root)
    again = elsewhere.build(elsewhere.commit({"README": "the tree differs, the image does not"}))
    assert again.digest == first.digest


def test_nothing_changed_is_nothing_built(small: SmallRepository) -> None:
    commit = small.commit(SITE)
    first = small.build(commit)
    said: list[str] = []
    begin_s = time.process_time()
    again = small.build(commit, lambda text, *_: said.append(text))
    assert time.process_time() - begin_s < 0.3
    assert again.digest == first.digest
    assert all(one.cached_layers == one.layers for one in again.platforms)
    assert not any("COPY" in text or "RUN" in text for text in said)


def test_only_the_layers_of_what_changed_are_new(small: SmallRepository) -> None:
    first = small.build(small.commit(SITE))
    changed = small.build(small.commit({"tools/run-it*": "#!/bin/sh\nexit 1\n"}))
    assert changed.digest != first.digest
    # the one that changed and the one above it, as new for one platform as for the other
    assert [one.layers - one.cached_layers for one in changed.platforms] == [2, 2]
    before = small.documents(first)[0].layers
    after = small.documents(changed)[0].layers
    assert before[0].digest == after[0].digest
    assert before[1].digest != after[1].digest


REFUSED = {
    "a stage by a number that there is not": (
        "FROM scratch\nCOPY --from=9 /a /a\n",
        StepFailed,
        "no stage 9: this Dockerfile has 1 stage",
        ":2",
    ),
    "no port": ("FROM scratch\nEXPOSE 80-79\n", StepFailed, "'80-79' is none", ":2"),
    "a base that is empty": ("ARG B\nFROM $B\nCOPY a /a\n", StepFailed, "FROM takes", ":2"),
    "an unknown instruction": ("FROM scratch\nCOPIE a /a\n", StepFailed, "COPIE", ":2"),
    "no instruction": ("# nothing\n", StepFailed, "no instruction", ""),
    "no FROM": ("ARG A=1\n", StepFailed, "no FROM", ""),
    "something before FROM": ("COPY a /a\nFROM scratch\n", StepFailed, "FROM", ":1"),
    "a source that is not there": ("FROM scratch\nCOPY gone /a\n", StepFailed, "gone", ":2"),
    "an ignored source": ("FROM scratch\nCOPY hidden /a\n", StepFailed, "hidden", ":2"),
    "a shell": ("FROM scratch\nRUN echo a > /b\n", Unavailable, "without an engine", ":2"),
    "a program": ("FROM scratch\nRUN make install\n", Unavailable, "make install", ":2"),
    "a heredoc": ("FROM scratch\nRUN <<E\nrm /a\nE\n", Unavailable, "without an engine", ":2"),
    "ADD": ("FROM scratch\nADD https://x.example/a /a\n", Unavailable, "ADD", ":2"),
    "a quote without its end": ('FROM scratch\nENV A="b\n', StepFailed, "cannot be read", ":2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_built_is_refused_with_its_line(case: str, small: SmallRepository) -> None:
    text, kind, words, line = REFUSED[case]
    commit = small.commit(
        {"Dockerfile": text, "a": "a", "hidden": "h", ".dockerignore": "hidden\n"}
    )
    with pytest.raises(DevflowError) as raised:
        small.build(commit)
    assert type(raised.value) is kind
    assert words in raised.value.message
    assert raised.value.where.endswith(f"Dockerfile{line}")
    assert not list((small.cache / "images" / "blobs").rglob(".part-*"))


def test_a_stage_or_a_folder_that_is_not_there_is_refused(small: SmallRepository) -> None:
    commit = small.commit(SITE)
    with pytest.raises(StepFailed, match="no stage nowhere"):
        small.build(commit, target="nowhere")
    with pytest.raises(StepFailed, match="no such folder"):
        small.build(commit, context="nowhere")
    with pytest.raises(StepFailed, match="no such Dockerfile"):
        small.build(commit, dockerfile="Dockerfile.gone")


def test_a_base_that_no_registry_has_is_unavailable(small: SmallRepository) -> None:
    commit = small.commit({"Dockerfile": "FROM 127.0.0.1:9/none:1\nCOPY a /a\n", "a": "a"})
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9/none:1 cannot be had"):
        small.build(commit)


def test_programs_of_another_processor_are_refused(small: SmallRepository) -> None:
    commit = small.commit({"Dockerfile": "FROM scratch\nCOPY a /a\n", "a*": program("arm64")})
    assert small.build(commit, platforms=("linux/arm64",)).platforms[0].machine == "arm64"
    with pytest.raises(StepFailed, match="would hold programs for arm64"):
        small.build(commit, platforms=("linux/amd64",))


def test_a_base_of_a_registry_stays_below_and_its_configuration_is_gone_on_with(
    small: SmallRepository, registry: RunningRegistry
) -> None:
    other = OTHER_PLATFORM.split("/")[1]
    push(registry.address, "small", "1", (OWN, other), {})
    name = f"{registry.address}/small:1"
    text = f"FROM {name}\nENV A=1\nCOPY a /bin/a\nRUN rm -rf /etc && mkdir -p /etc/new\n"
    image = small.build(small.commit({"Dockerfile": text, "a": "a"}))
    assert image.base is not None and image.base.digest.startswith("sha256:")
    assert {one.platform: one.machine for one in image.platforms} == {
        OWN_PLATFORM: OWN,
        OTHER_PLATFORM: other,
    }
    manifest, config = small.documents(image, OWN_PLATFORM)
    assert len(manifest.layers) == len(config.rootfs.diff_ids) == 3
    assert "A=1" in (config.config.env or ())
    files = small.files(image, OWN_PLATFORM)
    assert "bin/a" in files and "etc/new" in files
    assert image.platforms[0].unpacked_bytes >= sum(one.size_bytes for one in files.values()) > 0


def test_a_base_of_one_platform_alone_is_refused(
    small: SmallRepository, registry: RunningRegistry
) -> None:
    push(registry.address, "single", "1", (OWN,), {})
    name = f"{registry.address}/single:1"
    commit = small.commit({"Dockerfile": f"FROM {name}\nCOPY a /a\n", "a": "a"})
    with pytest.raises(Unavailable, match=f"for {OTHER_PLATFORM}|no index"):
        small.build(commit)


def test_values_are_filled_as_engines_fill_them(small: SmallRepository) -> None:
    text = (
        "ARG PLACE=above\nFROM scratch\nARG PLACE=own\nARG TEXT='two words'\n"
        "ENV A=$TEXT B='$TEXT' C=\"$TEXT here\"\nLABEL said=$TEXT\n"
        'COPY ["a file", "/$PLACE/"]\nCMD ["--help"]\nENTRYPOINT ["/run"]\n'
    )
    image = small.build(small.commit({"Dockerfile": text, "a file": "1"}))
    run = small.documents(image)[1].config
    assert run.env == ("A=two words", "B=$TEXT", "C=two words here")
    assert run.labels == {"said": "two words"}
    assert (run.entrypoint, run.cmd) == (("/run",), ("--help",))
    assert "own/a file" in small.files(image)


def test_a_source_named_by_a_link_is_what_the_link_leads_to(small: SmallRepository) -> None:
    small.root.mkdir()
    (small.root / "now").symlink_to("v1")
    text = "FROM scratch\nCOPY now /site\nCOPY now/page /one\n"
    image = small.build(small.commit({"Dockerfile": text, "v1/page": "1"}))
    files = {path for path, one in small.files(image).items() if one.kind is Kind.FILE}
    assert files == {"site/page", "one"}
    changed = small.build(small.commit({"v1/page": "2"}))
    assert changed.digest != image.digest


def test_what_git_checks_out_otherwise_is_copied_anew(small: SmallRepository) -> None:
    files = {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "one\n"}
    assert small.files(small.build(small.commit(files)))["a"].size_bytes == 4
    changed = small.commit({".gitattributes": "a text eol=crlf\n"})
    assert small.files(small.build(changed))["a"].size_bytes == 5


def test_a_layer_that_was_cut_off_on_the_disk_is_made_again(small: SmallRepository) -> None:
    commit = small.commit({"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "1"})
    image = small.build(commit)
    layer = small.documents(image)[0].layers[0]
    small.store.path(layer.digest).write_bytes(b"")
    assert small.build(commit).digest == image.digest
    assert small.store.size_bytes(layer.digest) == layer.size_bytes


@pytest.mark.parametrize("name", ["one", "two"])
def test_a_copy_from_a_stage_that_is_not_built_yet_is_refused(
    small: SmallRepository, name: str
) -> None:
    text = f"FROM scratch AS one\nCOPY --from={name} /a /b\nFROM scratch AS two\nCOPY a /a\n"
    with pytest.raises(StepFailed, match="not built before"):
        small.build(small.commit({"Dockerfile": text, "a": "1"}), target="one")


def test_an_image_of_a_command_alone_has_no_layer_and_is_read_back(small: SmallRepository) -> None:
    image = small.build(small.commit({"Dockerfile": 'FROM scratch\nLABEL a=""\nCMD ["/a"]\n'}))
    manifest, config = small.documents(image)
    assert (manifest.layers, config.rootfs.diff_ids) == ((), ())
    assert (config.config.cmd, config.config.labels) == (("/a",), {"a": ""})
    digest = image.platforms[0].digest
    assert inventory(small.store, digest).packages() == ()
    assert analysed(small.store, Subject(digest)).size_bytes == 0


def test_arguments_that_are_given_come_before_defaults_also_where_they_are_empty(
    small: SmallRepository,
) -> None:
    text = (
        "ARG ABOVE=above\nFROM scratch\nARG ABOVE\nARG OWN=own\nARG OTHER\nARG TARGETARCH=mine\n"
        "ENV ABOVE=$ABOVE OWN=${OWN} SET=${OWN+is} EMPTY=${OWN:-none}\n"
        "ENV UNSET=${OTHER-none} A=$TARGETARCH\n"
    )
    commit = small.commit({"Dockerfile": text})
    run = small.documents(small.build(commit))[1].config
    assert run.env == ("ABOVE=above", "OWN=own", "SET=is", "EMPTY=own", "UNSET=none", "A=mine")
    emptied = small.build(commit, args={"ABOVE": "", "OWN": "", "OTHER": "", "TARGETARCH": ""})
    run = small.documents(emptied)[1].config
    assert run.env == ("ABOVE=", "OWN=", "SET=is", "EMPTY=none", "UNSET=", "A=")


def test_ports_are_exposed_as_docker_writes_them(small: SmallRepository) -> None:
    text = "FROM scratch\nEXPOSE 8000-8002 53/UDP 127.0.0.1:80:8080\n"
    run = small.documents(small.build(small.commit({"Dockerfile": text})))[1].config
    assert list(run.exposed_ports or {}) == [
        "53/udp",
        "8000/tcp",
        "8001/tcp",
        "8002/tcp",
        "8080/tcp",
    ]
