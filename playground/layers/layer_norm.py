"""LayerNorm: each sample's numbers are brought to mean 0 and variance 1 (Ba, Kiros & Hinton 2016)."""

from __future__ import annotations

from playground.layers import normalization
from playground.layers.spec import Lowering


class LayerNorm(normalization.Normalization):
    """``a = weight * (x - mean) / sqrt(variance + epsilon) + bias``, with mean and variance over the features of (F), over those of each
    step of (T, F), over the channels at each pixel of (C, H, W) (as Keras's over the last axis, channels last). No sample sees another,
    so training and use are one."""

    name = "LayerNorm"
    summary = "Brings the features of each sample to mean 0 and spread 1, then scales and shifts each."
    icon = "layernorm"
    fields = (normalization.EPSILON,)

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        weight, bias = lowering.parameter("weight"), lowering.parameter("bias")
        places = x.shape[1:] if len(x.shape) == 3 else x.shape[:-1]
        mean, variance = (lowering.value(name, places) for name in ("mean", "variance"))
        normalized = lowering.value("normalized", y.shape)
        dy, epsilon = lowering.gradient(y), float(lowering.fields["epsilon"])
        made = {"y": y, "normalized": normalized, "mean": mean, "variance": variance}
        lowering.forward("layer_norm", {"x": x, "weight": weight, "bias": bias, **made}, epsilon=epsilon)
        sums = {"dweight": lowering.gradient(weight), "dbias": lowering.gradient(bias)}
        lowering.backward("layer_norm_backward_weight", {"dy": dy, "normalized": normalized, **sums})
        back = {"dy": dy, "normalized": normalized, "variance": variance, "weight": weight, "dx": lowering.gradient(x)}
        lowering.backward("layer_norm_backward_input", back, epsilon=epsilon)
