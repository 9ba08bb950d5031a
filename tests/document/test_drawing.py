"""Drawings in a document: kept, checked, taken back."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from playground.document import check, edits, example, load, load_project, save, save_project
from playground.document.drawing import add_drawing, load_data, with_drawings
from playground.document.files import Project
from playground.document.model import Drawing
from playground.errors import DocumentError

PICTURE = np.zeros((1, 28, 28))
PICTURE[0, 4:24, 12:16] = 1


def drawn(labels: tuple[int, ...] = (7, 1)):
    document = example("mnist-mlp")
    for label in labels:
        document = add_drawing(document, PICTURE, label)
    return document


def test_a_drawing_is_a_training_sample() -> None:
    document = drawn()
    assert not [problem for problem in check(document) if problem.severity == "error"]
    dataset, plain = load_data(document.data), load_data(example("mnist-mlp").data)
    assert len(dataset.train) == len(plain.train) + 2
    assert dataset.train.y[-2:].tolist() == [7, 1]
    assert load_data(document.data) is dataset


def test_drawings_are_in_the_file(tmp_path: Path) -> None:
    document = drawn()
    for name in ("a.playground", "a.json"):
        save(document, tmp_path / name)
        assert load(tmp_path / name) == document
    save_project(Project(document), tmp_path / "b.playground")
    assert load_project(tmp_path / "b.playground").document.data.drawings == document.data.drawings


def test_options_keep_them_another_data_set_does_not() -> None:
    document = drawn()
    assert edits.set_data(document, "mnist", first=1000).data.drawings == document.data.drawings
    assert edits.set_data(document, "digits").data.drawings == ()


def test_a_drawing_goes_with_the_name_of_its_class() -> None:
    document = edits.set_data(drawn((7, 1)), "mnist", classes=(5, 6, 7, 8, 9))
    assert [one.label for one in document.data.drawings] == [2]  # the 7 is the third of 5 6 7 8 9; the 1 is not learned
    assert load_data(document.data).description.classes[2] == "7"


def test_what_does_not_fit_is_refused_when_added() -> None:
    document = example("mnist-mlp")
    for target, picture, label in (
        (document, np.zeros((1, 8, 8)), 1),
        (document, PICTURE, 10),
        (example("iris"), PICTURE, 1),
        (edits.set_data(document, ""), PICTURE, 1),
    ):
        with pytest.raises(DocumentError):
            add_drawing(target, picture, label)


@pytest.mark.parametrize("drawing", [Drawing(label=10, pixels=""), Drawing(label=1, pixels="AAAA"), Drawing(label=-1, pixels="x")])
def test_a_damaged_drawing_is_a_problem_with_a_remedy(drawing: Drawing) -> None:
    document = with_drawings(drawn(), (*drawn().data.drawings, drawing))
    (problem,) = [problem for problem in check(document) if problem.severity == "error"]
    assert "data.drawings[2]" in problem.message
    assert not [problem for problem in check(edits.apply_fix(document, problem)) if problem.severity == "error"]


def test_drawings_without_pictures_are_a_problem() -> None:
    document = msgspec.structs.replace(example("iris"), data=msgspec.structs.replace(example("iris").data, drawings=drawn().data.drawings))
    assert any("drawings" in problem.message for problem in check(document))
