"""Commands that only read: examples, datasets, layers, summary."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playground import document as documents
from playground.document import Document, Project
from playground.document.receptive import receptive_field
from playground.errors import FileError
from playground.fields import describe

Row = dict[str, Any]


def examples(options: argparse.Namespace) -> int:
    rows = [{"name": name, "title": document.title or name, "summary": document.summary} for name, document in documents.examples().items()]
    warn_of_damaged()
    return _print_rows("examples", rows, options.json)


def warn_of_damaged() -> None:
    """Name on standard error each example that cannot be read."""
    for error in documents.damaged_examples().values():
        print(f"warning: {error}", file=sys.stderr)


def datasets(options: argparse.Namespace) -> int:
    from playground import data

    if options.fetch is not None:
        print(f"{options.fetch} lies in {data.fetch(options.fetch, _print_progress)}", file=sys.stderr)
    kinds = [data.get(name) for name in data.names()]
    rows = [
        {"name": kind.name, "title": kind.title, "summary": kind.summary, "fields": [describe(field) for field in kind.fields]}
        for kind in kinds
    ]
    return _print_rows("datasets", rows, options.json)


def _print_progress(done: int, total: int) -> None:
    """Each tenth as it is passed, on standard error."""
    if done * 10 // total != (done - 65_536) * 10 // total or done == total:
        print(f"{done / 1e6:.1f} of {total / 1e6:.1f} MB", file=sys.stderr)


def layers(options: argparse.Namespace) -> int:
    from playground.layers import registry

    rows = [
        {"name": layer.name, "title": layer.name, "summary": layer.summary, "fields": [describe(field) for field in layer.fields]}
        for layer in registry.types()
    ]
    return _print_rows("layers", rows, options.json)


def summary(options: argparse.Namespace) -> int:
    """Rows in the order of the pass, the whole's parameters below. What cannot be inferred is null, or a dash."""
    document = open_document(options.source)
    shapes = documents.shapes(document)
    parameters, products = documents.parameter_counts(document), documents.multiply_adds(document)
    order, found = documents.order(document), documents.survey(document)
    seen = {node: receptive_field(document, node, found) for node in order}
    rows: list[Row] = [
        {
            "id": node,
            "type": document.nodes[node].type,
            "output_shape": list(shapes[node]) if node in shapes else None,
            "parameters": parameters.get(node),
            "multiply_adds": products.get(node),
            "receptive_field": list(field.extent) if (field := seen.get(node)) is not None else None,
        }
        for node in (*order, *(node for node in document.nodes if node not in order))
    ]
    total: Row = {"parameters": sum(parameters.values()), "multiply_adds": sum(products.values())}
    problems = [str(problem) for problem in documents.check(document) if problem.severity == "error"]
    if options.json:
        print_json({"title": document.title, "nodes": rows, **total, "problems": problems})
        return 0
    table = [("node", "type", "output", "parameters", "multiply-adds", "sees")]
    table += [
        (
            row["id"],
            row["type"],
            _shape(row["output_shape"]),
            _number(row["parameters"]),
            _number(row["multiply_adds"]),
            _shape(row["receptive_field"]) if row["receptive_field"] else "",
        )
        for row in rows
    ]
    table.append(("total", "", "", _number(total["parameters"]), _number(total["multiply_adds"]), ""))
    print_table(table, right=(3, 4))
    for problem in problems:
        print(f"problem: {problem}")
    return 0


def open_project(source: str) -> Project:
    """The example or the file that ``source`` names; raise :class:`FileError` where there is neither."""
    if source in documents.example_names():
        return Project(documents.example(source))
    path = Path(source)
    if path.suffix in (".playground", ".json") or path.is_file():
        return documents.load_project(path)
    documents.example(source)  # raises, and guesses what was meant
    raise FileError(f"cannot read {source!r}.")


def open_document(source: str) -> Document:
    return open_project(source).document


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output; numbers that are not finite become null, which JSON can hold.

    Whatever the terminal's encoding, it is UTF-8, as JSON must be: letters beyond ASCII are escaped where the encoding is another.
    """
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    print(json.dumps(_finite(value), ensure_ascii=not utf8, indent=2, allow_nan=False))


def print_table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> None:
    """Columns padded to their widest cell, two blanks apart; those in ``right`` are flush right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    flush = set(right)
    for row in rows:
        cells = [cell.rjust(width) if i in flush else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(cells).rstrip())


def _print_rows(name: str, rows: Sequence[Row], as_json: bool) -> int:
    if as_json:
        print_json({name: list(rows)})
    elif rows:
        print_table([(row["name"], row["title"] if row["title"] != row["name"] else "", row["summary"]) for row in rows])
    return 0


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if hasattr(value, "item"):  # numpy's own numbers
        return _finite(value.item())
    return value


def _shape(shape: Sequence[int] | None) -> str:
    from playground.layers.spec import format_shape

    return format_shape(tuple(shape)) if shape is not None else "-"


def _number(number: int | None) -> str:
    return f"{number:,}" if number is not None else "-"
