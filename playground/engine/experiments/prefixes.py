"""What a network that answers once would answer to a text had it ended earlier: after the first symbol, the second ..."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.conditions import BATCH, on_show
from playground.engine.experiments.looked_through import Prefixes, PrefixesAsked
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run


class PrefixesExperiment(Experiment):
    """At the weights on show, outside training mode; masks end the text, so what lies behind is never read."""

    def __init__(self, run: Run, asked: PrefixesAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        self.dataset, self.step = run.sight.dataset, run.sight.step_count
        self._network = on_show(run)
        lowered, tokens = self._network.lowered, len(self.dataset.description.tokens)
        shapes = [value.shape for value in lowered.inputs.values()]
        if len(shapes) != 1 or len(shapes[0]) != 1 or not lowered.masks:
            raise EngineError("it does not read symbols up to where a text ends.", where="Input", remedy="Let a recurrent layer read them.")
        if not 0 < len(asked.symbols) <= shapes[0][0] or not all(0 <= one < tokens for one in asked.symbols):
            raise EngineError(
                say("expected 1 to {shapes} symbols, numbers from 0 to {tokens}.", shapes=shapes[0][0], tokens=tokens - 1), where="text"
            )
        self.asked = asked
        self._x = np.zeros(shapes[0], np.float32)
        self._x[: len(asked.symbols)] = asked.symbols
        self.total = len(asked.symbols)
        self._answers = np.full((self.total, int(np.prod(lowered.prediction.shape))), np.nan, np.float32)

    def work(self) -> Iterator[bool]:
        from playground.kernels import compile

        network, count = self._network, min(BATCH, self.total)
        compile.prepare(network.forward_names(count, lengths=True), "float32", network.instruction_set, self.progress)
        yield True
        for begin in range(0, self.total, count):
            lengths = np.minimum(np.arange(begin, begin + count), self.total - 1) + 1  # the same plan for the last, fewer ones
            answers = network.forward(np.tile(self._x, (count, 1)), lengths=lengths)
            self.done = min(begin + count, self.total)
            self._answers[begin : self.done] = answers.reshape(count, -1)[: self.done - begin]
            yield True

    def found(self) -> Prefixes:
        return Prefixes(self.state, self.asked, fixed(self._answers))
