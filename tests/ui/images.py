"""An analysed image for the screens that show one: layers, waste, findings, recommendations."""

from devflow.craft.analysis.grading import graded
from devflow.model.images import (
    ImageFinding,
    ImageReport,
    LayerSummary,
    Recommendation,
    Share,
)

NAME = "ghcr.io/acme/carprice-backend:SCRUM-95-4be1c07"
MB = 1_000_000


def _layer(line: str, files: int, wasted: int = 0, **origins: int) -> LayerSummary:
    size_bytes = sum(origins.values()) + wasted
    return LayerSummary(
        digest=f"sha256:{'b' * 64}",
        created_by=line,
        size_bytes=size_bytes,
        compressed_bytes=size_bytes // 3,
        files=files,
        wasted_bytes=wasted,
        origins=origins,
    )


LAYERS = (
    _layer("COPY --from=runtime /runtime /", 2310, base=38_200_000),
    _layer("COPY --from=deps /deps /usr/lib/python3/site-packages", 901, dependencies=17_300_000),
    _layer("RUN pip install -r extra.txt && rm -rf /root/.cache", 40, 3_100_000, other=90_000),
    _layer("COPY services /app/services", 31, application=640_000),
)
SHARES = (
    Share(origin="base", size_bytes=38_200_000, share=0.644, before_bytes=38_200_000),
    Share(origin="dependencies", size_bytes=17_300_000, share=0.292, before_bytes=16_100_000),
    Share(origin="application", size_bytes=640_000, share=0.011, before_bytes=638_500),
    Share(origin="other", size_bytes=3_190_000, share=0.053, hidden_bytes=3_100_000),
)
FINDINGS = (
    ImageFinding(
        rule="secret-files",
        kind="secret",
        text="private key in 1 file: whoever pulls the image has it",
        paths=("app/key.pem (layer 3, deleted or replaced later, still shipped)",),
        count=1,
    ),
    ImageFinding(
        rule="set-uid",
        kind="warning",
        text="5 programs with set-uid or set-gid: another way to be root",
        paths=("usr/bin/chfn", "usr/bin/chsh", "usr/bin/mount", "usr/bin/su", "usr/bin/umount"),
        count=5,
    ),
    ImageFinding(
        rule="byte-code",
        kind="note",
        text="byte code beside its source: it keeps the start short",
        size_bytes=7_400_000,
    ),
)
RECOMMENDATIONS = (
    Recommendation(
        rule="deleted",
        text="delete in the RUN that makes the files, or leave them in a build stage",
        saves_bytes=3_100_000,
        paths=("root/.cache/pip/http/a/b/c", "app/key.pem"),
        files=2,
    ),
    Recommendation(
        rule="tests",
        text="leave the packages' tests out",
        saves_bytes=410_300,
        paths=("usr/lib/python3/site-packages/numpy/tests/data/a.npz",) * 3,
        files=58,
    ),
)
REPORT = graded(
    ImageReport(
        service="backend",
        platform="linux/amd64",
        digest=f"sha256:{'4f2a' * 16}",
        size_bytes=sum(layer.size_bytes for layer in LAYERS),
        compressed_bytes=21_400_000,
        distribution="Debian GNU/Linux 12 (bookworm)",
        distribution_id="debian",
        user="1000",
        shares=SHARES,
        layers=LAYERS,
        efficiency=0.948,
        wasted_bytes=3_100_000,
        hidden_bytes=3_100_000,
        findings=FINDINGS,
        recommendations=RECOMMENDATIONS,
        before_bytes=54_990_000,
        before_of="the release of SCRUM-90",
        budget_bytes=120 * MB,
    )
)
