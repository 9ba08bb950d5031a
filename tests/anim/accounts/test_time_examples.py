"""Recurrent examples: at cells of every stage of a real step the terms come to the trace's number, and no operation is left untold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.anim.account import Equation
from playground.anim.accounts import account
from playground.anim.cursor import Cursor, Stage
from playground.anim.stages import stages
from playground.document import example, example_names
from playground.engine import Trainer, changes
from playground.layers import registry
from playground.layers.functions import FUNCTIONS

CELLS = {cell.name for cell in registry.cells()}
NAMES = [name for name in example_names() if any(node.type in CELLS for node in example(name).nodes.values())]
ENDS = ("Input", "Output")
"""What comes in is data, and of an answer that is the sum itself there is no more to tell."""
MOST = 40
"""Cells of a stage that are looked at: the first and the last of each part, and seeded ones."""
NEAR = {"rel": 1e-6, "abs": 1e-11}
"""Computed in double precision; a sum of hundreds of products may cancel."""


def worth(equation: Equation) -> float | None:
    """What the terms come to; ``None`` where the role says more than a sum (a maximum, a softmax's powers)."""
    total = math.fsum(float(value) for value in equation.values)
    match equation.function:
        case "":
            return total
        case "divide":
            return total / equation.sides[0].value
        case "max":
            return max(float(value) for value in equation.values)
        case "exp":
            return math.exp(total)
        case "sqrt":
            return math.sqrt(total)
        case name if name in FUNCTIONS and name != "softmax":
            return float(FUNCTIONS[name].value(np.float64(total)))
    return None


def chosen(stage: Stage, rng: np.random.Generator) -> list[int]:
    size = len(stage.cells)
    if size <= MOST:
        return list(range(size))
    ends = {0, size - 1}
    for name, _ in stage.cells.parts:
        first = stage.cells.find(name, ())
        ends |= set() if first is None else {first}
    return sorted(ends | set(rng.integers(0, size, MOST).tolist()))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_terms_come_to_the_number(name: str) -> None:
    trainer = Trainer(example(name), dtype="float64")
    trainer.run(steps=3)
    trace = trainer.record(position=1)
    document = changes.shaped(example(name), trainer.dataset)
    lowered, passed, rng = trainer.network.lowered, stages(document), np.random.default_rng(0)
    seen, alone = 0, set()
    for at, stage in enumerate(passed):
        for cell in chosen(stage, rng):
            found = account(lowered, trace, Cursor(at, stage, cell, 1.0, passed))
            assert found is not None, (stage.label, stage.cells[cell])
            for equation in (*found.equations, *found.made[:4]):
                where = (stage.label, stage.cells[cell], equation.role, equation.symbols)
                if equation.role == "value" and document.nodes[stage.node].type not in ENDS:
                    alone.add(where)
                told = worth(equation)
                if told is None or not len(equation.terms):
                    continue
                assert equation.result.value == pytest.approx(told, **NEAR), where
                seen += 1
    assert not alone, "numbers that nothing is told of"
    assert seen > 20
