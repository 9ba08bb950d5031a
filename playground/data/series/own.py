"""A series in a CSV file of the user's own: which columns are read, which one is predicted, and when the test begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.data.series import columns
from playground.data.series.cutting import PLAIN, Cut, Series, cut, dataset, described, fields
from playground.data.spec import Dataset, Description, Options, Progress
from playground.data.splits import split_fields
from playground.errors import DataError
from playground.fields import Field, names_in
from playground.sentences import say

ENDINGS = frozenset({".csv", ".tsv"})
AGAIN = say("Choose the file again.")

FIELDS = (
    Field("path", "text", "", "The file.", found=True),
    Field("columns", "names", (), "Its columns of numbers.", found=True),
    Field("target", "text", "", "The column to predict.", of="columns", empty="the last one"),
    Field(
        "inputs",
        "text",
        "",
        "The columns to predict it from. The column to predict is always one of them.",
        of="columns",
        several=True,
        empty="all",
    ),
    *fields(12, PLAIN),
    *split_fields(0.15, 0.15),
)


def inspect(path: Path) -> dict[str, Any]:
    """The options of a CSV file: its columns of numbers."""
    return {"path": str(path), "columns": columns.head(path).numbers}


def chosen(options: Options) -> tuple[tuple[str, ...], int]:
    """The columns that are read, in the file's order, and which of them is predicted. Raises :class:`DataError` on one there is not."""
    there = tuple(options["columns"])
    if not options["path"] or not there:
        raise DataError("no file is chosen.", where="data", remedy=AGAIN)
    target = options["target"].strip() or there[-1]
    inputs = {name for name in names_in(options["inputs"]) if name} or set(there)
    unknown = sorted({target, *inputs} - set(there))
    if unknown:
        shown: str = ", ".join(there[:12])
        if len(there) > 12:
            shown = say("{shown} ... ({count} in all)", shown=shown, count=len(there))
        raise DataError(
            say("there is no column {unknown!r} of numbers; there are {shown}.", unknown=unknown[0], shown=shown),
            where="data.options",
            remedy="Choose of these.",
            options=("target" if unknown[0] == target else "inputs",),
        )
    names = tuple(name for name in there if name in inputs or name == target)
    return names, names.index(target)


def describe(options: Options) -> Description:
    """What the document says: nothing is read."""
    names, target = chosen(options)
    return described(names, names[target], options)


def cut_of(options: Options, named: bool = False) -> Cut:
    """Read the file and cut it, ``named``: with what it calls each row. Raises :class:`DataError` on what is no number, with its line."""
    names, target = chosen(options)
    path = Path(options["path"])
    values, line = columns.read(path, names)
    sizes = (max(1, round(len(values) * options[part])) for part in ("validation", "test"))
    times = columns.times(path, names[target]) if named else ()
    return cut(Series(names, values, target, where=str(path), first_line=line, times=times), options, *sizes)


def load(options: Options, progress: Progress | None = None) -> Dataset:
    """The data set of the file."""
    if progress is not None:
        progress(0, 1)
    return dataset(describe(options), cut_of(options))
