"""A dense network put together from operations by hand: what the engine's plan does, without the engine."""

from __future__ import annotations

import itertools

import numpy as np

from playground import kernels
from playground.kernels import Control, Program, Region, Row, Segment, Target

Array = np.ndarray


class Mlp:
    """Layers ``sizes`` with ``activation`` between them, trained on ``data`` (N, F) uint8 or float32 and ``targets`` (N, 1).

    ``loss`` is a name of ``kernels.LOSSES``; weights are drawn as PyTorch draws them. ``train(steps)`` goes round the order.
    """

    def __init__(
        self, sizes: tuple[int, ...], batch: int, activation: str, loss: str, optimizer: str, data: Array, targets: Array, *,
        dtype: kernels.types.Dtype = "float32", isa: str | None = None, lanes: int | None = None, rate: float = 0.01, seed: int = 0,
        scale: float = 1.0,
    ) -> None:  # fmt: skip
        isa = isa or kernels.detect()
        lanes = lanes or kernels.lanes_for(batch, dtype, isa)
        self.target = target = Target(dtype, lanes, isa)
        self._top = 0
        shapes = [shape for i, o in itertools.pairwise(sizes) for shape in ((o, i), (o,))]
        self.storages = [kernels.storage_of(shape) for shape in shapes]
        total = sum(storage.extent for storage in self.storages)
        ranges = [self._take(total) for _ in range(2 + kernels.STATES[optimizer])]
        self.parameters = self._split(ranges[0].start, shapes)
        gradients = self._split(ranges[1].start, shapes)
        scratch = self._take(lanes * max(kernels.padded(size) for size in sizes))

        def value(shape: tuple[int, ...]) -> Region:
            extent = kernels.extent_of(shape, lanes)
            return Region("arena", self._take(extent).start, extent, shape)

        x = value((sizes[0],))
        x_rows = self._take(lanes * kernels.padded(sizes[0])) if lanes > 1 else None
        goal, losses = value((1,)), value(())
        order = np.random.default_rng(seed).permutation(len(data)).astype(np.int32)
        spaces = {"data": data, "targets": targets.astype(np.float32), "order": order}
        places = {name: Region(name, 0, array.size) for name, array in spaces.items()}

        def expand(operation: str, **roles: object) -> list[Row]:
            options = roles.pop("options", {})
            return kernels.expand(operation, {**roles, "scratch": scratch}, options, target)

        rows = expand(
            "gather", data=places["data"], order=places["order"], x=x, x_rows=x_rows, options={"dtype": str(data.dtype), "scale": scale}
        )
        encoding = "index" if loss == "softmax_cross_entropy" else "value"
        rows += expand("gather_target", data=places["targets"], order=places["order"], target=goal, options={"encoding": encoding})
        layers = []
        current, current_d = x, None
        for number, size in enumerate(sizes[1:]):
            z, dz = value((size,)), value((size,))
            weight, bias = self.parameters[2 * number], self.parameters[2 * number + 1]
            rows += expand("affine", x=current, weight=weight, bias=bias, y=z)
            last = number == len(sizes) - 2
            y, dy = (z, dz) if last else (value((size,)), value((size,)))
            if not last:
                rows += expand("map", x=z, y=y, options={"function": activation})
            layers.append((current, current_d, z, dz, y, dy))
            current, current_d = y, dy
        prediction = current
        if loss == "softmax_cross_entropy":
            prediction = value(current.shape)
            rows += expand("softmax", x=current, y=prediction)
        elif loss == "binary_cross_entropy":
            prediction = value(current.shape)
            rows += expand("map", x=current, y=prediction, options={"function": "sigmoid"})
        rows += expand("loss", x=current, y=prediction, target=goal, dx=current_d, loss=losses, options={"kind": loss})
        for number in reversed(range(len(layers))):
            before, before_d, z, dz, y, dy = layers[number]
            if y != z:
                rows += expand("map_backward", x=z, y=y, dy=dy, dx=dz, options={"function": activation})
            rows += expand(
                "affine_backward_weight", x=before, dy=dz, dweight=gradients[2 * number], dbias=gradients[2 * number + 1],
                x_rows=x_rows if number == 0 else None, options={"accumulate": batch > lanes},
            )  # fmt: skip
            if before_d:
                rows += expand("affine_backward_input", weight=self.parameters[2 * number], dy=dz, dx=before_d)
        update = expand("update", gradient=ranges[1], parameter=ranges[0], state=ranges[2:], options={"optimizer": optimizer})
        arena = np.zeros(self._top + 16, target.dtype)
        self.arena = arena[(-arena.ctypes.data // arena.itemsize) % 16 :][: self._top]
        self.control = Control()
        self.control.batch, self.control.end = batch, len(data)
        self.control.rates[:] = rate
        self.gradients, self.rows, self.update_rows = gradients, rows, update
        self.program = Program(target, {"arena": self.arena, **spaces}, self.control, [Segment(rows, True), Segment(update, guarded=True)])
        self._draw(seed)

    def _take(self, extent: int) -> Region:
        start, self._top = self._top, self._top + kernels.padded(extent)
        return Region("arena", start, extent, (extent,))

    def _split(self, start: int, shapes: list[tuple[int, ...]]) -> list[Region]:
        regions = []
        for shape, storage in zip(shapes, self.storages, strict=True):
            regions.append(Region("arena", start, storage.extent, shape))
            start += storage.extent
        return regions

    def _draw(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        fan_in = 1
        for region, storage in zip(self.parameters, self.storages, strict=True):
            fan_in = region.shape[1] if len(region.shape) == 2 else fan_in
            bound = 1 / np.sqrt(fan_in)
            storage.pack(random.uniform(-bound, bound, region.shape), self._flat(region))

    def _flat(self, region: Region) -> Array:
        return self.arena[region.start : region.start + region.extent]

    def weights(self) -> list[Array]:
        return [storage.unpack(self._flat(region)) for region, storage in zip(self.parameters, self.storages, strict=True)]

    def train(self, steps: int) -> float:
        """Run exactly ``steps`` steps, starting over at the order's end; the last step's loss."""
        while steps:
            if self.control.cursor >= self.control.end:
                self.control.cursor = 0
            run = self.program.run(steps)
            steps -= run.steps
            if run.reason == "bad":
                break
        return float(self.control.losses[max(run.steps - 1, 0)])
