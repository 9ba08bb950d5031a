"""Folders of pictures, one folder a class: ``pets/cat/*.jpg``, ``pets/dog/*.jpg``; or those in ``train``, ``val`` and ``test``.

What lies deeper in a class's folder counts to the class. Links are followed, but no folder is entered twice. Hidden files, and files
that by their ending are no pictures, are passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from playground.data import sharing
from playground.data.sharing import Pair, Parts
from playground.data.spec import Array, Dataset, Description, Options, Progress
from playground.errors import DataError
from playground.fields import Field
from playground.reading_ahead import read_ahead
from playground.sentences import say
from playground.turns import give_way

SPLITS = {
    "train": ("train", "training"),
    "validation": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}
ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".pbm"})
FITS = ("crop", "pad", "stretch")
MOST_FILES = 500_000
DEEPEST = 8
AT_ONCE = 2
"""Pictures decoded side by side: that many times what one takes."""
BAD_SHARE = 0.05
"""More unreadable pictures than this, and it is not a few that are damaged."""
REMEDY = say("Choose a folder that holds one folder of pictures for each class.")
AGAIN = say("Choose the folder again.")

FIELDS = (
    Field("path", "text", "", "The folder that holds one folder a class.", found=True),
    Field("classes", "names", (), "The classes' folders.", found=True),
    Field("size", "int", 32, "Rows and columns that each picture is brought to.", unit="pixels", minimum=4, maximum=256),
    Field("color", "bool", True, "Red, green and blue; off: gray."),
    Field("fit", "choice", "crop", "How pictures that are not square become so.", choices=FITS),
    Field(
        "most",
        "int",
        None,
        "At most so many pictures of each class; empty takes all.",
        minimum=2,
        maximum=MOST_FILES,
        optional=True,
        label="Most a class",
        empty="all",
    ),
    *sharing.SPLIT_FIELDS,
)


@dataclass(frozen=True, slots=True)
class Folders:
    """What a walk found: the classes, and for each part its files as (path, class number)."""

    classes: tuple[str, ...]
    files: dict[str, list[tuple[Path, int]]]
    others: int


def walk(path: Path, progress: Progress | None = None) -> Folders:
    """Look through ``path``, opening no file.

    Raises :class:`DataError` where it is no such folder, has fewer than two classes, or more than :data:`MOST_FILES` files.
    """
    top = _folders(path)
    parts = {name: top[word] for name, words in SPLITS.items() for word in words if word in top}
    if "train" not in parts or len(parts) < 2:
        parts = {"train": path}
    classes = tuple(name for name in _folders(parts["train"]))
    if len(classes) < 2:
        got = say("got one, {classes!r}", classes=classes[0]) if classes else say("got none")
        raise DataError(say("expected at least two folders, one a class, {got}.", got=got), where=str(parts["train"]), remedy=REMEDY)
    if len(classes) > 1000:
        raise DataError(
            say("expected at most 1,000 classes, got {classes:,} folders.", classes=len(classes)), where=str(path), remedy=REMEDY
        )
    files: dict[str, list[tuple[Path, int]]] = {}
    seen = others = 0
    for name, folder in parts.items():
        files[name] = []
        there = _folders(folder)
        strange = sorted(set(there) - set(classes))
        if strange:
            raise DataError(
                say("expected the classes of the training part alone, got {strange!r}.", strange=strange[0]),
                where=str(folder),
                remedy=REMEDY,
            )
        for number, label in enumerate(classes):
            for file in _files(there[label]) if label in there else ():
                seen += 1
                if seen > MOST_FILES:
                    raise DataError(
                        say("expected at most {most_files:,} files.", most_files=MOST_FILES),
                        where=str(path),
                        remedy="Choose a smaller folder.",
                    )
                if progress is not None and seen % 500 == 0:
                    progress(seen, 0)
                if file.suffix.lower() in ENDINGS:
                    files[name].append((file, number))
                else:
                    others += 1
    empty = sorted(set(range(len(classes))) - {number for _, number in files["train"]})
    if empty:
        where = parts["train"] / classes[empty[0]]
        raise DataError(
            "expected pictures, got none that can be read.",
            where=str(where),
            remedy=say("Pictures end in {endings}.", endings=", ".join(sorted(ENDINGS))),
        )
    return Folders(classes, files, others)


def describe(options: Options) -> Description:
    """What the document says of the pictures: nothing is read. Raises :class:`DataError` where no folder was chosen yet."""
    if not options["path"]:
        raise DataError("no folder is chosen.", where="data", remedy=REMEDY)
    classes, side = options["classes"], options["size"]
    shape = (3 if options["color"] else 1, side, side)
    return Description(shape, "classification", sharing.outputs_of(classes), classes=classes)


def load(options: Options, progress: Progress | None = None) -> Dataset:
    """Decode all pictures. Some that cannot be read are left out, and told of in ``notes``.

    Raises :class:`DataError` where the folder is missing or changed its classes, where many cannot be read, or all together take more
    than ``sharing.LARGEST`` bytes.
    """
    path = Path(options["path"])
    description = describe(options)
    found = walk(path, None if progress is None else lambda _seen, _of: progress(0, 1))
    if found.classes != options["classes"]:
        said = ", ".join(options["classes"][:6])
        raise DataError(
            say("the project was made with the classes {said}; now there are {classes}.", said=said, classes=", ".join(found.classes[:6])),
            where=str(path),
            remedy=AGAIN,
        )
    files = {name: _at_most(one, options["most"]) for name, one in found.files.items()}
    shape, total = description.input_shape, sum(map(len, files.values()))
    size = total * int(np.prod(shape, dtype=np.int64))
    if size > sharing.LARGEST:
        raise DataError(
            say(
                "{total:,} pictures of {shape} take {size:,} bytes; at most {largest:,} are read.",
                total=total,
                shape=" x ".join(map(str, shape)),
                size=size,
                largest=sharing.LARGEST,
            ),
            where=str(path),
            remedy="Choose a smaller size, gray, or fewer of each class.",
            options=("size", "most"),
        )
    bad: list[DataError] = []
    done, pairs = 0, {}
    for name, one in files.items():
        pairs[name], done = _read(one, options, shape, bad, done, total, progress)
    if bad and (len(bad) > max(3, BAD_SHARE * total) or set(range(len(found.classes))) - set(pairs["train"][1].tolist())):
        raise DataError(
            say("{bad:,} of {total:,} pictures cannot be read, the first: {message}", bad=len(bad), total=total, message=bad[0].message),
            where=bad[0].where,
            remedy=bad[0].remedy,
        )
    left = say(
        "{bad:,} of {total:,} pictures cannot be read and are left out: {first}", bad=len(bad), total=total, first=bad[0] if bad else ""
    )
    notes = (left,) if bad else ()
    parts = Parts(pairs["train"], _unless_empty(pairs.get("validation")), _unless_empty(pairs.get("test")))
    return sharing.shared(description, parts, options, str(path), scale=1 / 255, notes=notes)


def _unless_empty(pair: Pair | None) -> Pair | None:
    return pair if pair is not None and len(pair[0]) else None


def _read(
    files: Sequence[tuple[Path, int]],
    options: Options,
    shape: tuple[int, ...],
    bad: list[DataError],
    done: int,
    total: int,
    progress: Progress | None,
) -> tuple[Pair, int]:
    """The pictures of one part in their order, with their classes; refusals go to ``bad``."""
    read_ahead("PIL")
    from playground.data import decoding  # it brings Pillow: nothing else waits for that

    def one(path: Path) -> Array | DataError:
        give_way()
        try:
            return decoding.decoded(path, options["size"], options["color"], options["fit"])
        except DataError as error:
            return error

    x, y = np.empty((len(files), *shape), np.uint8), np.empty(len(files), np.int32)
    kept = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="playground-pictures") as pool:
        for first in range(0, len(files), 64):  # so that what cancels waits for a few pictures at most
            piece = files[first : first + 64]
            for (_, label), picture in zip(piece, pool.map(one, [path for path, _ in piece]), strict=True):
                if isinstance(picture, DataError):
                    bad.append(picture)
                else:
                    x[kept], y[kept] = picture, label
                    kept += 1
            done += len(piece)
            if progress is not None:
                progress(done, total)
    return (x[:kept], y[:kept]), done


def _at_most(files: list[tuple[Path, int]], most: int | None) -> list[tuple[Path, int]]:
    if most is None:
        return files
    counts: dict[int, int] = {}
    kept = []
    for path, label in files:
        counts[label] = counts.get(label, 0) + 1
        if counts[label] <= most:
            kept.append((path, label))
    return kept


def _folders(path: Path) -> dict[str, Path]:
    """The folders in ``path`` by name, in the names' order."""
    return {entry.name: Path(entry.path) for entry in _entries(path) if _is(entry.is_dir)}


def _files(folder: Path) -> Iterator[Path]:
    """All files below ``folder``, in the names' order; each folder once, whatever links say."""
    entered: set[tuple[int, int]] = set()

    def below(folder: Path, depth: int) -> Iterator[Path]:
        entries = _entries(folder)
        state = folder.stat()
        place = (state.st_dev, state.st_ino)
        if place in entered or depth > DEEPEST:
            return
        entered.add(place)
        for entry in entries:
            if _is(entry.is_dir):
                yield from below(Path(entry.path), depth + 1)
            elif _is(entry.is_file):
                yield Path(entry.path)

    return below(folder, 0)


def _is(question: Callable[[], bool]) -> bool:
    """Whether an entry is a folder, or a file. A link in a circle is neither."""
    try:
        return question()
    except OSError:
        return False


def _entries(path: Path) -> list[os.DirEntry[str]]:
    """What lies in ``path``, by name, but what is hidden. Raises :class:`DataError` where it cannot be listed."""
    try:
        with os.scandir(path) as entries:
            found = []
            for entry in entries:
                if not entry.name.startswith((".", "__MACOSX")):
                    found.append(entry)
                if len(found) > MOST_FILES:
                    raise DataError(
                        say("expected at most {most_files:,} files.", most_files=MOST_FILES),
                        where=str(path),
                        remedy="Choose a smaller folder.",
                    )
    except FileNotFoundError:
        raise DataError("the folder is missing.", where=str(path), remedy="Put it back, or choose it where it lies now.") from None
    except NotADirectoryError:
        raise DataError("expected a folder, got a file.", where=str(path), remedy=REMEDY) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(
            say("the folder cannot be read: {reason}.", reason=reason), where=str(path), remedy="Allow it to be read, or choose another."
        ) from None
    return sorted(found, key=lambda entry: entry.name)
