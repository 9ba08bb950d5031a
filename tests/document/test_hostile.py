"""Hostile input to edits, paths, examples and the data registry: always an error of ours, and never a document that no file can hold."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from playground import data, export
from playground import document as documents
from playground.data.spec import frozen_split
from playground.document import Document, edits
from playground.errors import PlaygroundError

ODD: list[Any] = [3, [1], "", math.nan, {}, (1, 2, 3), None, True]


def placed() -> tuple[Document, str, str]:
    document, source = edits.add_node(Document(), "Input", shape=(2,))
    document, target = edits.add_node(document, "Dense", units=2)
    return document, source, target


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_edits(odd: Any) -> None:
    document, a, b = placed()
    asked = [
        lambda: edits.add_node(odd, "Dense"),
        lambda: edits.add_node(document, odd),
        lambda: edits.add_node(document, "Dense", units=odd if odd != 3 else -3),
        lambda: edits.add_node(document, "Dense", activation=odd),
        lambda: edits.remove(document, odd),
        lambda: edits.connect(document, odd, b),
        lambda: edits.connect(document, a, odd),
        lambda: edits.connect(document, a, b, from_port=odd),
        lambda: edits.disconnect(document, odd, b),
        lambda: edits.set_field(document, odd, "units", 3),
        lambda: edits.set_field(document, b, odd, 3),
        lambda: edits.move(document, {b: odd}),
        lambda: edits.freeze(document, b, odd if odd is not True else 1),  # type: ignore[arg-type]  # hostile on purpose
        lambda: edits.paste(document, odd),
        lambda: documents.set_path(document, odd, 1),
        lambda: documents.get_path(document, odd),
        lambda: documents.example(odd),
        lambda: data.get(odd),
        lambda: data.load(odd),
        lambda: data.load("spiral", samples=odd),
    ]
    if odd is not None:
        asked += [
            lambda: edits.add_node(document, "Dense", id=odd),
            lambda: edits.add_node(document, "Dense", position=odd),
            lambda: edits.connect(document, a, b, to_port=odd),
        ]
    if not isinstance(odd, str):
        asked += [lambda: edits.add_node(document, "Dense", title=odd), lambda: edits.set_title(document, b, odd)]
    for ask in asked:
        with pytest.raises(PlaygroundError):
            ask()


@pytest.mark.parametrize("position", [(math.nan, 0.0), (math.inf, 0.0), ("a", "b"), (1,), (1, 2, 3), (10**400, 0)])
def test_places_that_no_file_can_hold(position: Any) -> None:
    document, _, b = placed()
    with pytest.raises(PlaygroundError, match="place"):
        edits.move(document, {b: position})


def test_a_title_that_no_file_can_hold() -> None:
    with pytest.raises(PlaygroundError, match="words"):
        edits.set_title(Document(), None, "\ud800")


def test_huge_numbers_are_told_in_short() -> None:
    with pytest.raises(PlaygroundError) as caught:
        edits.add_node(Document(), "Dense", units=10**400)
    assert len(str(caught.value)) < 200


def test_numpys_numbers_are_numbers_and_saved_as_such(tmp_path: Path) -> None:
    document, node = edits.add_node(Document(), "Dense", units=np.int64(3))
    document, source = edits.add_node(document, "Input", shape=(np.int64(2), 3))
    document = edits.set_training(document, learning_rate=np.float32(0.5), batch_size=np.int32(4))
    assert type(document.nodes[node].fields["units"]) is int
    assert document.nodes[source].fields["shape"] == (2, 3)
    documents.save(document, tmp_path / "it.json")
    assert documents.load(tmp_path / "it.json") == document


@pytest.mark.parametrize("array", [None, [1, 2], np.array(["a"]), np.array([None]), np.float32(1), np.zeros(3, complex)])
def test_a_split_is_made_of_numbers(array: Any) -> None:
    good = np.ones(1, np.float32)
    for x, y in ((array, good), (good, array)):
        with pytest.raises(PlaygroundError, match="array of numbers"):
            frozen_split(x, y)


@pytest.mark.parametrize("path", [None, 3, ["a"], math.nan, {}, "a\0b.json", "a\0b.playground"], ids=repr)
def test_what_is_no_path(path: Any) -> None:
    for ask in (documents.load, documents.load_project, lambda odd: documents.save(Document(), odd), lambda odd: export.read(odd)):
        with pytest.raises(PlaygroundError, match="path"):
            ask(path)
    with pytest.raises(PlaygroundError, match="path"):
        export.write(path, {"a": np.ones(1)})


@pytest.mark.parametrize("name", ["it.json", "it.playground"])
@pytest.mark.parametrize("odd", [None, 3, {}, "xor"], ids=repr)
def test_what_is_no_document_does_not_replace_a_file(tmp_path: Path, name: str, odd: Any) -> None:
    documents.save(Document(title="mine"), tmp_path / name)
    with pytest.raises(PlaygroundError, match="Document"):
        documents.save(odd, tmp_path / name)
    unwritable = msgspec.structs.replace(Document(), title="\ud800")
    with pytest.raises(PlaygroundError, match="cannot be written"):
        documents.save(unwritable, tmp_path / name)
    assert documents.load(tmp_path / name).title == "mine"


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
@pytest.mark.parametrize(
    "arrays",
    [None, 3, [1], {"a": None}, {"a": np.array(["x"])}, {"a": np.array([None])}, {1: np.ones(2)}, {"a": np.ones(2, complex)}],
    ids=repr,
)
def test_an_export_is_of_arrays_by_name(tmp_path: Path, ending: str, arrays: Any) -> None:
    out = tmp_path / f"it.{ending}"
    export.write(out, {"a": np.ones(2)})
    before = out.read_bytes()
    with pytest.raises(PlaygroundError, match="by name"):
        export.write(out, arrays)
    assert out.read_bytes() == before
