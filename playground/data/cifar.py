"""CIFAR-10 and CIFAR-100 from the user's own files: the binary version, or the pickled one ("python version"); unpacked, or the archive
as it was downloaded. Format and names: https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky 2009)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from playground.data import pickled, sharing, subset
from playground.data.cifar_names import COARSE, FINE, TEN
from playground.data.files import check_plain
from playground.data.sharing import Pair, Parts
from playground.data.spec import Array, Dataset, DatasetType, Description, Options, Progress
from playground.data.tar import members
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

SHAPE = (3, 32, 32)
PIXELS = 3072
RECORDS = 50_000
LARGEST_PICKLE = 200 << 20
LARGEST_ARCHIVE = 1 << 30
SITE = "https://www.cs.toronto.edu/~kriz/cifar.html"


@dataclass(frozen=True, slots=True)
class Version:
    """One data set: its name and title, its files of the two versions (training first, the test's last), label bytes of a record."""

    name: str
    title: str
    binary: tuple[str, ...]
    pickles: tuple[str, ...]
    labels: int

    @property
    def remedy(self) -> str:
        """What to do where its files are not there."""
        return say(
            "Download the binary version of {title} from {site}, and choose the archive or the folder it was unpacked to.",
            title=self.title,
            site=SITE,
        )


TENS = Version(
    "cifar10",
    "CIFAR-10",
    (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"),
    (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"),
    1,
)
HUNDREDS = Version("cifar100", "CIFAR-100", ("train.bin", "test.bin"), ("train", "test"), 2)


def find(path: Path) -> Version | None:
    """Which of the two lies at ``path``: a folder, perhaps with the unpacked folder in it, or an archive told by its name."""
    if path.is_file():
        word = path.name.lower()
        return HUNDREDS if word.startswith("cifar-100") else TENS if word.startswith("cifar-10") else None
    return next((version for version in (TENS, HUNDREDS) if _folder(path, version) is not None), None)


def _folder(path: Path, version: Version) -> tuple[Path, tuple[str, ...]] | None:
    """Where the files lie, and which they are."""
    for folder in (path, *(path / f"{version.title.lower()}{tail}" for tail in ("-batches-bin", "-batches-py", "-binary", "-python"))):
        for names in (version.binary, version.pickles):
            if all((folder / name).is_file() for name in names):
                return folder, names
    return None


def load(version: Version, options: Options, progress: Progress | None = None) -> Dataset:
    """Read the files. Raises :class:`DataError` where they are missing, damaged, or hold something else."""
    path = Path(options["path"])
    if not options["path"]:
        raise DataError("no files are chosen.", where="data", remedy=version.remedy)
    pairs = {}
    for name, content in _contents(version, path, progress):
        read = _records if name.endswith(".bin") else _unpickled
        pairs[name] = read(content, version, options, f"{path}, {name}")
    order = version.binary if pairs.keys() & set(version.binary) else version.pickles
    absent = [name for name in order if name not in pairs]
    if absent:
        raise DataError(
            say("expected the files {order}; {absent} is missing.", order=", ".join(order), absent=absent[0]),
            where=str(path),
            remedy=version.remedy,
        )
    x, y = (np.concatenate([pairs[name][part] for name in order[:-1]]) for part in (0, 1))
    train = subset.kept(x, y, options, str(path))
    test = subset.kept(*pairs[order[-1]], options, str(path))
    dataset = sharing.shared(describe(version, options), Parts(train, test=test), options, str(path), scale=1 / 255)
    return subset.moved(dataset, options)


def describe(version: Version, options: Options) -> Description:
    """What is known of it without a file."""
    names = TEN if version is TENS else FINE if options["labels"] == "fine" else COARSE
    return subset.described(Description(SHAPE, "classification", len(names), classes=names), _within(version, options))


def _within(version: Version, options: Options) -> Options:
    """Options whose classes exist: of the 20 coarse ones a number of a fine one is none."""
    chosen = options.get("classes")
    if version is HUNDREDS and options["labels"] == "coarse" and chosen is not None and max(chosen) >= len(COARSE):
        what = say("expected classes from 0 to {coarse}, got {chosen}.", coarse=len(COARSE) - 1, chosen=max(chosen))
        raise DataError(what, where="data.options.classes", remedy="Choose others.")
    return options


def _contents(version: Version, path: Path, progress: Progress | None) -> Iterator[tuple[str, bytes | memoryview]]:
    record = version.labels + PIXELS
    wanted = {**dict.fromkeys(version.binary, RECORDS * record), **dict.fromkeys(version.pickles, LARGEST_PICKLE)}
    try:
        if path.is_file():
            yield from members(path, wanted, LARGEST_ARCHIVE, version.remedy, progress, 60_000 * record)
            return
        found = _folder(path, version)
        if found is None:
            there = (
                say("the folder is missing")
                if not path.exists()
                else say("expected the files {binary} ... {binary2}", binary=version.binary[0], binary2=version.binary[-1])
            )
            raise DataError(say("{there}.", there=there), where=str(path), remedy=version.remedy)
        folder, names = found
        for number, name in enumerate(names):
            check_plain(folder / name, version.remedy)
            size = (folder / name).stat().st_size
            if size > wanted[name]:
                raise DataError(
                    say("expected at most {wanted:,} bytes, got {size:,}.", wanted=wanted[name], size=size),
                    where=str(folder / name),
                    remedy=version.remedy,
                )
            if progress is not None:
                progress(number, len(names))
            with (folder / name).open("rb") as file:
                yield name, file.read(wanted[name] + 1)
    except OSError as error:
        raise DataError(
            say("it cannot be read ({strerror}).", strerror=error.strerror or error), where=str(path), remedy=version.remedy
        ) from None


def _records(content: bytes | memoryview, version: Version, options: Options, where: str) -> Pair:
    """Records of one or two label bytes (CIFAR-100: coarse, fine) and the red, green and blue planes, row by row."""
    record = version.labels + PIXELS
    if not content or len(content) % record:
        raise DataError(
            say("expected records of {record:,} bytes, got {content:,} bytes in all.", record=record, content=len(content)),
            where=where,
            remedy=version.remedy,
        )
    rows = np.frombuffer(content, np.uint8).reshape(-1, record)
    column = 1 if version is HUNDREDS and options["labels"] == "fine" else 0
    return rows[:, version.labels :].reshape(-1, *SHAPE).copy(), _checked(rows[:, column], version, options, where)


def _unpickled(content: bytes | memoryview, version: Version, options: Options, where: str) -> Pair:
    """A dictionary with ``data`` (N, 3072) and ``labels``, ``fine_labels`` or ``coarse_labels``."""
    held: Any = pickled.load(bytes(content), where)
    key = "labels" if version is TENS else f"{options['labels']}_labels"
    values = (
        {name.decode("latin1") if isinstance(name, bytes) else name: value for name, value in held.items()} if type(held) is dict else {}
    )
    x: Any = values.get("data")
    y: Any = values.get(key)
    pictures = isinstance(x, np.ndarray) and x.dtype == np.uint8 and x.ndim == 2 and x.shape[1] == PIXELS
    labels = list(y) if isinstance(y, list | np.ndarray) else []
    if not pictures or len(x) != len(labels) or not all(isinstance(label, int | np.integer) for label in labels):
        raise DataError(
            say("expected 'data' of (N, {pixels}) bytes and as many '{key}'.", pixels=PIXELS, key=key), where=where, remedy=version.remedy
        )
    return x.reshape(-1, *SHAPE), _checked(np.array([min(max(int(label), -1), 255) for label in labels]), version, options, where)


def _checked(labels: Array, version: Version, options: Options, where: str) -> Array:
    most = 9 if version is TENS else len(FINE if options["labels"] == "fine" else COARSE) - 1
    if not len(labels) or labels.min() < 0 or labels.max() > most:
        got = f"{labels.max()}" if len(labels) else say("none")
        raise DataError(say("expected labels from 0 to {most}, got {got}.", most=most, got=got), where=where, remedy=version.remedy)
    return labels.astype(np.int32)


_PATH = Field("path", "text", "", "The folder of its files, or the archive.", found=True)
_KEPT = "Share of the training pictures kept for validation while training."
_VALIDATION = Field("validation", "float", 0.1, _KEPT, minimum=0.02, maximum=0.45)
_TEST = Field("test", "float", 0.15, "Not used: the files have a test part of their own.", minimum=0.05, maximum=0.45, found=True)
_LABELS = Field("labels", "choice", "fine", "100 classes (fine) or 20 groups of them (coarse).", choices=("fine", "coarse"))
_SEED = Field("seed", "int", 0, "Picks the pictures kept for validation, and how far each is moved.", minimum=0, maximum=2**31 - 1)


def _type(version: Version, summary: str, count: int, *own: Field) -> DatasetType:
    fields = (_PATH, *own, subset.classes_field(count), *subset.SHIFT_FIELDS, _VALIDATION, _TEST, _SEED)
    loader, describer = partial(load, version), partial(describe, version)
    return DatasetType(version.name, version.title, summary, "Own files", "classification", describer, loader, fields, own=True)


CIFAR = (
    _type(TENS, "60,000 color pictures of ten kinds of things, 32 x 32; from files that you downloaded.", 10),
    _type(HUNDREDS, "60,000 color pictures of a hundred kinds of things, 32 x 32; from files that you downloaded.", 100, _LABELS),
)
