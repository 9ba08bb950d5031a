"""Attention: each step of one sequence looks at all steps of another and takes their mean, weighted by how well they match
(Bahdanau et al. 2015; the dot product: Luong et al. 2015, Vaswani et al. 2017)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from playground.errors import ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Lowering, Shape, Value, format_shape
from playground.sentences import say

T = TypeVar("T")


class Attention(LayerType):
    """``a_i = sum_j alpha_ij v_j``, ``alpha_ij = softmax_j(q_i k_j / sqrt F)``: query (Tq, F) or a row (F), value (Tk, G), key (Tk, F).

    Ports as Keras has them: query, value, key. Without a key the value is it, without a value the query too. Steps of the key that are
    not real get no weight.
    """

    name = "Attention"
    summary = "Each step of a query takes the mean of another sequence's steps, weighted by how well they match it."
    group = "Sequence"
    icon = "attention"
    trace_kind = "attention"
    inputs = (1, 3)
    mask_of_first = True
    fields = (
        Field(
            "scaled",
            "bool",
            True,
            "Whether the matches are divided by the root of their length: else long rows make one step take all.",
            label="Divide by √F",
        ),
    )

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        query, value, key = given(inputs)
        if len(query) not in (1, 2) or len(value) != 2 or len(key) != 2 or query[-1] != key[1] or value[0] != key[0]:
            told = ", ".join(map(format_shape, inputs))
            raise ShapeError(
                say("gets {told}; query and key must have as many features, key and value as many steps.", told=told),
                remedy="Wire the query first, then the sequence that it looks at; a Dense makes features as many.",
            )
        return (*query[:-1], value[1])

    def multiply_adds(self, fields: Fields, inputs: Sequence[Shape]) -> int:
        query, value, key = given(inputs)
        return math.prod(query[:-1]) * key[0] * (key[1] + value[1])

    def lower(self, lowering: Lowering) -> None:
        y = lowering.output
        query, value, key = given(lowering.inputs)
        mask = given(lowering.masks)[2] if len(lowering.inputs) > 1 else lowering.masks[0]
        if len(query.shape) == 1:
            y = row_of(lowering, "answer row", y)
        ports = len(lowering.inputs)
        query = named(lowering, "query", query, alone=ports > 1)
        value, key = (named(lowering, name, of, alone=ports > 2) for name, of in (("value", value), ("key", key)))
        pairs = (query.shape[0], key.shape[0])
        scores, weights = lowering.value("scores", pairs), lowering.value("weights", pairs)
        scale = 1 / math.sqrt(key.shape[1]) if lowering.fields["scaled"] else 1.0
        lowering.forward("products", {"a": query, "b": key, "mask": mask, "y": scores}, scale=scale)
        lowering.forward("softmax", {"x": scores, "y": weights})
        lowering.forward("mix", {"weights": weights, "x": value, "y": y})

        dy, dscores, dweights = lowering.gradient(y), lowering.gradient(scores), lowering.gradient(weights)
        dquery, dvalue, dkey = lowering.gradient(query), lowering.gradient(value), lowering.gradient(key)
        lowering.backward("products", {"a": dy, "b": value, "mask": None, "y": dweights})
        lowering.backward("softmax_backward", {"y": weights, "dy": dweights, "dx": dscores})
        lowering.backward("mix", {"weights": weights, "x": dy, "y": dvalue}, transposed=True)
        lowering.backward("mix", {"weights": dscores, "x": key, "y": dquery}, scale=scale)
        lowering.backward("mix", {"weights": dscores, "x": query, "y": dkey}, scale=scale, transposed=True)
        if ports < 3:
            shares = [dquery, dvalue, dkey] if ports == 1 else [dvalue, dkey]
            lowering.backward("sum", {"xs": shares, "y": lowering.gradient(lowering.inputs[-1])})

    def formula(self, fields: Fields) -> str:
        match = r"q_i \cdot k_j / \sqrt{F}" if fields["scaled"] else r"q_i \cdot k_j"
        return rf"a_i = \sum_j \alpha_{{ij}}\, v_j \quad \alpha_{{ij}} = \mathrm{{softmax}}_j ({match})"


def given(ports: Sequence[T]) -> tuple[T, T, T]:
    """Query, value and key of what stands at the ports."""
    query = ports[0]
    value = ports[1] if len(ports) > 1 else query
    return query, value, ports[2] if len(ports) > 2 else value


def named(lowering: Lowering, name: str, port: Value, alone: bool) -> Value:
    """What comes in at ``port`` under its name here, a single row (F) as a sequence of one step. It has an error of its own, which is
    the port's where nothing else comes in there (``alone``)."""
    value = lowering.value(name, port.shape if len(port.shape) == 2 else (1, *port.shape))
    lowering.alias(value, port, gradients=alone)
    return value


def row_of(lowering: Lowering, name: str, value: Value) -> Value:
    """A single row (F) as a sequence of one step."""
    row = lowering.value(name, (1, *value.shape), shown=False)
    lowering.alias(row, value)
    return row
