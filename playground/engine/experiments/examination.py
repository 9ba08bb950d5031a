"""A gradient check in the background: slices between training steps, on a network of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.engine.checks.checked import Bug, Checked, GradientCheck
from playground.engine.preparing import ProgressReport
from playground.engine.run import Run
from playground.errors import PlaygroundError

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.checks.gradient_check import Checking


class Examination:
    """Checks the network of ``run`` at the weights that it has when this is made."""

    def __init__(self, run: Run, bug: Bug | None, progress: ProgressReport) -> None:
        self._document, self._seed, self._bug, self._progress = run.document, run.trainer.seed, bug, progress
        self._step, self._isa = run.trainer.step_count, run.trainer.network.instruction_set
        self._weights = run.trainer.network.parameters
        self._checking: Checking | None = None
        self._message = ""

    @property
    def running(self) -> bool:
        """Whether derivatives are left to take."""
        return not self._message and (self._checking is None or self._checking.running)

    def advance(self, seconds: float) -> None:
        """Take derivatives for about ``seconds``, or set the network up."""
        try:
            if self._checking is None:
                self._checking = self._begun()
            else:
                self._checking.advance(seconds)
        except PlaygroundError as error:
            self._message = str(error)

    def shown(self) -> Checked:
        """For the snapshot."""
        checking = self._checking
        if checking is None:
            return Checked(self._step, 0, 0, self.running, GradientCheck(None, "", ()), self._bug, (), self._message)
        return Checked(self._step, checking.done, checking.total, self.running, checking.result, self._bug, checking.bugs, self._message)

    def _begun(self) -> Checking:
        from playground.engine.checks.gradient_check import Checking
        from playground.kernels import compile

        made = Checking(self._document, self._seed, weights=self._weights, bug=self._bug)
        compile.prepare(made.kernel_names, "float64", self._isa, self._progress)
        return made
