"""Data sets of the user's own files, and :func:`inspect`, which tells what lies at a path without reading it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground import fields
from playground.data import arrays, cifar, folders
from playground.data.files import check_plain
from playground.data.series import own as own_series
from playground.data.spec import DatasetType, Progress
from playground.data.text import own as own_text
from playground.errors import DataError
from playground.reading_ahead import read_ahead
from playground.sentences import say

GROUP = "Own files"
PEEKED = 32
"""Pictures whose heads are looked at, to propose a size."""
REMEDY = say(
    "Choose a folder with one folder of pictures a class, an .npz file, an IDX file, the files of CIFAR-10 or CIFAR-100, a series in a"
    " .csv file, or a text."
)

OWN = (
    DatasetType(
        "pictures",
        "Own pictures",
        "A folder of your own with one folder of pictures for each class.",
        GROUP,
        "classification",
        folders.describe,
        folders.load,
        folders.FIELDS,
        own=True,
    ),
    *cifar.CIFAR,
    DatasetType(
        "npz",
        "Own arrays",
        "Your own arrays in an .npz file: x and y, or x_train, y_train, x_test and y_test.",
        GROUP,
        "classification",
        arrays.describe,
        arrays.load_npz,
        arrays.NPZ_FIELDS,
        own=True,
    ),
    DatasetType(
        "idx",
        "Own IDX files",
        "Your own files in the format of MNIST: pictures and labels.",
        GROUP,
        "classification",
        arrays.describe,
        arrays.load_idx,
        arrays.IDX_FIELDS,
        own=True,
    ),
    DatasetType(
        "csv",
        "Own series",
        "Columns of numbers in a .csv file of your own, one row a step of time.",
        GROUP,
        "regression",
        own_series.describe,
        own_series.load,
        own_series.FIELDS,
        own=True,
    ),
    DatasetType(
        "text",
        "Own text",
        "Any text of your own in UTF-8, by characters or words.",
        GROUP,
        "classification",
        own_text.describe,
        own_text.load,
        own_text.FIELDS,
        own=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What lies at a path: the data set's ``name`` and ``options``, how many samples each class has (empty where that is not known
    before they are read), and the sizes of the first pictures, (width, height)."""

    name: str
    options: dict[str, Any]
    counts: dict[str, int] = field(default_factory=dict)
    sizes: tuple[tuple[int, int], ...] = ()


def inspect(path: str | Path, progress: Progress | None = None) -> Found:
    """What kind of data set lies at ``path``, a file or a folder, with options that load it.

    Raises :class:`DataError` where it is none that is known, or cannot be read, and :class:`~playground.errors.FieldError` where a name
    is one that a document cannot hold.
    """
    path = Path(path).expanduser().absolute()
    try:
        found = _inspected(path, progress)
    except OSError as error:
        raise DataError(say("it cannot be read ({strerror}).", strerror=error.strerror or error), where=str(path), remedy=REMEDY) from None
    kind = next(kind for kind in OWN if kind.name == found.name)
    fields.complete(kind.fields, found.options, str(path))
    return found


def _inspected(path: Path, progress: Progress | None) -> Found:
    version = cifar.find(path) or (cifar.find(path.parent) if path.suffix == ".bin" else None)
    if version is not None:
        return Found(version.name, {"path": str(path if path.suffix != ".bin" else path.parent)})
    if path.is_dir():
        idx = sorted(one for one in path.iterdir() if "idx3-ubyte" in one.name and one.is_file())
        return _idx(next((one for one in idx if "train" in one.name), idx[0])) if idx else _folder(path, progress)
    if not path.exists():
        raise DataError("there is no such file or folder.", where=str(path), remedy=REMEDY)
    check_plain(path, REMEDY)
    if path.suffix.lower() == ".npz":
        return Found("npz", arrays.inspect_npz(path))
    if path.suffix.lower() in own_series.ENDINGS:
        return Found("csv", own_series.inspect(path))
    if path.suffix.lower() in own_text.ENDINGS:
        return Found("text", own_text.inspect(path))
    if "idx" in path.name or path.name.endswith("-ubyte"):
        return _idx(path)
    if path.suffix.lower() in folders.ENDINGS:
        raise DataError("one picture is no data set.", where=str(path), remedy=folders.REMEDY)
    raise DataError("the format of this file is not known.", where=str(path), remedy=REMEDY)


def _idx(path: Path) -> Found:
    return Found("idx", arrays.inspect_idx(path))


def _folder(path: Path, progress: Progress | None) -> Found:
    """A folder of pictures. The proposed size is that of its first pictures where they are small squares; gray where these are."""
    read_ahead("PIL")
    from playground.data import decoding  # it brings Pillow: nothing else waits for that

    found = folders.walk(path, progress)
    files = found.files["train"]
    heads = []
    for file, _ in files[:: max(1, len(files) // PEEKED)][:PEEKED]:
        try:
            heads.append(decoding.head(file))
        except DataError:
            continue  # told of when all are read
    sizes = tuple((wide, high) for wide, high, _ in heads)
    counts = dict.fromkeys(found.classes, 0)
    for _, label in (one for part in found.files.values() for one in part):
        counts[found.classes[label]] += 1
    same = sizes[0][0] if sizes and len(set(sizes)) == 1 and sizes[0][0] == sizes[0][1] and 4 <= sizes[0][0] <= 64 else 32
    options = {"path": str(path), "classes": found.classes, "size": same, "color": not all(gray for *_, gray in heads) or not heads}
    return Found("pictures", options, counts, sizes)
