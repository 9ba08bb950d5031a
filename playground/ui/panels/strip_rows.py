"""Which sequences are listed, and what stands in each step's cell. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.data import Dataset
from playground.data.spec import Description, Split
from playground.engine.live.snapshot import Evaluation

MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class Listed:
    """A sample: its ``index`` in the split, its row in the evaluation's answers (``None``: it has one answer for all of it), the ``step``
    to bring into sight, its loss where it is among the worst; of one answer the true and the predicted class."""

    index: int
    row: int | None
    step: int
    loss: float | None
    true: int = -1
    predicted: int = -1


@dataclass(frozen=True, slots=True)
class Cell:
    """One step: the symbol that is ``read``, the ``true`` answer (``""``: none was asked for), what was ``said``, the chances given to
    both (``None``: they are no probabilities)."""

    step: int
    read: str
    true: str = ""
    said: str = ""
    chance: float | None = None
    chance_said: float | None = None
    yes: float | None = None

    @property
    def wrong(self) -> bool:
        return bool(self.true) and self.said != self.true


def fits(description: Description) -> bool:
    """Whether samples of such data are rows of symbols, or have a class at each step."""
    return description.task == "classification" and (bool(description.tokens) or description.steps)


def listed(evaluation: Evaluation | None, dataset: Dataset | None, cell: tuple[int, int] | None) -> list[Listed]:
    """The worst first; where a mistake (true, said) is chosen, the samples in which it is made, at that step."""
    if evaluation is None or dataset is None:
        return []
    answers, part = evaluation.answers, dataset.split(evaluation.split)
    if answers is None:
        worst = [Listed(one.index, None, 0, one.loss, int(one.target), int(one.predicted)) for one in evaluation.worst]
        return worst if cell is None else _of_cell(evaluation, part, cell, worst)
    if len(answers.rows) and int(answers.rows[-1]) >= len(part):
        return []  # of other data, a moment ago
    truth = part.y[answers.rows]
    losses = {one.index: one.loss for one in evaluation.worst}
    if cell is not None:
        here = (truth == cell[0]) & (answers.said == cell[1])
        rows = np.flatnonzero(here.any(axis=1))[:MOST_ROWS]
        return [Listed(int(answers.rows[row]), int(row), int(here[row].argmax()), losses.get(int(answers.rows[row]))) for row in rows]
    found = []
    for one in evaluation.worst:
        row = int(np.searchsorted(answers.rows, one.index))
        if answers.bits is not None:
            step = int(np.nan_to_num(answers.bits[row], nan=-1.0).argmax())
        else:
            step = int(((truth[row] >= 0) & (answers.said[row] != truth[row])).argmax())
        found.append(Listed(one.index, row, step, one.loss))
    return found


def _of_cell(evaluation: Evaluation, part: Split, cell: tuple[int, int], worst: list[Listed]) -> list[Listed]:
    from playground.ui.panels.gallery import evaluated

    found = [one for one in worst if (one.true, one.predicted) == cell]
    predictions = evaluation.predictions
    if predictions is None or predictions.ndim != 2 or predictions.shape[1] < 2:
        return found
    rows, there = evaluated(len(predictions), len(part)), {one.index for one in found}
    more = rows[(predictions[: len(rows)].argmax(axis=1) == cell[1]) & (part.y[rows] == cell[0])]
    return found + [Listed(int(at), None, 0, None, *cell) for at in more[:MOST_ROWS] if int(at) not in there]


def is_binary(description: Description) -> bool:
    """Whether answers are a yes or a no whose names are too long for a step's cell."""
    return len(description.classes) == 2 and max(map(len, description.classes)) > 1


def continues(dataset: Dataset) -> bool:
    """Whether what is asked for at each step is the symbol read at the next one, at every step: then it need not be written twice."""
    about, part = dataset.description, dataset.train
    if not about.steps or about.tokens != about.classes or about.output_steps or not len(part):
        return False
    length = int(part.lengths[0]) if part.lengths is not None else part.x.shape[1]
    return bool(np.array_equal(part.x[0, 1:length], part.y[0, : length - 1]))


def read(dataset: Dataset, split: Split, index: int) -> list[str]:
    """The symbols of a sample as they are read, ``""`` where a step is no symbol; blanks at the ends of a question are left out."""
    about, values = dataset.description, split.x[index]
    length = int(split.lengths[index]) if split.lengths is not None else len(values)
    if about.tokens:
        symbols = [about.tokens[int(value)] for value in values[:length]]
        if about.output_steps and about.tokens[0] == "_":
            while symbols and symbols[0] == "_":
                symbols.pop(0)
            while symbols and symbols[-1] == "_":
                symbols.pop()
        return symbols
    if values.shape[-1] == 1 and np.all(values == np.floor(values)):
        return [f"{value:g}" for value in values[:length, 0]]
    return [""] * length


def cells(evaluation: Evaluation, dataset: Dataset, one: Listed) -> list[Cell]:
    """The steps of a listed sample; of one whose answer has steps of its own (a question and its answer) those of the answer."""
    split = dataset.split(evaluation.split)
    symbols, about = read(dataset, split, one.index), dataset.description
    if one.row is None or evaluation.answers is None:
        return [Cell(step, symbol) for step, symbol in enumerate(symbols)]
    answers, truth = evaluation.answers, split.y[one.index]
    if about.output_steps:
        symbols = [""] * int((truth >= 0).nonzero()[0].max() + 1)
    found = []
    for step, symbol in enumerate(symbols):
        true, said = int(truth[step]), int(answers.said[one.row, step])
        if true < 0:
            found.append(Cell(step, symbol))
            continue
        chance = None if answers.bits is None else float(2.0 ** -answers.bits[one.row, step])
        yes = None if chance is None or len(about.classes) != 2 else chance if true else 1.0 - chance
        also = _chance_of(evaluation, one.row, step, said) if chance is not None else None
        found.append(Cell(step, symbol, about.classes[true], about.classes[said], chance, also, yes))
    return found


def _chance_of(evaluation: Evaluation, row: int, step: int, label: int) -> float | None:
    predictions = evaluation.predictions
    if predictions is None:
        return None
    given = predictions[row, step]
    return float(given[label]) if len(given) > 1 else float(given[0] if label else 1.0 - given[0])


def window(cells: int, room: int, step: int) -> tuple[int, int]:
    """The first and the end of the steps that are drawn where ``room`` have room, ``step`` about in their middle."""
    if cells <= room:
        return 0, cells
    first = min(max(step - room // 2, 0), cells - room)
    return first, first + room
