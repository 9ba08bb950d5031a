"""Image sets: MNIST ships with the program; Fashion-MNIST is fetched, or put there by the user."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from playground import paths
from playground.data import subset
from playground.data.idx import read_idx
from playground.data.spec import Array, Dataset, DatasetType, Description, Options, Split, frozen_split
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

GROUP = "Images"
SIDE = 28
TRAINING = 60_000
FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
GARMENTS = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")

FIELDS = (
    subset.classes_field(10),
    Field(
        "first",
        "int",
        None,
        "Train on the first so many images only; empty takes all.",
        minimum=10,
        maximum=TRAINING,
        optional=True,
        label="Only the first",
        empty="all",
    ),
    Field("validation", "int", 5000, "How many training images are set aside for validation.", minimum=100, maximum=20_000),
    *subset.SHIFT_FIELDS,
    Field("seed", "int", 0, "Picks the images set aside for validation, and how far each is moved.", minimum=0, maximum=2**31 - 1),
)


def mnist_folder() -> Path:
    """Where MNIST's four files lie."""
    return paths.RESOURCES / "datasets" / "mnist"


def fashion_folder() -> Path:
    """Where Fashion-MNIST's four files belong."""
    return paths.cache_folder() / "datasets" / "fashion-mnist"


def _read(folder: Path, remedy: str) -> tuple[Array, Array, Array, Array]:
    """The four files, plain or gzip, checked against one another: train images and labels, test images and labels."""

    def one(name: str, dimensions: int) -> tuple[Path, Array]:
        plain = folder / name.removesuffix(".gz")
        path = plain if plain.is_file() else folder / name
        return path, read_idx(path, dimensions, remedy)

    def pair(image_file: str, label_file: str) -> tuple[Array, Array]:
        (image_path, images), (label_path, labels) = one(image_file, 3), one(label_file, 1)
        if images.shape[1:] != (SIDE, SIDE):
            got = " x ".join(map(str, images.shape[1:]))
            raise DataError(say("expected images of {side} x {side}, got {got}.", side=SIDE, got=got), where=str(image_path), remedy=remedy)
        if len(images) != len(labels):
            raise DataError(
                say("expected {images:,} labels, one an image, got {labels:,}.", images=len(images), labels=len(labels)),
                where=str(label_path),
                remedy=remedy,
            )
        if labels.max() > 9:
            raise DataError(say("expected labels from 0 to 9, got {max}.", max=labels.max()), where=str(label_path), remedy=remedy)
        return images, labels

    return *pair(*FILES[:2]), *pair(*FILES[2:])


def _load(folder: Callable[[], Path], remedy: Callable[[], str], description: Description, options: Options) -> Dataset:
    """``validation`` images drawn by ``seed`` are set aside; the rest keep the file's order, of which ``first`` are taken."""
    images, labels, test_images, test_labels = _read(folder(), remedy())
    images, labels = subset.kept(images, labels, options, str(folder()))
    test_images, test_labels = subset.kept(test_images, test_labels, options, str(folder()))
    if len(images) <= options["validation"]:
        raise DataError(
            say("expected more than {validation:,} training images, got {images:,}.", validation=options["validation"], images=len(images)),
            where=str(folder()),
            remedy=remedy(),
        )
    held_out = np.zeros(len(images), bool)
    rng = np.random.Generator(np.random.PCG64(options["seed"]))
    held_out[rng.permutation(len(images))[: options["validation"]]] = True
    kept = np.flatnonzero(~held_out)[: options["first"]]

    def split(x: Array, y: Array) -> Split:
        return frozen_split(x[:, None], y)

    whole = Dataset(
        subset.described(description, options),
        train=split(images[kept], labels[kept]),
        validation=split(images[held_out], labels[held_out]),
        test=split(test_images, test_labels),
        scale=1 / 255,
    )
    return subset.moved(whole, options)


def _type(
    name: str, title: str, summary: str, classes: tuple[str, ...], folder: Callable[[], Path], remedy: Callable[[], str]
) -> DatasetType:
    description = Description((1, SIDE, SIDE), "classification", len(classes), classes=classes)
    return DatasetType(
        name,
        title,
        summary,
        GROUP,
        "classification",
        partial(subset.described, description),
        partial(_load, folder, remedy, description),
        FIELDS,
    )


def _mnist_remedy() -> str:
    return say("It ships with the program: take it from a fresh copy of the program.")


def _fashion_remedy() -> str:
    return say(
        "Run `main.py datasets --fetch fashion-mnist`, or put {files} of Fashion-MNIST into {folder}.",
        files=", ".join(FILES),
        folder=fashion_folder(),
    )


IMAGES = (
    _type("mnist", "MNIST", "70,000 handwritten digits, 28 x 28.", tuple("0123456789"), mnist_folder, _mnist_remedy),
    _type(
        "fashion-mnist",
        "Fashion-MNIST",
        "70,000 pictures of clothes, 28 x 28; fetched once.",
        GARMENTS,
        fashion_folder,
        _fashion_remedy,
    ),
)
