"""What an image consists of, held against images with known bytes."""

import pytest

from devflow.craft.analysis.report import Subject, analysed
from devflow.craft.oci.formats import Execution
from devflow.model.errors import StepFailed
from tests.standins.image_files import Golden, file, folder, hardlink, index_of, symlink

RELEASE = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'


def report_of(image: Golden, **known):
    return analysed(image.blobs, Subject(image.made(), **known))


def by_origin(report):
    return {share.origin: share.size_bytes for share in report.shares}


def test_each_byte_has_an_origin_and_they_add_up() -> None:
    image = Golden().layer(
        file("usr/lib/os-release", RELEASE),
        file("usr/lib/x.so", b"x" * 1000),
        file("usr/local/lib/python3.11/os.py", b"p" * 500),
        file("usr/local/lib/python3.11/site-packages/numpy/core.so", b"n" * 3000),
        file("app/main.py", b"a" * 70),
        file("data/set.csv", b"d" * 5),
    )
    report = report_of(image)
    base = 1500 + len(RELEASE)
    origins = {"base": base, "dependencies": 3000, "application": 70, "other": 5}
    assert by_origin(report) == origins
    assert report.size_bytes == base + 3075
    assert sum(share.share for share in report.shares) == pytest.approx(1)
    assert report.distribution == "Debian GNU/Linux 12 (bookworm)"
    assert report.distribution_id == "debian"


def test_a_target_folder_is_told_by_what_its_metadata_name() -> None:
    record = b"httpx/client.py,sha256=x,1\nhttpx-1.dist-info/RECORD,,\n../bin/httpx,,\n"
    image = Golden().layer(
        file("app/httpx/client.py", b"h" * 40),
        file("app/httpx-1.dist-info/RECORD", record),
        file("app/main.py", b"a" * 7),
    )
    sizes = by_origin(report_of(image))
    assert sizes["dependencies"] == 40 + len(record)
    assert sizes["application"] == 7


def test_a_folder_of_packages_alone_is_theirs_with_what_was_compiled_later() -> None:
    image = Golden().layer(
        file("app/lib/six.py", b"s" * 40),
        file("app/lib/__pycache__/six.cpython-311.pyc", b"p" * 50),
        file("app/lib/six-1.dist-info/RECORD", b"six.py,,"),
        file("app/main.py", b"a" * 7),
    )
    sizes = by_origin(report_of(image))
    assert (sizes["dependencies"], sizes["application"]) == (98, 7)


def test_the_base_images_own_layers_are_its_own_whatever_their_paths() -> None:
    base = Golden().layer(file("app/odd", b"o" * 11), file("usr/bin/x", b"x"))
    base_digest = index_of(base.blobs, {"linux/amd64": base.made()})
    image = Golden(blobs=base.blobs, layers=list(base.layers), history=list(base.history))
    image.layer(file("app/main.py", b"a" * 7))
    report = report_of(image, base=base_digest)
    assert by_origin(report)["base"] == 12
    assert by_origin(report)["application"] == 7
    assert [layer.is_base for layer in report.layers] == [True, False]
    assert report.base_text == f"the lowest 1 of 2 layers, which are {base_digest[:19]}'s"


def test_the_same_image_without_its_base_says_that_paths_decided() -> None:
    base = Golden().layer(file("app/odd", b"o" * 11))
    image = Golden(blobs=base.blobs, layers=list(base.layers), history=list(base.history))
    image.layer(file("app/main.py", b"a" * 7))
    unnamed = report_of(image)
    assert by_origin(unnamed)["base"] == 0
    assert unnamed.base_text == "told by paths, since nothing names it"
    elsewhere = report_of(image, base=f"sha256:{'e' * 64}")
    assert "told by paths: no layer here is known as sha256:eeeeeeeeeeee's" == elsewhere.base_text


def test_layers_have_the_lines_that_they_came_of() -> None:
    image = Golden()
    image.layer(file("a", b"1"), by="/bin/sh -c #(nop) ADD file:1 in / ").line("ENV A=1")
    image.layer(file("b", b"22"), by="RUN /bin/sh -c apt-get update # buildkit")
    image.layer(file("c", b"333"), by="|1 V=2 /bin/sh -c make")
    lines = [layer.created_by for layer in report_of(image).layers]
    assert lines == ["ADD file:1 in /", "RUN apt-get update", "RUN make"]


def test_a_history_of_other_layers_says_nothing() -> None:
    image = Golden().layer(file("a", b"1"))
    image.history.clear()
    assert [layer.created_by for layer in report_of(image).layers] == [""]


def test_waste_and_efficiency_are_dives_and_hidden_bytes_exact() -> None:
    image = Golden()
    image.layer(
        file("app/kept", b"k" * 100), file("app/gone", b"g" * 40), file("app/new", b"1" * 30)
    )
    image.layer(file("app/.wh.gone"), file("app/new", b"2" * 50))
    report = report_of(image)
    # dive: gone 40 and 0, new 30 and 50; least 100 + 0 + 30 of 220
    assert report.wasted_bytes == 40 + 80
    assert report.efficiency == pytest.approx(130 / 220)
    assert report.hidden_bytes == 70
    assert [layer.wasted_bytes for layer in report.layers] == [70, 0]
    assert report.size_bytes == 220


def test_files_below_a_removed_directory_are_wasted_by_overlay_rules() -> None:
    image = Golden().layer(file("cache/a/b", b"x" * 90), file("app/x", b"y" * 10))
    image.layer(file(".wh.cache"))
    report = report_of(image)
    assert report.efficiency == pytest.approx(0.1)
    assert report.hidden_bytes == report.wasted_bytes == 90


def test_a_hard_link_counts_once_and_keeps_what_it_leads_to() -> None:
    image = Golden().layer(file("app/a", b"x" * 90), hardlink("app/b", "app/a"))
    assert report_of(image).size_bytes == 90
    image.layer(file("app/a", b"y" * 5))
    report = report_of(image)
    assert report.size_bytes == 95
    assert report.hidden_bytes == 0
    assert by_origin(report)["application"] == 95


def test_an_image_without_files_is_efficient() -> None:
    report = report_of(Golden().layer())
    assert report.efficiency == 1.0
    assert report.size_bytes == 0


def test_the_grade_is_lost_point_by_point() -> None:
    clean = Golden().layer(file("app/main.py", b"a" * 1000))
    report = report_of(clean)
    assert (report.grade, report.points, report.penalties) == ("A+", 100.0, ())
    rooted = Golden(execution=Execution(working_dir="/app")).layer(
        file("app/main.py", b"a" * 900),
        file("app/tests/t.py", b"t" * 100),
        file("app/su", b"", 0o4755),
    )
    report = report_of(rooted)
    lost = {penalty.rule: penalty.points for penalty in report.penalties}
    assert lost == {"avoidable": 5.0, "set-uid": 1.0, "root": 10.0}
    assert (report.grade, report.points) == ("B", 84.0)


def test_a_secret_is_an_f_and_a_missed_budget_costs() -> None:
    image = Golden().layer(file("app/.env", b"A=b"))
    report = report_of(image, budget_bytes=2)
    assert report.grade == "F"
    assert report.is_over_budget
    assert not report_of(image, budget_bytes=3).is_over_budget


def test_the_change_since_the_last_release_is_told_by_origin() -> None:
    before = report_of(Golden().layer(file("app/x", b"x" * 10), file("usr/y", b"y" * 5)))
    report = report_of(Golden().layer(file("app/x", b"x" * 30), file("usr/y", b"y")), before=before)
    assert report.before_bytes == 15
    changes = {share.origin: (share.before_bytes, share.size_bytes) for share in report.shares}
    assert changes["application"] == (10, 30)
    assert changes["base"] == (5, 1)


def test_content_that_is_not_what_the_configuration_says_is_refused() -> None:
    image = Golden().layer(file("app/x", b"x"))
    image.layers[0] = (image.layers[0][0], f"sha256:{'0' * 64}")
    with pytest.raises(StepFailed, match="not what its name says"):
        report_of(image)


def test_a_layer_that_no_engine_unpacks_is_named() -> None:
    image = Golden().layer(hardlink("app/b", "app/a"), raw=True)
    with pytest.raises(StepFailed, match="hard link to app/a") as refused:
        report_of(image)
    assert refused.value.where.startswith("sha256:")


def test_a_tampered_manifest_is_refused() -> None:
    image = Golden().layer(file("app/x", b"x"))
    digest = image.made()
    image.blobs.held[digest] = image.blobs.held[digest].replace(b"1.0", b"1.1") + b" "
    with pytest.raises(StepFailed, match="not what its name says"):
        analysed(image.blobs, Subject(digest))


def test_the_same_image_gives_the_same_report() -> None:
    def made() -> Golden:
        image = Golden().layer(file("app/b", b"2"), folder("app/c", 0o777), symlink("l", "app"))
        return image.layer(file("app/b", b"3"), file(".wh.l"))

    assert report_of(made()).model_dump_json() == report_of(made()).model_dump_json()
