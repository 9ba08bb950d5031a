"""Walking the cells of a pass and holding every number of every account against the naive one, as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace

import msgspec
import numpy as np

from playground.anim.account import Account, Equation, Lazy
from playground.anim.accounts import account
from playground.anim.cursor import PHASES, Cursor, Stage
from playground.anim.stages import stages
from playground.data.spec import Dataset
from playground.document import Document
from playground.document.model import Augmentation
from playground.engine import Network, Trainer, changes
from playground.engine.program.lowering import Lowered, lower
from playground.engine.trace import Trace
from tests.anim.accounts import expected
from tests.anim.accounts import naive_norms as norms
from tests.anim.accounts.expected import NONE, Line, Made
from tests.anim.accounts.naive import Pass, Step
from tests.anim.accounts.near import TINY, Near, stacked

MANY, SOME = 20_000, 2_000
EXACT = 1e-6
"""Of numbers computed in float64 the largest relative error."""
LOOKED_AT = 10
"""Of a long sum (and of a neuron's many gradients) all products are compared, the factors of the biggest and of so many others."""


@dataclass
class Tally:
    """Numbers compared; ``rounded`` are those whose shown digits differ because float32 fell on the other side of a boundary."""

    numbers: int = 0
    rounded: int = 0
    cells: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Recorded:
    """A trained step: its trace, the network, and the naive step from the same weights, state and data."""

    document: Document
    trace: Trace
    lowered: Lowered
    naive: Step | SimpleNamespace
    position: int
    phases: tuple[str, ...] = PHASES
    exact: bool = False
    """Whether the program computed in float64: through a chain of norms float32's bounds grow beyond the numbers themselves."""

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in stages(self.document) if stage.phase in self.phases)

    def account(self, stage: Stage, cell: int) -> Account:
        passed = self.stages
        found = account(self.lowered, self.trace, Cursor(passed.index(stage), stage, cell, 1.0, passed))
        assert found is not None, (stage.label, cell)
        return found


def record(document: Document, dataset: Dataset | None = None, steps: int = 2, position: int = 0, seed: int = 0) -> Recorded:
    """Train ``steps`` steps and record the next: that of the sample at ``position`` in its batch."""
    document = msgspec.structs.replace(document, augmentation=Augmentation())  # the naive pass is of the samples as the data set has them
    exact = sum(node.type in norms.TYPES for node in document.nodes.values()) > 1
    trainer = Trainer(document, seed=seed, dataset=dataset, dtype="float64" if exact else "float32")
    for _ in range(steps):
        trainer.step()
    state, rate, count = trainer.state(), trainer.learning_rate, trainer.step_count
    trace = trainer.record(position=position)
    shaped = changes.shaped(document, trainer.dataset)
    assert trace.update is not None
    batch = trace.update.batch
    with np.errstate(all="ignore" if exact else "warn"):
        naive = Step(shaped, trainer.dataset, state.weights, state.optimizer, batch, count, count + 1, rate, seed)
    return Recorded(shaped, trace, lower(shaped), naive, position, exact=exact)


def traced(document: Document, x: np.ndarray, target: np.ndarray, seed: int = 0) -> Recorded:
    """One sample's pass without an update: for targets that no data set has."""
    network = Network(document, seed=seed)
    trace = network.trace(x, target)
    given = {key: Near.exact(array) for key, array in network.parameters.items()}
    naive = SimpleNamespace(passes=[Pass(document, given, Near.exact(x), target, {})])
    return Recorded(document, trace, lower(document), naive, 0, ("forward", "loss", "backward"))


def walk(recorded: Recorded, seed: int = 0, many: int = MANY, some: int = SOME) -> Tally:
    """All cells of the pass, or ``some`` seeded ones a stage where it has more than ``many``."""
    tally, rng = Tally(), np.random.default_rng(seed)
    passed = recorded.stages
    all_of_them = sum(len(stage.cells) for stage in passed) <= many
    for stage in passed:
        size = len(stage.cells)
        cells = range(size) if all_of_them or size <= some else sorted(rng.choice(size, some, replace=False).tolist())
        judge = Judge(tally, stage.label, recorded.exact)
        for cell in cells:
            tally.cells += 1
            with np.errstate(all="ignore" if recorded.exact else "warn"):
                wanted = _expected(recorded, stage, cell)
                _compare(judge, recorded.account(stage, cell), *wanted)
        judge.settle()
    return tally


def _expected(recorded: Recorded, stage: Stage, cell: int) -> tuple[list[Line], Made]:
    part, index = stage.cells.place(cell)
    made = recorded.naive.passes[recorded.position]
    match stage.phase:
        case "forward":
            return expected.forward(made, stage.node, index), NONE
        case "loss":
            return expected.loss(made, index), NONE
        case "backward":
            return expected.backward(made, stage.node, index)
    return expected.update(recorded.naive, recorded.position, f"{stage.node}/{part}", index), NONE


def _compare(judge: Judge, found: Account, lines: Sequence[Line], made: Made) -> None:
    where = f"cell {found.cell}"
    results = found.made.values if isinstance(found.made, Lazy) else [equation.result.value for equation in found.made]
    judge.add(f"{where} made", list(results), [made.results])
    chosen = judge.chosen(made.results.value)
    for equations, wanted in ((found.equations, lines), ([found.made[i] for i in chosen], [made.line(i) for i in chosen])):
        roles = [equation.role for equation in equations]
        assert roles == [line.role for line in wanted], (judge.stage, where, roles, [line.role for line in wanted])
        for equation, line in zip(equations, wanted, strict=True):
            _equation(judge, f"{where} {equation.role}", equation, line)


def _equation(judge: Judge, where: str, equation: Equation, line: Line) -> None:
    """All products, sides and the result; the factors of all terms, or of the biggest and of some others of a long sum."""
    judge.add(
        where, [*equation.values, *(side.value for side in equation.sides), equation.result.value], [line.terms, line.sides, line.result]
    )
    chosen = judge.chosen(line.terms.value)
    terms = [equation.terms[i] for i in chosen]
    assert [len(term.factors) for term in terms] == line.counts[chosen].tolist(), (judge.stage, where)
    factors = [factor.value for term in terms for factor in term.factors]
    judge.add(f"{where} factors of its terms", factors, [line.factors_of(chosen)])
    judge.add(f"{where} its terms", [term.value for term in terms], [line.terms[chosen]])


def shown(values: np.ndarray) -> list[str]:
    """Three significant digits."""
    return [f"{value:.2e}" for value in (values + 0.0).tolist()]


class Judge:
    """Gathers numbers and compares them as they are shown.

    The account's number and the naive one must show the same three digits. One thing alone excuses another digit: the program
    computes in float32. The naive number carries a bound on what float32 makes of it (``near.py``); only a number that lies no
    further from it than that bound, so that a rounding boundary lies between the two, may show its neighbor. How often that was is
    counted, and the tests bound it.
    """

    def __init__(self, tally: Tally, stage: str, exact: bool = False) -> None:
        self.tally, self.stage, self.exact = tally, stage, exact
        self.rng = np.random.default_rng(0)
        self._found: list[float] = []
        self._wanted: list[Near] = []
        self._where: list[tuple[int, str]] = []

    def chosen(self, values: np.ndarray) -> list[int]:
        """Which of so many terms are looked at in all their parts."""
        if len(values) <= 2 * LOOKED_AT:
            return list(range(len(values)))
        biggest = np.argsort(-np.abs(values))[:8]
        return sorted({*biggest.tolist(), *self.rng.integers(0, len(values), LOOKED_AT).tolist()})

    def add(self, where: str, found: list[float], parts: Sequence[Near]) -> None:
        count = sum(part.value.size for part in parts)
        assert len(found) == count, (self.stage, where, len(found), count)
        self._where.append((len(self._found), where))
        self._found += found
        self._wanted += parts
        if len(self._found) > 200_000:
            self.settle()

    def settle(self) -> None:
        """Compare what was gathered."""
        if not self._found:
            return
        near = stacked(self._wanted)
        found, wanted, errors = np.array(self._found), near.value, near.error
        differ = found != wanted
        differ[differ] = [a != b for a, b in zip(shown(found[differ]), shown(wanted[differ]), strict=True)]
        if self.exact:
            errors = EXACT * np.abs(wanted)
        within = np.abs(found - wanted) <= errors + TINY
        self.tally.numbers += len(found)
        self.tally.rounded += int((differ & within).sum())
        for at in np.flatnonzero(differ & ~within)[:20]:
            where = next(name for start, name in reversed(self._where) if start <= at)
            self.tally.wrong.append(f"{self.stage} {where}: {found[at]!r} is not {wanted[at]!r} (float32: {errors[at]:.1e})")
        self._found, self._wanted, self._where = [], [], []
