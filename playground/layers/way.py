"""One direction of a recurrent layer through time: its values, where its states come from and what is known of them at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from playground.layers.spec import Fields, Lowering, Value

if TYPE_CHECKING:
    from playground.layers.recurrent import Recurrent

REVERSE = "_reverse"
"""How the parameters and values of the direction that reads from the last step to the first end."""


def switched_off(fields: Fields, off: Iterable[int], end: str) -> tuple[int, ...]:
    """The units of one direction that are off, where ``off`` are those of the output: one direction's where both lie side by side, both
    directions' where these are added up. Units that the layer does not have are left out."""
    units = int(fields["units"])
    side = fields["direction"] == "both" and fields["merge"] == "concatenate"
    first = units if side and end == REVERSE else 0
    return tuple(unit - first for unit in off if first <= unit < first + units)


class Way:
    """One direction through time. ``states`` are its values (T, U) by name, ``start`` those before the first step (U), ``last`` those
    after the last one (U), as far as anybody needs them; ``answering``: errors go back to the starts; ``fresh`` (U) is 1 where
    what is ``learned`` starts a stateful layer; ``above`` is the error that comes to all steps, ``ended`` that of the last
    state, by name; ``off`` are the units that are switched off. A type keeps what else it has of a direction in ``gates`` and
    ``inside``."""

    gates: Value
    inside: Value

    def __init__(self, lowering: Lowering, layer: Recurrent, end: str) -> None:
        steps, units = lowering.inputs[0].shape[0], int(lowering.fields["units"])
        self._lowering, self.end, self.shape = lowering, end, (steps, units)
        self.mask = lowering.masks[0]
        self.off = switched_off(lowering.fields, lowering.off, end)
        self.options: dict[str, Any] = {"reverse": end == REVERSE} | ({"off": self.off} if self.off else {})
        self.sums = lowering.value(f"pre_activation{end}", (steps, len(layer.gates) * units))
        self.states = {name: lowering.value(f"{name}{end}", self.shape) for name in layer.states}
        self.start: dict[str, Value] = {}
        self.answering = False
        self.learned: dict[str, Value] = {}
        self.fresh: Value | None = None
        self.last: dict[str, Value] = {}
        self.above: Value | None = None
        self.ended: dict[str, Value] = {}

    @property
    def dsums(self) -> Value:
        return self._lowering.gradient(self.sums)

    @property
    def starts(self) -> dict[str, Value | None]:
        """The states before the first step, by their role."""
        return {f"initial_{name}": self.start.get(name) for name in self.states}

    @property
    def errors(self) -> dict[str, Value | None]:
        """The roles of a step back through time that all types have."""
        lowering = self._lowering
        made: dict[str, Value | None] = {"dh": self.above, "dsums": self.dsums, "mask": self.mask}
        for name, value in self.states.items():
            made[f"dlast_{name}"] = self.ended.get(name)
            made[f"d{name}_total"] = lowering.gradient(value)
            made[f"dinitial_{name}"] = lowering.gradient(self.start[name]) if self.answering else None
        return made

    @property
    def back(self) -> dict[str, Any]:
        """The options of such a step."""
        return {**self.options, "truncate": self._lowering.fields["truncate"]}

    def parameter(self, name: str) -> Value:
        return self._lowering.parameter(f"{name}{self.end}")

    def error(self, lowering: Lowering, name: str) -> Value:
        """Room for the error of a state (U)."""
        return lowering.value(f"error of {name}{self.end}", self.shape[1:], shown=False)

    def heard(self, lowering: Lowering, say: Callable[..., None], x: Value, name: str, shown: bool = False) -> Value:
        """``x`` (U), but 0 in units that are switched off: a value ``name``, where there are such units, that ``say`` says."""
        if not self.off:
            return x
        y = lowering.value(f"{name}{self.end}", x.shape, shown)
        say("silence", {"x": x, "y": y}, off=self.off, axis=0)
        return y

    def begin(self, lowering: Lowering) -> None:
        """Silence the starts, once they are said: what a unit that is switched off was given, no other unit reads."""
        for name, value in self.start.items():
            self.start[name] = self.heard(lowering, lowering.forward, value, f"begun_{name}", shown=True)

    def carry_on(self, lowering: Lowering, learned: bool) -> None:
        """Start from the states that the batch before ended with; at an epoch's beginning from zeros, or from what is ``learned``.

        Lanes past the batch stay at zero: nothing holds a state there, that might grow beyond all bounds in an epoch.
        """
        size, self.answering = self.shape[1:], learned
        within = lowering.kept("within the batch", size, "samples")
        for name, value in self.states.items():
            if learned:
                carried = lowering.kept(f"carried_{name}", size, state=name)
                self.start[name] = lowering.value(f"start_{name}", size)
            else:
                carried = self.start[name] = lowering.kept(f"start_{name}", size, state=name)
            ended = lowering.value(f"{name} at the end", size, shown=False)
            lowering.carry("last", {"x": value, "y": ended})
            lowering.carry("product", {"xs": [ended, within], "y": carried})
            if learned:
                self._learn_start(lowering, name, carried)
        if learned:
            lowering.carry("copy", {"x": lowering.kept("no longer fresh", size, "nothing"), "y": self.fresh})

    def _learn_start(self, lowering: Lowering, name: str, carried: Value) -> None:
        """The start is what is carried, which is 0 in an epoch's first batch; and in that one alone, what is learned."""
        size = self.shape[1:]
        if self.fresh is None:
            self.fresh = lowering.kept("fresh", size, "ones")
        given, share = lowering.value(f"learned_{name}", size), lowering.value(f"learned {name} where fresh", size, shown=False)
        lowering.forward("spread", {"weight": self.parameter(f"initial_{name}"), "y": given})
        lowering.forward("product", {"xs": [given, self.fresh], "y": share})
        lowering.forward("sum", {"xs": [share, carried], "y": self.start[name]})
        self.learned[name] = given

    def take_last(self, lowering: Lowering, name: str, to: Value | None = None) -> None:
        """Say the state ``name`` after the last step, once."""
        if name not in self.last:
            self.last[name] = to or lowering.value(f"last {name}{self.end}", self.shape[1:], shown=False)
            lowering.forward("last", {"x": self.states[name], "y": self.last[name]}, reverse=self.end == REVERSE)
