"""Sentences for cells of a layer that goes through time: what was kept, written, read out, mixed; how far an error comes back."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from playground.anim.account import Account, Equation, Term
from playground.anim.time_cells import REVERSE
from playground.ui.explain.figures import Figures

ROLES = frozenset(("kept_and_written", "read_out", "mixed", "carried", "flows_back", "along_the_ribbon"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def sentence(account: Account, figures: Figures) -> str:
    """``""`` where the account is of something else."""
    last = account.equations[-1]
    if last.role == "carried":
        return _tr("This step is padding: the state is carried on as it was.")
    if last.role == "kept_and_written":
        return _cell(last, figures)
    if last.role == "read_out":
        gate, seen = last.terms[0].factors
        return _tr("The output gate lets {percent} of {seen}, the cell's tanh, out: the unit answers {answer}.").format(
            percent=_percent(gate.value), seen=figures.one(seen.value, signed=True), answer=figures.one(last.result.value, signed=True)
        )
    if last.role == "mixed":
        share, new = last.terms[-1].factors
        return _tr("{percent} of the new state is the candidate {new}, the rest is the old state: {answer}.").format(
            percent=_percent(share.value), new=figures.one(new.value, signed=True), answer=figures.one(last.result.value, signed=True)
        )
    if last.role == "along_the_ribbon":
        return _ribbon(last)
    if last.role == "flows_back":
        return _back(last, figures)
    return ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _cell(equation: Equation, figures: Figures) -> str:
    gate, new = equation.terms[-1].factors
    written = _tr("writes {percent} of {new}").format(percent=_percent(gate.value), new=figures.one(new.value, signed=True))
    if len(equation.terms) == 1:
        return _tr("There is nothing to keep at the first step: the cell {written} and holds {answer}.").format(
            written=written, answer=figures.one(equation.result.value, signed=True)
        )
    kept, old = equation.terms[0].factors
    return _tr("The cell keeps {kept} of {old} and {written}: it holds {answer} now.").format(
        kept=_percent(kept.value),
        old=figures.one(old.value, signed=True),
        written=written,
        answer=figures.one(equation.result.value, signed=True),
    )


def _ribbon(equation: Equation) -> str:
    first = equation.terms[0].factors if len(equation.terms) else ()
    if len(first) == 2 and first[0].place is not None and first[0].place.name.startswith("f"):
        return _tr(
            "The forget gate of the next step lets {percent} of the cell's error pass. Along the ribbon nothing else is multiplied in: "
            "that is why the cell can carry an error far."
        ).format(percent=_percent(first[0].value))
    if any(_carried(term, "c") for term in equation.terms):
        return _tr("The step behind it is padding, which hands the cell's error on as it is.")
    return _tr("No error comes from a later step: all of it comes through the output at this step.")


def _back(equation: Equation, figures: Figures) -> str:
    handed = sum(term.value for term in equation.terms if _of_state(term))
    above = sum(term.value for term in equation.terms if len(term.factors) == 1) - handed
    later = sum(term.value for term in equation.terms if len(term.factors) > 1)
    if not len(equation.terms):
        return _tr("The truncation ends here, and nothing comes from above: no error reaches this state.")
    carried = sum(term.value for term in equation.terms if _carried(term))
    if any(map(_carried, equation.terms)):
        return _tr("{above} comes from above at this step, {later} through the padding behind it, as it is.").format(
            above=figures.one(above - carried, signed=True), later=figures.one(carried, signed=True)
        )
    if any(map(_of_state, equation.terms)):
        return _tr("It is the last step taken: {above} comes from above, {handed} from what begins with this state.").format(
            above=figures.one(above, signed=True), handed=figures.one(handed, signed=True)
        )
    return _tr("{above} comes from above at this step, {later} from the steps after it.").format(
        above=figures.one(above, signed=True), later=figures.one(later, signed=True)
    )


def _carried(term: Term, state: str = "h") -> bool:
    """Whether it is the error of the later step's state itself: that step is padding and carried the state on as it was."""
    place = term.factors[0].place
    return len(term.factors) == 1 and place is not None and place.name.removesuffix(REVERSE) == state


def _of_state(term: Term) -> bool:
    """Whether it came back by a wire of the state."""
    place = term.factors[0].place
    return place is not None and place.name == "state"
