"""Training anew: on the bundled data, on the user's own, and on files that cannot be used."""

import json
import runpy
import shutil
import sys

import pytest

from services.backend import train
from services.backend.app import create_app
from services.backend.appraisal import MODEL_DIR

CARS = (MODEL_DIR / "cars.csv").read_text(encoding="utf-8").splitlines(keepends=True)


@pytest.fixture
def command(monkeypatch, capsys):
    """Return a function that runs `services.backend.train`: exit code, output, error output."""

    def command(*options):
        monkeypatch.setattr(sys, "argv", ["train", *map(str, options)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(train.__file__, run_name="__main__")
        return (ended.value.code, *capsys.readouterr())

    return command


def test_training_anew_gives_the_bundled_files_and_says_that_the_data_is_synthetic(
    command, tmp_path
):
    code, output, errors = command("--out", tmp_path / "new")
    metrics = json.loads(output)
    assert code == 0 and "6,000 synthetic cars: the prices are made up" in errors
    assert metrics["hold_out_error_pct"] <= train.BOUND_PCT
    assert metrics["data"] == {"kind": "synthetic", "file": "cars.csv", "seed": "95"}
    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert written == {"cars.csv", "model.json", "metrics.json", "CARD.md"}
    assert (tmp_path / "new" / "cars.csv").read_bytes() == (MODEL_DIR / "cars.csv").read_bytes()


def test_training_twice_gives_the_same_to_the_byte(command, tmp_path):
    for out in ("one", "two"):
        assert command("--out", tmp_path / out)[0] == 0
    for name in ("model.json", "metrics.json", "CARD.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_users_own_cars_are_trained_on_named_and_served(command, connect, tmp_path, car):
    own = tmp_path / "own.csv"
    # another order of the columns, a byte order mark and Windows' line ends are all fine
    lines = []
    for line in CARS[:1001]:
        values = line.strip().split(",")
        lines.append(",".join(reversed(values)))
    own.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    out = tmp_path / "model"
    code, _, errors = command("--data", own, "--out", out)
    assert code == 0 and f"trained on 1,000 cars of {own}" in errors
    metrics = json.loads((out / "metrics.json").read_text())
    data = metrics["data"]
    assert (data["kind"], data["file"], metrics["rows"]["hold_out"]) == ("csv", "own.csv", 200)
    assert metrics["hold_out_error_pct"] < metrics["baseline_error_pct"]
    card = (out / "CARD.md").read_text()
    assert "1,000 cars of the user's own file `own.csv`" in card and "synthetic" not in card
    assert not (out / "cars.csv").exists()
    client = connect(create_app(tmp_path / "carprice.sqlite3", out))
    assert client.get("/health").json()["model"]["data"] == "csv"
    assert client.post("/api/v1/price/current", json=car).status_code == 200


def test_without_out_the_users_cars_leave_the_bundled_model_alone(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("".join(CARS[:301]))
    before = (MODEL_DIR / "model.json").read_bytes()
    assert command("--data", "own.csv")[0] == 0
    assert (tmp_path / "carprice-model" / "CARD.md").exists()
    assert (MODEL_DIR / "model.json").read_bytes() == before


HEADER = CARS[0].strip()


# the number of a line, what stands there instead, and what is said of it
BAD_LINES = [
    (
        (7, "estate,petrol,manual,2,x,130,30000\n"),
        "line 7, column mileage_km: 'x' is no whole number from 0 to 2000000",
    ),
    (
        (7, "estate,petrol,manual,2,,130,30000\n"),
        "line 7, column mileage_km: '' is no whole number from 0 to 2000000",
    ),
    (
        (7, "estate,petrol,manual,2,1.5,130,30000\n"),
        "line 7, column mileage_km: '1.5' is no whole number",
    ),
    (
        (7, "estate,petrol,manual,-2,1,130,30000\n"),
        "line 7, column age_years: '-2' is no whole number from 0 to 100",
    ),
    (
        (9, "estate,petrol,manual,2,1,130,0\n"),
        "line 9, column price_eur: '0' is no whole number from 1 to 10000000",
    ),
    (
        (9, "boat,petrol,manual,2,1,130,1\n"),
        "line 9, column segment: 'boat' is none of city, compact,",
    ),
    (
        (9, "van,petrol,manual,2,1\n"),
        "line 9, column power_kw: there are 5 values for 7 columns",
    ),
    (
        (9, "van,petrol,manual,2,1,130,1,1\n"),
        "line 9, column price_eur: there are 8 values for 7 columns",
    ),
    ((9, 'van,"petrol,manual,2,1,130,1\n'), "line 400: unexpected end of data"),
    (
        (9, "van,petrol,manual,2,1,130," + "9" * 300 + "\n"),
        "column price_eur: '99999999999999999999…' is no whole",
    ),
    ((9, "van,p\udcffetrol,manual,2,1,130,1\n"), "line 9: the text is not UTF-8"),
    (
        (1, HEADER.replace("fuel", "Fuel") + "\n"),
        "line 1, column fuel: is missing; the columns are segment, fuel,",
    ),
    (
        (1, HEADER.replace("fuel", "segment") + "\n"),
        "line 1, column segment: stands there twice",
    ),
    ((1, HEADER + ",colour\n"), "line 1, column colour: is not known; the columns are"),
]


@pytest.mark.parametrize("change, complaint", BAD_LINES)
def test_a_bad_file_costs_one_line_and_exit_code_1_and_nothing_is_written(
    command, tmp_path, change, complaint
):
    number, line = change
    lines = CARS[:400]
    lines[number - 1] = line
    own = tmp_path / "own.csv"
    own.write_bytes("".join(lines).encode(errors="surrogateescape"))
    code, output, errors = command("--data", own, "--out", tmp_path / "out")
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith(f"carprice-train: {own}, ") and complaint in errors
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "lines, complaint",
    [([], "line 1, column segment: is missing"), (CARS[:51], "after 50 cars, and 100")],
)
def test_a_file_with_too_little_in_it_is_refused(command, tmp_path, lines, complaint):
    (tmp_path / "own.csv").write_text("".join(lines))
    code, _, errors = command("--data", tmp_path / "own.csv", "--out", tmp_path / "out")
    assert code == 1 and complaint in errors and not (tmp_path / "out").exists()


def test_a_model_no_better_than_the_naive_baseline_is_not_written(command, tmp_path):
    # every price is the same for an age, so that nothing is left for the model to know
    lines = [HEADER]
    for number in range(200):
        age_years = number // 40
        price_eur = 1000 * (1 + age_years)
        lines.append(f"van,petrol,manual,{age_years},{number},100,{price_eur}")
    (tmp_path / "own.csv").write_text("\n".join(lines) + "\n")
    code, _, errors = command("--data", tmp_path / "own.csv", "--out", tmp_path / "out")
    assert (
        code == 1 and "is not below the naive 0.0 %" in errors and not (tmp_path / "out").exists()
    )


def test_a_file_that_is_not_there_costs_one_line(command, tmp_path):
    code, _, errors = command("--data", tmp_path / "none.csv", "--out", tmp_path / "out")
    assert (code, errors.count("\n")) == (1, 1) and "none.csv" in errors


def test_a_failed_training_keeps_an_earlier_model(command, tmp_path):
    shutil.copytree(MODEL_DIR, tmp_path / "out")
    (tmp_path / "own.csv").write_text("".join(CARS[:20]))
    assert command("--data", tmp_path / "own.csv", "--out", tmp_path / "out")[0] == 1
    assert (tmp_path / "out" / "CARD.md").read_bytes() == (MODEL_DIR / "CARD.md").read_bytes()
