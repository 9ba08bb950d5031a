"""Plan: a lowered network laid out in an arena and expanded to checked rows for one target. Running it is ``kernels``' business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.engine.program.arena import Arena, ParameterLayout
from playground.engine.program.around import Around, augments, merged
from playground.engine.program.initial import node_key
from playground.engine.program.lowering import Lowered, Operation, Role, gradient_of, needed
from playground.engine.program.purpose import Purpose, number_type
from playground.engine.program.resident import Resident, levels, target_shape
from playground.engine.program.streams import Carried
from playground.engine.program.unseen import lean
from playground.errors import EngineError
from playground.kernels import Region, Row, Segment, Target
from playground.kernels.operations import writes_of
from playground.layers.spec import Value
from playground.sentences import say, sentence
from playground.turns import give_way

__all__ = ["Plan", "Purpose", "number_type"]

Array = NDArray[np.floating]


class Plan:
    """Buffers, rows and program of one lowered network.

    With ``samples`` the program gathers its batches; without, the caller writes them into :meth:`value` of inputs and target.
    ``parameters``, ``gradients`` and ``states`` are live flat ranges. ``merged`` are the keys of the parameters whose gradient is
    computed in the guarded segment, in one go with their update: ``gradients`` has it of a call's last step, and not of a step
    that the guard refused. Raises :class:`~playground.errors.EngineError` that names
    the node where an operation cannot be expanded or a row leaves what was laid out.
    """

    def __init__(self, lowered: Lowered, target: Target, purpose: Purpose, seed: int = 0, samples: Resident | None = None) -> None:
        self.lowered, self.target, self.purpose, self.samples = lowered.within(purpose.mode), target, purpose, samples
        if purpose.accumulate and purpose.mode == "training" and (lowered.batchwise or lowered.carried):
            raise EngineError("its statistics or states are of the whole batch, which does not fit the lanes.", remedy="Use lanes_of.")
        self.layout = ParameterLayout(lowered.parameters)
        self.control = kernels.Control()
        self._seed = seed
        masked = purpose.masked or (samples is not None and samples.lengths is not None)
        self.masks: tuple[Value, ...] = tuple(lowered.masks.values()) if masked else ()
        self._absent = frozenset(lowered.masks.values()) - set(self.masks)
        self._arena = Arena(target.dtype)
        self._regions: dict[Value, Region] = {}
        self._views: dict[Value, Array] = {}
        self._rates: dict[str, int] = {}
        self._place_parameters()
        self._place_target()
        operations: tuple[Operation, ...] = (*self.lowered.forward, *needed(self.lowered, purpose.wanted))
        after = self.lowered.after_step if purpose.update is not None else ()
        after += self.lowered.carry if purpose.carries or purpose.update is not None else ()
        if purpose.update is not None:  # nobody looks at a training step's values
            seen = (*lowered.inputs.values(), lowered.prediction, lowered.target, *(value for o in after for value in o.values()))
            operations = lean(operations, lowered, seen)
        self._place(value for operation in (*operations, *after) for value in operation.values())
        self._x_rows = self._place_rows()
        self._scratch = self._arena.allocate(self._scratch_needed(operations))
        self._arena.make()
        self.start_over()
        self.spaces = self._spaces()
        self._allocations = {
            "arena": self._arena.allocations,
            "control": [(0, self.control.integers.size)],
            **{name: [(0, array.size)] for name, array in self.spaces.items()},
        }
        around = Around(
            self.lowered, target, purpose, samples, seed, self.masks, self.layout, self._flat, self._x_rows, self._scratch,
            self._one, self._space, self._checked,
        )  # fmt: skip
        both = merged(self.lowered, purpose, operations)
        self.merged = frozenset(both)
        later = (*both.values(), *self._counting)
        step = [row for operation in operations if operation not in later for row in self._expand(operation)]
        end = [row for o in after for row in self._expand(o)]
        self.segments = [Segment([*around.gather(), *step, *around.scatter()], per_micro_batch=True)]
        if self._counting:
            ahead = [*around.gather_target(), *(row for operation in self._counting for row in self._expand(operation))]
            self.segments.insert(0, Segment(ahead, per_micro_batch=True))
        norms = around.norms()
        if norms:
            self.segments.append(Segment(norms))
        if purpose.update is not None:
            end = [*self._steps(both), *around.update(purpose.update, both), *end]
        if end:
            self.segments.append(Segment(end, guarded=purpose.update is not None))

    # -- the caller's side
    @property
    def lanes(self) -> int:
        return self.target.lanes

    @property
    def parameters(self) -> Array:
        """The flat range of parameters, live."""
        return self._arena.view(self._flat[0])

    @property
    def gradients(self) -> Array:
        """The flat range of gradients, live."""
        return self._arena.view(self._flat[1])

    @property
    def states(self) -> list[Array]:
        """The optimizer's flat ranges, live: one for momentum and RMSprop, two for Adam."""
        return [self._arena.view(region) for region in self._flat[2:]]

    @property
    def names(self) -> tuple[str, ...]:
        """The kernels that the rows call."""
        return kernels.compile.kernel_names(row for segment in self.segments for row in segment.rows)

    @cached_property
    def program(self) -> kernels.Program:
        """The rows bound to memory; compiles what is missing."""
        spaces: dict[str, NDArray[Any]] = {"arena": self._arena.memory, **self.spaces}
        return kernels.Program(self.target, spaces, self.control, self.segments, advance=self.purpose.update is not None)

    def has(self, value: Value) -> bool:
        """Whether this plan computes ``value``."""
        return self.lowered(value) in self._regions

    def value(self, value: Value) -> Array:
        """The numbers of ``value``, live: (*shape, lanes)."""
        view = self._views.get(value)
        if view is None:
            region = self._regions[self.lowered(value)]
            shape = target_shape(self.lowered.fields[self.lowered.output], value.shape) if value == self.lowered.target else value.shape
            size = int(np.prod(shape, dtype=np.int64)) * self.lanes
            view = self._views[value] = self._arena.view(region)[:size].reshape(*shape, self.lanes)
        return view

    @cached_property
    def carried(self) -> dict[Carried, Array]:
        """The numbers that stay from batch to batch, live: (*shape, lanes) each."""
        return {one: self.value(one.value) for one in self.lowered.carried if self.has(one.value)}

    def start_over(self, samples: int | None = None) -> None:
        """Let the next batch, of so many samples (as many as there are lanes), continue none."""
        for one, numbers in self.carried.items():
            numbers[:] = one.begin in ("ones", "samples")
            if one.begin == "samples":
                numbers[..., self.lanes if samples is None else samples :] = 0

    def set_dropout_rates(self, rates: Mapping[str, float]) -> None:
        """Take new dropout rates, by node."""
        for node, slot in self._rates.items():
            if node in rates:
                self.control.dropout_rates[slot] = rates[node]

    def isolate(self, lane: int, samples: int) -> None:
        """After a pass with all gradients: leave what the sample in ``lane`` of ``samples`` has part in.

        Its errors are multiplied by the number of samples (of targets, over its own), as those of its own loss are; the gradients of
        parameters become its share, whose mean over the batch they were. All other errors are 0 then.
        """
        share: float = samples
        if self.lowered.counted is not None:
            share = self.control.counted / max(1.0, float(self.value(self.lowered.counted)[..., lane].sum()))
        learned = {self.lowered(p.gradient) for p in self.lowered.parameters}
        backward = needed(self.lowered, self.purpose.wanted)
        operations = [o for o in backward if {self.lowered(value) for value in o.values(writes_of(o.name))} <= learned]
        errors = {self.lowered(gradient_of(value)) for named in self.lowered.named.values() for value in named.values()}
        errors |= {self.lowered(value) for operation in operations for value in operation.values(("dy",))}
        for value in errors:
            if value in self._regions:
                numbers = self.value(value)
                kept = numbers[..., lane] * share
                numbers[:] = 0
                numbers[..., lane] = kept
        rows = [row for operation in operations for row in self._expand(operation)]
        spaces: dict[str, NDArray[Any]] = {"arena": self._arena.memory, **self.spaces}
        self.control.cursor = 0
        kernels.Program(self.target, spaces, self.control, [Segment(rows)], advance=False).run(1)

    # -- laying out
    def _place_parameters(self) -> None:
        update = self.purpose.update
        flats = 1 if self.purpose.wanted == "nothing" else 2
        flats += kernels.STATES[update.optimizer] if update is not None else 0
        self._flat = [self._arena.allocate(self.layout.extent) for _ in range(flats)]
        for p in self.lowered.parameters:
            placed = self.layout.placed[p.key]
            for flat, value in zip(self._flat[:2], (p.value, p.gradient), strict=False):
                self._regions[self.lowered(value)] = Region("arena", flat.start + placed.start, placed.storage.extent, p.parameter.shape)

    def _place_target(self) -> None:
        value = self.lowered.target
        shape = target_shape(self.lowered.fields[self.lowered.output], value.shape)
        self._regions[self.lowered(value)] = self._arena.allocate(kernels.extent_of(shape, self.lanes), shape)

    def _place(self, values: Iterable[Value]) -> None:
        for value in (*self.lowered.inputs.values(), self.lowered.prediction, *self.masks, *values):
            root = self.lowered(value)
            if root not in self._regions and root not in self._absent:
                self._regions[root] = self._arena.allocate(kernels.extent_of(root.shape, self.lanes), root.shape)

    def _place_rows(self) -> dict[Value, Region]:
        """Room for gathered batches a row a sample: the weight gradients of the first layers read them so."""
        if self.samples is None or self.lanes == 1 or self.purpose.wanted == "nothing":
            return {}
        return {
            self.lowered(value): self._arena.allocate(self.lanes * kernels.padded(value.size)) for value in self.lowered.inputs.values()
        }

    def _spaces(self) -> dict[str, NDArray[Any]]:
        if self.samples is None:
            return {"order": np.arange(self.lanes, dtype=np.int32)}
        spaces = dict(self.samples.spaces)
        if self.purpose.scatter:
            positions = self.samples.order.size
            spaces["predictions"] = np.zeros(positions * self.lowered.prediction.size, self.target.dtype)
            spaces["losses"] = np.zeros(positions, self.target.dtype)
        return spaces

    # -- rows
    def _roles(self, operation: Operation) -> dict[str, Any]:
        roles: dict[str, Any] = {name: self._region(role) for name, role in operation.roles.items()}
        if operation.name == "dropout":
            roles["order"] = self._space("order")
        if operation.name == "affine_backward_weight":
            x = operation.roles["x"]
            if isinstance(x, Value) and (rows := self._x_rows.get(self.lowered(x))) and len(x.shape) == 1:
                roles["x_rows"] = rows
        return roles

    def _region(self, role: Role) -> Region | list[Region] | None:
        """Where a role's values lie, each in the shape that the role gives it."""
        if role is None or role in self._absent:
            return None
        if isinstance(role, tuple):
            return [self._one(value) for value in role]
        return self._one(role)

    def _one(self, value: Value) -> Region:
        region = self._regions[self.lowered(value)]
        shape = region.shape if value == self.lowered.target else value.shape
        return Region(region.space, region.start, region.extent, shape)

    def _space(self, name: str) -> Region:
        return Region(name, 0, self.spaces[name].size)

    def _options(self, operation: Operation) -> dict[str, Any]:
        options = dict(operation.options)
        if operation.name == "dropout":
            slot = self._rates.setdefault(operation.node, len(self._rates))
            self.control.dropout_rates[slot] = self.lowered.fields[operation.node]["rate"]
            options |= {"key": node_key(self._seed, operation.node, "dropout"), "rate_slot": slot}
        elif operation.name == "loss":
            options["low"], options["high"] = levels(self.lowered.fields[self.lowered.output])
        elif kernels.accumulates(operation.name):
            options["accumulate"] = self.purpose.accumulate
        return options

    def _expand(self, operation: Operation) -> list[Row]:
        give_way()
        roles = self._roles(operation) | {"scratch": self._scratch}
        with _naming(operation):
            return self._checked(kernels.expand(operation.name, roles, self._options(operation), self.target), operation.node)

    def _scratch_needed(self, operations: Sequence[Operation]) -> int:
        stubs = Region("order", 0, 0)
        needs = [0]
        for operation in operations:
            roles = {name: self._region(role) for name, role in operation.roles.items()}
            if operation.name == "affine_backward_weight" and self._x_rows:
                roles["x_rows"] = None
            if operation.name != "dropout":
                with _naming(operation):
                    needs.append(kernels.scratch_for(operation.name, roles, operation.options, self.target))
        if self.samples is not None:
            augmented = stubs if augments(self.purpose, self.samples) else None
            for value in self.lowered.inputs.values():
                roles = {"data": stubs, "order": stubs, "x": self._one(value), "augmentation": augmented}
                needs.append(kernels.scratch_for("gather", roles, {}, self.target))
        return max(needs)

    @property
    def _counting(self) -> tuple[Operation, ...]:
        """The operations that count the steps with a target, where that must be done for all micro-batches before the first loss."""
        if self.lowered.counted is None or not self.purpose.accumulate:
            return ()
        return tuple(operation for operation in self.lowered.forward if operation.name == "count_steps")

    def _steps(self, merged: Mapping[str, Operation]) -> list[Row]:
        """Last of all, as nothing may read a weight that has made its step."""
        values = {p.key: p.value for p in self.lowered.parameters}
        return [row for key, o in merged.items() for row in self._expand(replace(o, roles={**o.roles, "weight": values[key]}))]

    def _checked(self, rows: list[Row], where: str) -> list[Row]:
        kernels.check_rows(rows, self._allocations, where)
        return rows


@contextmanager
def _naming(operation: Operation) -> Iterator[None]:
    """Have an error name the node: operations do not know whose they are. A rule for work space asks roles as they come."""
    try:
        yield
    except EngineError as error:
        error.where = error.where or sentence(operation.node)
        raise
    except KeyError as error:
        words = say("operation '{operation}' wants role or option {role}.", operation=operation.name, role=str(error))
        raise EngineError(words, where=operation.node) from error
