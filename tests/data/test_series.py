"""Series: windows and transforms against plain loops, nothing of the future in training, forecasts in the series' own unit, own files."""

from __future__ import annotations

import csv
import hashlib
import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from playground import data, paths
from playground.data.series import forecasts
from playground.data.series.columns import head, number, read
from playground.errors import DataError

FOLDER = paths.RESOURCES / "datasets"
FILES = {
    "sunspots": "sunspots_yearly.csv",
    "sunspots-monthly": "sunspots_monthly.csv",
    "airline": "airline_passengers.csv",
    "co2": "co2_monthly.csv",
}


def values(name: str) -> list[float]:
    with (FOLDER / "series" / FILES[name]).open() as file:
        return [float(row[1]) for row in list(csv.reader(file))[1:]]


@pytest.mark.parametrize("folder", ["series", "text"])
def test_files_are_those_of_the_notice(folder: str) -> None:
    sums = [line.split() for line in (FOLDER / folder / "NOTICE").read_text().split("sha256\n")[1].splitlines()]
    assert sorted(name for _, name in sums) == sorted(path.name for path in (FOLDER / folder).iterdir() if path.name != "NOTICE")
    for checksum, name in sums:
        assert hashlib.sha256((FOLDER / folder / name).read_bytes()).hexdigest() == checksum


@pytest.mark.parametrize("transform", ["values", "difference", "log difference"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_windows_by_plain_loops(transform: str, horizon: int) -> None:
    """Built anew from the file, and compared in order."""
    options = {"window": 5, "horizon": horizon, "transform": transform, "validation": 12, "test": 48}
    dataset, series = data.load("airline", **options), values("airline")
    count, work = len(series), [math.log(v) for v in series] if transform == "log difference" else series
    steps = work if transform == "values" else [math.nan, *(b - a for a, b in itertools.pairwise(work))]
    known = [v for v in steps[: count - 60] if not math.isnan(v)]
    mean, deviation = np.mean(known), np.std(known)
    parts: dict[str, list[tuple[list[float], float]]] = {"train": [], "validation": [], "test": []}
    for t in range(count):
        window = steps[max(0, t - 4) : t + 1]
        if len(window) < 5 or math.isnan(sum(window)) or t + horizon >= count:
            continue
        part = "train" if t + horizon < count - 60 else "validation" if t + horizon < count - 48 else "test"
        parts[part].append((window, work[t + horizon] - (0.0 if transform == "values" else work[t])))
    shift, spread = np.mean([y for _, y in parts["train"]]), np.std([y for _, y in parts["train"]])
    for name, samples in parts.items():
        split = dataset.split(name)
        np.testing.assert_allclose(split.x[:, :, 0], (np.array([x for x, _ in samples]) - mean) / deviation, atol=1e-5)
        np.testing.assert_allclose(split.y[:, 0], (np.array([y for _, y in samples]) - shift) / spread, atol=1e-5)
    assert [len(dataset.split(name)) for name in ("validation", "test")] == [12, 48]


def test_the_future_does_not_reach_the_training_part(tmp_path: Path) -> None:
    """Two files alike up to the test: training and validation are the same to the bit, means and deviations included."""
    rng = np.random.default_rng(0)
    first = rng.normal(0, 1, 200).cumsum() + 50
    second = np.concatenate([first[:170], rng.normal(1000, 300, 30)])
    loaded = []
    for name, series in (("a", first), ("b", second)):
        path = tmp_path / f"{name}.csv"
        path.write_text("value\n" + "\n".join(map(str, series)))
        loaded.append(data.load("csv", **data.inspect(path).options, horizon=4))
    for part in ("train", "validation"):
        np.testing.assert_array_equal(loaded[0].split(part).x, loaded[1].split(part).x)
        np.testing.assert_array_equal(loaded[0].split(part).y, loaded[1].split(part).y)
    assert (loaded[0].test.y != loaded[1].test.y).any()
    np.testing.assert_array_equal(loaded[0].mean, loaded[1].mean)


@pytest.mark.parametrize("transform", ["values", "difference", "log difference"])
def test_outputs_in_the_series_own_unit(transform: str) -> None:
    options = {"transform": transform, "horizon": 2}
    cut = forecasts.cut_of("airline", options)
    dataset = data.load("airline", **options)
    for part in ("train", "validation", "test"):
        np.testing.assert_allclose(cut.in_units(dataset.split(part).y, part), cut.truth(part), rtol=1e-5)
    assert cut.truth("test").tolist() == values("airline")[-48:]


@pytest.mark.parametrize(
    ("name", "options", "errors"),
    [
        ("sunspots", {"validation": 0}, (31.8, 35.7, 18.6)),
        ("airline", {"validation": 0, "transform": "values"}, (48.0, 41.9, 21.0)),
        ("co2", {"validation": 0, "transform": "values"}, (1.27, 1.79, 0.41)),
    ],
)
def test_forecasts_without_a_network(name: str, options: dict[str, object], errors: tuple[float, float, float]) -> None:
    """As measured before with other code: root mean squared errors of the last 78, 48 and 106 values."""
    found = forecasts.baselines(forecasts.cut_of(name, options))
    assert [one.name for one in found] == ["naive", "seasonal", "linear AR"]
    for one, expected in zip(found, errors, strict=True):
        assert one.error == pytest.approx(expected, abs=0.05 if expected > 5 else 0.005)
    assert data.load(name, **options).held_out is False


def test_free_run_feeds_on_itself() -> None:
    """A forecaster that continues a straight line, and the same of differences."""
    for transform in ("values", "difference"):
        cut = forecasts.cut_of("co2", {"transform": transform})

        def outputs(window: np.ndarray, cut: forecasts.Cut = cut, plain: bool = transform == "values") -> float:
            own = window[0, :, 0] * cut.deviation[0] + cut.mean[0]
            following = 2 * own[-1] - own[-2] if plain else own[-1]
            return float((following - cut.shift) / cut.spread)

        made = forecasts.free_run(cut, outputs, steps=20)
        series = values("co2")
        slope = series[-107] - series[-108]
        np.testing.assert_allclose(made, series[-107] + slope * np.arange(1, 21), atol=2e-3)
    with pytest.raises(DataError, match="one column"):
        forecasts.free_run(forecasts.cut_of("co2", {"horizon": 2}), outputs)


def test_too_few_values_and_logarithms_of_nothing() -> None:
    with pytest.raises(DataError, match=r"at least 2[0-9]{2} values.*got 144"):
        data.load("airline", window=100, validation=60, test=48)
    with pytest.raises(DataError, match=r"above 0.*got 0 in 'sunspots'"):
        data.load("sunspots", transform="log difference")


# -- files of the user's own
def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "own.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


ROWS = "\n".join(f"2024-{row},{row},{row * 2},x" for row in range(60))


def test_own_columns(tmp_path: Path) -> None:
    found = data.inspect(table(tmp_path, "day,low,high,note\n" + ROWS))
    assert (found.name, found.options["columns"]) == ("csv", ("low", "high"))
    whole = data.load("csv", **found.options)
    assert whole.description.input_shape == (12, 2)
    assert whole.description.target_names == ("high",)
    low = data.load("csv", **{**found.options, "inputs": "low", "target": "low", "window": 4})
    assert low.description.feature_names == ("low",)
    assert low.train.x.shape[1:] == (4, 1)
    assert len(low.test) == len(low.validation) == 9
    both = data.describe("csv", **{**found.options, "inputs": "high", "target": "low"})
    assert (both.feature_names, both.target_names) == (("low", "high"), ("low",))
    with pytest.raises(DataError, match="no column 'middle' of numbers; there are low, high"):
        data.describe("csv", **{**found.options, "target": "middle"})
    with pytest.raises(DataError, match="no file is chosen"):
        data.describe("csv")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a;b\n1,5;2\n2,5;3\n", ("a", "b")),
        ("1\t2\n3\t4\n", ("column 1", "column 2")),
        ("\ufeffa,a\n1,2\n", ("a", "a (2)")),
        ('"x, y",z\n1,2\n', ("x, y", "z")),
        ("a\r\n1\r\n2\r\n", ("a",)),
        ("a\r1\r2\r", ("a",)),
        ("a\x07b,\n1,2\n", ("a b", "column 2")),
    ],
)
def test_heads(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    path = table(tmp_path, text)
    assert head(path).numbers == names
    assert read(path, names)[0].shape[1] == len(names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "own.csv: expected rows of numbers, got nothing"),
        ("a,b\nx,y\n", "line 2: expected at least one column of numbers"),
        ("a\n1\n\n2\nthree\n4\n", r"line 5: expected a number in 'a', got 'three'"),
        ("a,b\n1,2\n3\n", "line 3: expected 2 cells, got 1"),
        ("a,b\n1,2\n3,\n", "line 3: expected a number in 'b', got an empty cell"),
        ("a\n1\nnan\n", "line 3: expected a number in 'a', got 'nan'"),
        ("a\n1\n1e999\n", "line 3: expected a number"),
        ("a\n1\n1_0\n", "line 3: expected a number"),
        ("a\n1\n-2e38\n", r"line 3: expected numbers of at most 1e\+30 in 'a', got -2e\+38"),
        (b"a\n1\n\xff\n", "expected UTF-8 text, but byte 4 is none"),
        ("a\n1\n" + '"' + "x" * 200_000 + "\n", "line 3: expected comma-separated values"),
        (",".join(["1"] * 600) + "\n", "at most 500 columns, got 600"),
        ("a\n1\n2\n", r"own.csv: expected at least \d+ values"),
    ],
)
def test_bad_files_are_told_with_their_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(DataError, match=message):
        data.load("csv", **{**data.inspect(path).options, "path": str(path)})


def test_too_long_a_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(tmp_path, "a\n" + "1\n" * 50)
    monkeypatch.setattr("playground.data.series.columns.MOST_ROWS", 40)
    with pytest.raises(DataError, match="line 42: expected at most 40 rows"):
        read(path, ("a",))
    monkeypatch.setattr("playground.data.series.columns.LARGEST", 40)
    with pytest.raises(DataError, match="at most 40 bytes"):
        head(path)


def test_numbers_of_cells() -> None:
    assert [number(cell) for cell in ("1", " -2.5e3 ", "1,5", "", "x", "inf")] == [1.0, -2500.0, None, None, None, None]
    assert number("1,5", ";") == 1.5
