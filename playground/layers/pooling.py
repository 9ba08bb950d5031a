"""What the pools share: a window stands over each place of the output and makes one number of what it covers, map by map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers import geometry
from playground.layers.convolution import MOST_CELLS, place, written
from playground.layers.geometry import Window
from playground.layers.kinks import kinked
from playground.layers.spec import Fields, LayerType, Lowering, Shape, Value, format_shape
from playground.sentences import say


def fields(kind: str, axes: int) -> tuple[Field, ...]:
    """The fields of a pool whose sizes are of ``kind`` (``"pair"`` for pictures, ``"int"`` for sequences)."""
    both = " One number for both axes, or rows and columns: 2, 3." if axes == 2 else ""
    return (
        Field("pool_size", kind, 2, f"How many cells a window covers.{both}", minimum=1, maximum=MOST_CELLS),
        Field(
            "strides",
            kind,
            None,
            f"How far the window moves from one place to the next. Left open, by its own size: windows side by side.{both}",
            "Stride",
            minimum=1,
            maximum=MOST_CELLS,
            optional=True,
            empty="pool size",
        ),
        Field(
            "padding",
            "padding",
            "valid",
            "Room for windows beyond the edges, where nothing is counted. valid: none, and what does not fill a window is left out; "
            "same: enough for every cell (an odd one goes behind); or a number of cells for each end.",
            minimum=0,
            maximum=MOST_CELLS,
            axes=axes,
        ),
    )


class Pool(LayerType):
    """A pool with windows that the user sizes. ``operation`` is ``"max_pool"`` or ``"mean_pool"``."""

    group = "Pooling"
    trace_kind = "maps"
    operation: ClassVar[str]

    def sizes(self, shape: Shape) -> Shape:
        """The lengths of the axes that the windows move along. Raises :class:`ShapeError` with a fix for an input of other axes."""
        return geometry.picture(shape, self.name)[1:]

    def windows(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        return geometry.windows(self.sizes(inputs[0]), fields["pool_size"], strides(fields), fields["padding"])

    def places(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        """The lengths of the output along those axes. Raises :class:`ShapeError` where the windows do not fit."""
        windows = self.windows(fields, inputs)
        if any(max(window.before, window.after) >= window.kernel for window in windows):
            raise ShapeError(
                say(
                    "pads by {padding}: a window of {fields} could lie on nothing but padding.",
                    padding=written(fields["padding"]),
                    fields=self.taps(fields),
                ),
                remedy="Pad by less than the pool's size, or set the padding to same.",
                fix=Fix("set_field", "Set the padding to same", fields=(("padding", "same"),)),
            )
        return geometry.fitting(windows, say("window"), Fix("set_field", "Set the padding to same", fields=(("padding", "same"),)))

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        places = self.places(fields, inputs)
        return (inputs[0][0], *places)

    def lower(self, lowering: Lowering) -> None:
        windows = self.windows(lowering.fields, [lowering.inputs[0].shape])
        pool(
            lowering,
            self.operation,
            size=tuple(window.kernel for window in windows),
            stride=tuple(window.stride for window in windows),
            padding=geometry.padding_option(windows),
        )

    def taps(self, fields: Fields) -> str:
        """The window's size in words."""
        return format_shape(geometry.pair(fields["pool_size"]))

    def facts(self, fields: Fields) -> str:
        """``"2×2"``, and what is not plain: ``"3×3 /2 same"``."""
        said = [self.taps(fields)]
        if strides(fields) != fields["pool_size"]:
            said.append(f"/{written(strides(fields))}")
        if fields["padding"] not in ("valid", 0):
            said.append(fields["padding"] if isinstance(fields["padding"], str) else f"+{written(fields['padding'])}")
        return " ".join(said)

    def covered(self, fields: Fields) -> str:
        """A cell that the window covers, in LaTeX."""
        down, right = geometry.pair(strides(fields))
        padding = fields["padding"]
        above, left = (padding, padding) if isinstance(padding, str) else geometry.pair(padding)
        row, column = place("r", "u", down, 1, above), place("c", "v", right, 1, left)
        return rf"x_{{k,\,{row},\,{column}}}"


class GlobalPool(LayerType):
    """A pool whose window is the whole map: a picture (C, H, W) to one number a map, (C)."""

    group = "Pooling"
    operation: ClassVar[str]

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return geometry.picture(inputs[0], self.name)[:1]

    def lower(self, lowering: Lowering) -> None:
        plane = lowering.inputs[0].shape[1:]
        pool(lowering, self.operation, size=plane, stride=plane, padding=(0, 0, 0, 0))


def pool(lowering: Lowering, operation: str, **options: Any) -> None:
    """Emit the pool and its way back. Of ``max_pool`` the winners are a value of the node."""
    (x,), y = lowering.inputs, lowering.output
    kept: dict[str, Value] = {"winners": lowering.value("winners", y.shape)} if operation == "max_pool" else {}
    lowering.forward(operation, {"x": x, "y": y, **kept}, **options)
    lowering.backward(f"{operation}_backward", {**kept, "dy": lowering.gradient(y), "dx": lowering.gradient(x)}, **options)


def strides(fields: Fields) -> Any:
    """How far the windows move: by their size where the field is left open."""
    return fields["pool_size"] if fields["strides"] is None else fields["strides"]


@kinked("max_pool", "winners")
def _winners(values: Any, options: Any) -> Any:
    """The largest is another one beyond a tie."""
    return values["winners"]
