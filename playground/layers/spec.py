"""What a layer type is: its fields, its shape rule, its parameters, how it lowers to operations, what its trace shows.

Nothing here knows how numbers are computed: a layer emits *logical operations*, named by string (ARCHITECTURE section
"Operations"), on named values. It never hears of lanes, blocks or instruction sets.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from playground.fields import Field

if TYPE_CHECKING:
    from playground.layers.geometry import Window

Shape = tuple[int, ...]
Fields = Mapping[str, Any]
Mode = Literal["training", "sample", "inference"]
"""How a pass is run: a batch as a training step runs it; one sample by itself, with training's noise (a trace); as it is used."""
MODES: tuple[Mode, ...] = ("training", "sample", "inference")
Begin = Literal["zeros", "ones", "samples", "nothing"]
"""What a kept value begins with: zeros, or ones. Two that nothing writes: ones in the lanes of samples alone, and zeros that stay."""


def format_shape(shape: Shape) -> str:
    """A shape as users see it, without the batch: ``"6×28×28"``."""
    return "×".join(map(str, shape)) if shape else "1"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One trained array of a node. ``initializer`` is a name of ``layers.initializers``, or ``constant``: all entries begin as
    ``initializer_scale`` (1 where nothing is said); ``fan_in``/``fan_out`` feed the others.

    ``decays`` says whether L1 and L2 act on it: weights yes, biases no. One that is not ``trained`` has no gradient: no optimizer
    touches it; an operation of its node does (:meth:`Lowering.after_step`: running statistics). ``blocks``: equal parts along the
    first axis, each drawn by itself (the gates of a recurrent layer); ``constants``: a number for each, for initializer ``constant``.
    """

    name: str
    shape: Shape
    initializer: str = "zeros"
    fan_in: int = 1
    fan_out: int = 1
    decays: bool = True
    initializer_scale: float = 1.0
    trained: bool = True
    blocks: int = 1
    constants: tuple[float, ...] = ()


def learned(parameters: Iterable[Parameter]) -> int:
    """How many numbers of ``parameters`` are learned: running statistics are not."""
    return sum(math.prod(parameter.shape) for parameter in parameters if parameter.trained)


@dataclass(frozen=True, slots=True)
class Value:
    """A symbolic handle on an array of a node: ``shape`` is that of one sample (the batch is the engine's business)."""

    node: str
    name: str
    shape: Shape

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Emitting(Protocol):
    """Where a layer says operations; ARCHITECTURE has their roles and options."""

    def forward(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        """Append a logical operation to the forward pass."""
        ...

    def backward(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        """Append one to the backward pass: within a node in the order given, nodes last to first.

        The plan drops an operation none of whose written values anybody needs (the gradient by the input data).
        """
        ...


class Lowering(Emitting, Protocol):
    """What a layer is handed to say its computation with; the engine's plan implements it.

    ``masks`` tell, for each input that is a sequence, which steps of it are real: a value (T) of 1 and 0, or ``None``. A plan whose
    samples all have full length leaves it out: operations are then expanded with ``None`` in that role. ``wired`` are the output ports that
    are wired, ``asked`` those that an error comes back to: 0 is :attr:`output`, 1 the :attr:`state` of a layer type that has one.

    ``off`` are the units of the output that are switched off: no error comes to their part of its gradient, and what goes on to other
    nodes by port 0 is 0 there, whatever the layer says. A layer whose units read each other, or that has a state, sees to these.
    """

    fields: Fields
    inputs: Sequence[Value]
    masks: Sequence[Value | None]
    output: Value
    state: Value
    wired: frozenset[int]
    asked: frozenset[int]
    off: tuple[int, ...]
    target: Value  # Output alone reads it
    counted: Value | None  # and this, of a sequence: 1 at steps whose target counts

    def gradient(self, value: Value) -> Value:
        """Where the gradient of the loss by ``value`` lies. For an input it is this wire's own share."""
        ...

    def parameter(self, name: str) -> Value: ...

    def value(self, name: str, shape: Shape, shown: bool = True) -> Value:
        """A named value of this node, kept for backward and ``shown`` in the trace: ``pre_activation``, ``mask`` ..."""
        ...

    def parts(self, name: str, shape: Shape, names: Sequence[str]) -> Value:
        """A value that is shown in parts: equal shares of its last axis, under ``names``. It has no gradient of its own."""
        ...

    def alias(self, target: Value, source: Value, gradients: bool = True) -> None:
        """``target`` is ``source`` with another shape, and so are their ``gradients``: nothing is copied."""
        ...

    def only(self, *modes: Mode) -> Emitting:
        """Where to say what is done in these modes alone. What the lowering itself is told is done in all."""
        ...

    def after_step(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        """Append an operation that ends a training step, beside the optimizer's: not done where that step is refused."""
        ...

    def kept(self, name: str, shape: Shape, begin: Begin = "zeros", state: str = "") -> Value:
        """A value that stays as it is from batch to batch, and begins anew with each epoch. ``state``: which state of the node it is; what
        is none is not shown."""
        ...

    def carry(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        """Append an operation that ends a batch where the next one continues it: it writes what is :meth:`kept`. Not done where a training
        step is refused."""
        ...


class LayerType:
    """Base of all layer types. Subclasses are stateless: one instance stands in the registry.

    Class attributes: ``name`` (the type's name in files), ``summary`` (one line for the palette), ``group`` (the
    palette's heading), ``icon`` (file in ``resources/icons``), ``fields``, ``inputs`` (fewest and most wires; ``None``
    for any number), ``trace_kind`` (which painter draws it), ``function_field`` (the field that names the function of
    ``layers.functions`` it applies last; ``""`` for a type without one). ``has_state``: output port 1 gives its state after the last
    step, input port 1 may be wired to what it starts from. ``mask_of_first``: only what is masked at input port 0 is in the output.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    group: ClassVar[str] = "Layers"
    icon: ClassVar[str] = "layer"
    fields: ClassVar[tuple[Field, ...]] = ()
    inputs: ClassVar[tuple[int, int | None]] = (1, 1)
    has_output: ClassVar[bool] = True
    trace_kind: ClassVar[str] = "strip"
    function_field: ClassVar[str] = ""
    has_state: ClassVar[bool] = False
    mask_of_first: ClassVar[bool] = False

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        """The shape of one sample's output. Raises :class:`~playground.errors.ShapeError` with a fix where one exists."""
        raise NotImplementedError

    def state_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        """The shape of output port 1, of a type that :attr:`has_state`."""
        raise NotImplementedError

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        """The arrays this node learns, in the public layouts of CONTRACTS."""
        return ()

    def multiply_adds(self, fields: Fields, inputs: Sequence[Shape]) -> int:
        """Multiply-add pairs of one sample's forward pass."""
        return 0

    def windows(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        """How the cells of the output lie over the input, one window for each axis of rows, columns or steps (``layers.geometry``).

        ``None``: each comes from the cell at its own place, where the axes agree, else from anywhere."""
        return None

    def needs_batch(self, fields: Fields, inputs: Sequence[Shape]) -> bool:
        """Whether training on one sample at a time would leave nothing of what comes in."""
        return False

    def lower(self, lowering: Lowering) -> None:
        """Say forward and backward as logical operations."""
        raise NotImplementedError

    def non_differentiable(self, fields: Fields) -> str:
        """Why a gradient check would be meaningless, or ``""``."""
        return ""

    def facts(self, fields: Fields) -> str:
        """The short fact at the right of a card's header, such as ``"tanh"``."""
        return ""

    def formula(self, fields: Fields) -> str:
        """The forward formula in LaTeX, as the Explain panel typesets it."""
        return ""
