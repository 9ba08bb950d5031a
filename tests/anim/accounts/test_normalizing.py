"""Accounts of batch norm and layer norm: every equation comes out, every number is the trace's, every cell has one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from playground.anim.account import Account, Equation, Number
from playground.anim.accounts import account
from playground.anim.cursor import Cursor
from playground.anim.stages import stages
from playground.document import Document, edits
from playground.engine import Trainer
from playground.engine.lowering import Lowered, lower
from playground.engine.trace import Trace
from tests.anim.accounts.test_account import array_at
from tests.engine.build import chain, classes, dense

SHAPES = [(4,), (3, 2), (2, 3, 2)]


def net(shape: tuple[int, ...], kind: str) -> Document:
    before = (dense(math.prod(shape), "tanh"), ("Reshape", {"shape": shape}))
    document = chain((5,), *before, (kind, {"epsilon": 0.01}), ("Flatten", {}), dense(3), loss="softmax_cross_entropy")
    return edits.set_training(document, batch_size=7, optimizer="adam", learning_rate=0.05)


def trained(document: Document) -> Trainer:
    rng = np.random.default_rng(0)
    trainer = Trainer(document, dtype="float64", dataset=classes(rng.standard_normal((20, 5)).astype("f4"), rng.integers(0, 3, 20), 3))
    trainer.run(steps=3)
    return trainer


def accounts(lowered: Lowered, document: Document, trace: Trace, node: str) -> list[Account]:
    passed, found = stages(document), []
    for at, stage in enumerate(passed):
        if stage.node == node:
            for cell in range(len(stage.cells)):
                made = account(lowered, trace, Cursor(at, stage, cell, 1.0, passed))
                if made is not None:
                    found.append(made)
    return found


def outcome(equation: Equation) -> float:
    total = sum(term.value for term in equation.terms)
    return {"sqrt": math.sqrt, "divide": lambda s: s / equation.sides[0].value, "": float}[equation.function](total)


def check(found: Account, trace: Trace) -> None:
    for equation in (*found.equations, *found.made):
        assert outcome(equation) == pytest.approx(equation.result.value, rel=1e-9, abs=1e-12), (found.phase, equation.role)
        numbers: list[Number] = [factor for term in equation.terms for factor in term.factors]
        for term in equation.terms:
            assert math.prod(factor.value for factor in term.factors) * term.sign == pytest.approx(term.value, rel=1e-12, abs=1e-15)
        for number in (*numbers, *equation.sides, equation.result):
            if number.place is not None:
                assert number.value == float(array_at(trace, number.place)[number.place.index]), (equation.role, number)


def roles(found: Account) -> list[str]:
    return [equation.role for equation in found.equations]


@pytest.mark.parametrize("kind", ["BatchNorm", "LayerNorm"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_number_of_a_step(shape: tuple[int, ...], kind: str) -> None:
    document = net(shape, kind)
    trainer = trained(document)
    trace, node = trainer.record(position=2), f"{kind.lower()}1"
    made = accounts(lower(document), document, trace, node)
    size, channels = math.prod(shape), shape[0] if len(shape) == 3 else shape[-1]
    assert len(made) == 2 * size + channels * (4 if kind == "BatchNorm" else 2)
    for found in made:
        check(found, trace)
        if found.phase == "forward":
            before = ["batch_mean", "batch_variance"] if kind == "BatchNorm" else ["center", "spread"]
            assert roles(found) == [*before, "deviation", "normalized", "scaled"]
            assert found.result.value == pytest.approx(array_at(trace, found.result.place)[found.result.place.index])  # type: ignore
        elif found.phase == "backward":
            assert {equation.role for equation in found.made} == {"gradient", "passed"}
    running = [found for found in made if roles(found) == ["running"]]
    assert len(running) == (2 * channels if kind == "BatchNorm" else 0)
    assert all(found.equations[-1].result.value != found.equations[-1].terms[0].factors[1].value for found in running)


def test_a_batch_of_one_moves_nothing() -> None:
    document = edits.set_training(net((4,), "BatchNorm"), batch_size=1)
    trainer = trained(document)
    trace = trainer.record()
    running = [found for found in accounts(lower(document), document, trace, "batchnorm1") if roles(found) == ["running"]]
    assert len(running) == 8
    for found in running:
        check(found, trace)
        assert len(found.equations[0].terms) == 1


def test_alone_and_in_use_the_running_statistics_speak() -> None:
    document = net((2, 3, 2), "BatchNorm")
    trainer = trained(document)
    for trace in (trainer.trace("train", 3), trainer.network.answer(trainer.dataset.train.x[3])):
        made = accounts(lower(document), document, trace, "batchnorm1")
        forward = [found for found in made if found.phase == "forward"]
        assert len(forward) == 12
        for found in made:
            check(found, trace)
        assert {tuple(roles(found)) for found in forward} == {("running_mean", "running_variance", "deviation", "normalized", "scaled")}


def test_a_frozen_or_refused_step_changes_nothing() -> None:
    document = edits.freeze(net((4,), "BatchNorm"), ["batchnorm1"], True)
    trainer = trained(document)
    trace: Any = trainer.record()
    assert trace.parameters["batchnorm1/running_mean"].before.tolist() == [0.0] * 4
    made = accounts(lower(document), document, trace, "batchnorm1")
    assert {found.phase for found in made} == {"forward", "backward"}
    for found in made:
        check(found, trace)
