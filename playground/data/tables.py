"""Small real data in CSV files: iris, wine, breast cancer and the 8 x 8 digits. All are standardized on the training part."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from playground import paths
from playground.data import subset
from playground.data.files import read_text
from playground.data.spec import Array, Dataset, DatasetType, Description, Options, frozen_split
from playground.data.splits import SEED_FIELD, share_out, split_fields
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

GROUP = "Tables"
LARGEST = 64 << 20
FIELDS = (*split_fields(0.2, 0.2), SEED_FIELD)
STANDARDIZE = Field(
    "standardize",
    "bool",
    True,
    "Whether each feature is shifted and scaled to mean 0 and spread 1. Off: the numbers as they were measured.",
)
REMEDY = say("It ships with the program: take it from a fresh copy of the program.")
PIXEL = 16
"""The brightest a pixel of the 8 x 8 digits is."""

UNIT = "_cm"
IRIS = ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm")
WINE = (
    *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids", "nonflavanoid_phenols"),
    *("proanthocyanins", "color_intensity", "hue", "od280_per_od315_of_diluted_wines", "proline"),
)
MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)
BREAST_CANCER = (*(f"mean_{m}" for m in MEASURES), *(f"{m}_error" for m in MEASURES), *(f"worst_{m}" for m in MEASURES))
DIGITS = tuple("0123456789")


def read_table(
    path: Path, features: tuple[str, ...], classes: tuple[str, ...], header: bool = True, remedy: str = REMEDY
) -> tuple[Array, Array]:
    """A CSV file of numbers with the class in the last column: x float64 (N, features), y int32 (N,).

    Plain or gzip. Raises :class:`DataError` with file and line on another header, a row of another length, a value that is
    no finite number, an unknown class, and on a file that is missing, damaged, empty or beyond :data:`LARGEST`.
    """
    reader = csv.reader(read_text(path, LARGEST, remedy))

    def bad(expected: str, got: str) -> DataError:
        return DataError(
            say("expected {expected}, got {got}.", expected=expected, got=got),
            where=say("{path}, line {line_num}", path=path, line_num=reader.line_num),
            remedy=remedy,
        )

    numbers = {label: number for number, label in enumerate(classes)}
    rows: list[list[float]] = []
    labels: list[int] = []
    try:
        if header and (names := next(reader, [])) != [*features, "class"]:
            raise bad(say("the columns {features}, class", features=", ".join(features)), ", ".join(names) or say("nothing"))
        for cells in reader:
            if len(cells) != len(features) + 1:
                raise bad(say("{count} cells", count=len(features) + 1), str(len(cells)))
            if cells[-1] not in numbers:
                raise bad(say("a class out of {classes}", classes=", ".join(classes)), repr(cells[-1]))
            rows.append(_numbers(cells[:-1]))
            labels.append(numbers[cells[-1]])
            if not all(map(math.isfinite, rows[-1])):
                raise bad(say("a number in every cell"), repr(next(cell for cell in cells if not math.isfinite(_number(cell)))))
    except csv.Error as error:
        raise bad(say("comma-separated values"), str(error)) from None
    if not rows:
        raise bad(say("rows of numbers"), say("none"))
    return np.array(rows), np.array(labels, np.int32)


def _numbers(cells: list[str]) -> list[float]:
    """The numbers of a row, not-a-number where a cell spells none."""
    try:
        return list(map(float, cells))
    except ValueError:
        return [_number(cell) for cell in cells]


def _number(cell: str) -> float:
    """The number that ``cell`` spells, not-a-number if it spells none."""
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _load_table(file: str, description: Description, options: Options) -> Dataset:
    """Each feature minus its mean, divided by its deviation (0 counts as 1), both of the training part; raw where so asked."""
    x, y = read_table(_folder() / file, description.feature_names, description.classes)
    description = _described(description, options)
    parts = share_out(y, options["validation"], options["test"], np.random.Generator(np.random.PCG64(options["seed"])))
    mean, deviation = x[parts[0]].mean(axis=0), x[parts[0]].std(axis=0)
    deviation[deviation == 0] = 1
    if not options["standardize"]:
        train, validation, test = (frozen_split(x[part], y[part]) for part in parts)
        return Dataset(description, train, validation, test)
    train, validation, test = (frozen_split((x[part] - mean) / deviation, y[part]) for part in parts)
    return Dataset(description, train, validation, test, mean=mean.astype(np.float32), deviation=deviation.astype(np.float32))


def _described(description: Description, options: Options) -> Description:
    """What is standardized has no unit any more."""
    names = tuple(name.removesuffix(UNIT) for name in description.feature_names)
    units = tuple(UNIT.removeprefix("_") if name.endswith(UNIT) else "" for name in description.feature_names)
    return replace(description, feature_names=names, units=units) if options["standardize"] else description


def _load_digits(description: Description, options: Options) -> Dataset:
    """Pixels stay whole numbers 0..16; scale and offset take one mean and one deviation of all training pixels."""
    path = _folder() / "digits8x8.csv.gz"
    x, y = read_table(path, tuple(map(str, range(64))), DIGITS, header=False)
    x, y = subset.kept(x, y, options, str(path))
    if x.min() < 0 or x.max() > PIXEL or (x != np.floor(x)).any():
        raise DataError(say("expected pixels as whole numbers from 0 to {pixel}, got others.", pixel=PIXEL), where=str(path), remedy=REMEDY)
    images = x.astype(np.uint8).reshape(-1, 1, 8, 8)
    parts = share_out(y, options["validation"], options["test"], np.random.Generator(np.random.PCG64(options["seed"])))
    mean, deviation = float(images[parts[0]].mean()), float(images[parts[0]].std())
    train, validation, test = (frozen_split(images[part], y[part]) for part in parts)
    return Dataset(subset.described(description, options), train, validation, test, scale=1 / deviation, offset=-mean / deviation)


def _folder() -> Path:
    return paths.RESOURCES / "datasets" / "tabular"


def _table(name: str, title: str, summary: str, file: str, features: tuple[str, ...], classes: tuple[str, ...]) -> DatasetType:
    outputs = 1 if len(classes) == 2 else len(classes)
    description = Description((len(features),), "classification", outputs, classes=classes, feature_names=features)
    return DatasetType(
        name,
        title,
        summary,
        GROUP,
        "classification",
        partial(_described, description),
        partial(_load_table, file, description),
        (STANDARDIZE, *FIELDS),
    )


_DIGITS = Description((1, 8, 8), "classification", 10, classes=DIGITS)

TABLES = (
    _table("iris", "Iris", "150 flowers of three kinds, four measures each.", "iris.csv", IRIS, ("setosa", "versicolor", "virginica")),
    _table("wine", "Wine", "178 wines from three growers, 13 measures each.", "wine.csv", WINE, ("class_0", "class_1", "class_2")),
    _table(
        "breast-cancer",
        "Breast cancer",
        "569 samples, 30 measures each: malignant or benign.",
        "breast_cancer.csv",
        BREAST_CANCER,
        ("malignant", "benign"),
    ),
    DatasetType(
        "digits",
        "Digits",
        "1,797 handwritten digits, 8 x 8: trains in a second.",
        "Images",
        "classification",
        partial(subset.described, _DIGITS),
        partial(_load_digits, _DIGITS),
        (subset.classes_field(10), *FIELDS),
    ),
)
