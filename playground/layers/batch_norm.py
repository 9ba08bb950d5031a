"""BatchNorm: each feature or map is brought to mean 0 and variance 1 over the batch (Ioffe & Szegedy 2015)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from playground.fields import Field
from playground.layers import normalization
from playground.layers.spec import Fields, Lowering, Parameter, Shape


class BatchNorm(normalization.Normalization):
    """``a = weight * (x - mean) / sqrt(variance + epsilon) + bias``, of (F), (T, F) or (C, H, W).

    Mean and variance are those of a feature (of a map) over the whole batch and all its places, as PyTorch's BatchNorm1d and 2d. Every
    training step moves the running ones towards them; outside training, and where the node is frozen, those are used.
    """

    name = "BatchNorm"
    summary = "Brings each feature or map to mean 0 and spread 1 over the batch, then scales and shifts it."
    icon = "batchnorm"
    fields = (
        normalization.EPSILON,
        Field(
            "momentum",
            "float",
            0.1,
            "The share that a batch's statistics have in the running ones, which are used outside training.",
            minimum=0.0,
            maximum=1.0,
            live=True,
        ),
    )

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        shape = (self.channels(inputs[0]),)
        return (
            *super().parameters(fields, inputs),
            Parameter("running_mean", shape, "zeros", decays=False, trained=False),
            Parameter("running_var", shape, "constant", decays=False, trained=False),
        )

    def needs_batch(self, fields: Fields, inputs: Sequence[Shape]) -> bool:
        return math.prod(inputs[0]) == self.channels(inputs[0])  # one number has no spread: the bias alone is left

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        channels = (self.channels(x.shape),)
        weight, bias = lowering.parameter("weight"), lowering.parameter("bias")
        mean, variance = (lowering.value(name, channels) for name in ("mean", "variance"))
        normalized = lowering.value("normalized", y.shape)
        dx, dy = lowering.gradient(x), lowering.gradient(y)
        dweight, dbias = lowering.gradient(weight), lowering.gradient(bias)
        epsilon = float(lowering.fields["epsilon"])
        given = {"x": x, "weight": weight, "bias": bias}
        kept = {"running_mean": lowering.parameter("running_mean"), "running_variance": lowering.parameter("running_var")}
        sums = {"dweight": dweight, "dbias": dbias}
        batch, sample, used = lowering.only("training"), lowering.only("sample"), lowering.only("inference")

        found = {"mean": mean, "variance": variance}
        batch.forward("batch_norm", {**given, "y": y, "normalized": normalized, **found}, epsilon=epsilon)
        sample.forward("batch_norm_running", {**given, **kept, "y": y, "normalized": normalized}, epsilon=epsilon)
        used.forward("batch_norm_running", {**given, **kept, "y": y, "normalized": None}, epsilon=epsilon)
        places = math.prod(x.shape) // channels[0]
        lowering.after_step("running_statistics", {**found, **kept}, momentum=float(lowering.fields["momentum"]), places=places)

        for emitting in (batch, sample):
            emitting.backward("batch_norm_backward_weight", {"dy": dy, "normalized": normalized, **sums})
        back = {"dy": dy, "weight": weight, "dx": dx}
        batch.backward("batch_norm_backward_input", {**back, "normalized": normalized, "variance": variance, **sums}, epsilon=epsilon)
        for emitting in (sample, used):
            emitting.backward("batch_norm_running_backward_input", {**back, "running_variance": kept["running_variance"]}, epsilon=epsilon)
