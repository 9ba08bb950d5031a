"""Accounts of what is done with sequences: each number comes to what its terms come to, and is the trace's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.anim.account import Equation
from playground.anim.accounts import account
from playground.anim.cursor import Cursor
from playground.anim.stages import stages
from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, edits
from playground.engine import Trainer, changes
from playground.layers.losses import LOSSES

STEPS, SYMBOLS = 4, 5
ADDING = ("sum", "same", "gradient", "passed", "error", "arriving", "contribution", "derivative", "loss", "difference", "total")


def chained(*layers: tuple[str, dict[str, Any]], shape: tuple[int, ...] | None = None) -> Document:
    document, source = edits.add_node(Document(), "Input", shape=shape)
    for type, fields in layers:
        document, node = edits.add_node(document, type, **fields)
        document = edits.connect(document, source, node)
        source = node
    return edits.set_training(document, precision="float64", batch_size=3, learning_rate=0.1)


def data(steps: bool, classes: bool = True, tokens: bool = True) -> Dataset:
    rng = np.random.default_rng(0)
    lengths = np.array([2, 4, 1, 3, 4, 2], np.int32)
    real = np.arange(STEPS) < lengths[:, None]
    x: Any = rng.integers(0, SYMBOLS, (6, STEPS)) * real if tokens else rng.standard_normal((6, STEPS, 3)) * real[..., None]
    y = rng.integers(0, 3, (6, STEPS)) if steps else rng.integers(0, 3, 6)
    if steps:
        y = np.where(real, y, -1)
        y[1, 2] = -1
    if not classes:
        y = rng.standard_normal((6, STEPS, 3)) * real[..., None]
    part = frozen_split(x.astype(np.float32), y.astype(np.int32 if classes else np.float32), lengths)
    names = tuple("abc") if classes else ()
    shape = (STEPS,) if tokens else (STEPS, 3)
    symbols = tuple("vwxyz") if tokens else ()
    task: Any = "classification" if classes else "regression"
    return Dataset(Description(shape, task, 3, names, tokens=symbols, steps=steps), part, part, part)


NETS: dict[str, tuple[Document, Dataset]] = {
    "mean": (chained(("Embedding", {"size": 3}), ("GlobalAvgPool1D", {}), ("Dense", {"units": 3}), ("Output", {})), data(False)),
    "largest": (chained(("Embedding", {"size": 3}), ("GlobalMaxPool1D", {}), ("Dense", {"units": 3}), ("Output", {})), data(False)),
    "one-hot": (
        chained(("OneHot", {}), ("Dense", {"units": 2}), ("Last", {}), ("Dense", {"units": 3}), ("Output", {})),
        data(False),
    ),
    "repeat": (
        chained(("Embedding", {"size": 3}), ("Last", {}), ("RepeatVector", {"steps": STEPS}), ("Dense", {"units": 3}), ("Output", {})),
        data(True),
    ),
    **{
        loss: (
            chained(("Dense", {"units": 3}), ("Output", {"loss": loss})),
            data(True, "cross" in loss, False),
        )
        for loss in LOSSES
    },
}


def worth(equation: Equation) -> float:
    return float(sum(term.value for term in equation.terms))


@pytest.mark.parametrize("name", list(NETS))
@pytest.mark.parametrize("position", [0, 1])
def test_numbers_add_up(name: str, position: int) -> None:
    document, dataset = NETS[name]
    trainer = Trainer(document, dataset=dataset, dtype="float64")
    trace = trainer.record(position=position)
    lowered, seen = trainer.network.lowered, 0
    passed = stages(changes.shaped(document, dataset))
    for number, stage in enumerate(passed):
        for cell in range(len(stage.cells)):
            found = account(lowered, trace, Cursor(number, stage, cell, 1.0, passed))
            assert found is not None, stage
            for equation in (*found.equations, *found.made):
                if equation.role in ADDING:
                    assert equation.result.value == pytest.approx(worth(equation), rel=1e-9, abs=1e-12), (stage, cell, equation)
                elif equation.role == "average":
                    assert equation.result.value == pytest.approx(worth(equation) / equation.sides[0].value, rel=1e-9)
                elif equation.role == "maximum":
                    assert equation.result.value == max(term.value for term in equation.terms)
                seen += 1
    assert seen > 20


@pytest.mark.parametrize("fields", [{}, {"direction": "both", "initial_state": "learned"}], ids=["plain", "both"])
@pytest.mark.parametrize(
    ("type", "form"), [("SimpleRNN", {}), ("LSTM", {"peepholes": True}), ("GRU", {}), ("GRU", {"form": "pytorch"})], ids=str
)
def test_gradients_of_recurrent_parameters_add_up(type: str, form: dict[str, Any], fields: dict[str, Any]) -> None:
    layers = ("Embedding", {"size": 2}), (type, {"units": 2, **form, **fields}), ("Dense", {"units": 3}), ("Output", {})
    document, dataset = chained(*layers), data(False)
    trainer = Trainer(document, dataset=dataset, dtype="float64")
    trainer.run(steps=3)
    trace, passed, seen = trainer.record(position=1), stages(changes.shaped(document, dataset)), 0
    for number, stage in enumerate(passed):
        for cell in range(len(stage.cells)) if stage.phase == "update" else ():
            found = account(trainer.network.lowered, trace, Cursor(number, stage, cell, 1.0, passed))
            assert found is not None, (stage, cell)
            own = [equation for equation in found.equations if equation.role == "gradient"]
            assert own, (stage, stage.cells.place(cell))
            for equation in own:
                assert equation.result.value == pytest.approx(worth(equation), rel=1e-9, abs=1e-12), (stage, cell, equation)
                seen += len(equation.terms)
    assert seen > 50
