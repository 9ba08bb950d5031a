"""What an operation's registration promises: rows keep to their roles, and a wrong call is told in words."""

from __future__ import annotations

import pytest

from playground import kernels
from playground.errors import EngineError
from playground.kernels import Target
from tests.kernels.harness import Stage

TARGET = Target("float32", 16, "generic")


def test_every_operation_of_a_pass_says_what_it_writes() -> None:
    silent = {name for name in kernels.operation_names() if not kernels.writes_of(name)}
    assert silent == {"norm", "largest", "clip", "count_steps"}, "they write the control block alone"
    adding = {name for name in kernels.operation_names() if kernels.accumulates(name)}
    kinds = ("affine", "conv", "batch_norm", "layer_norm", "recurrent", "spread", "embedding")
    assert adding == {f"{kind}_backward_weight" for kind in kinds}


@pytest.mark.parametrize(("name", "guess"), [("xyz", ""), ("prodct", r"Did you mean 'product'\? ")])
def test_an_unknown_operation_guesses_and_lists_those_there_are(name: str, guess: str) -> None:
    with pytest.raises(EngineError, match=rf"no operation '{name}'\.\s+{guess}Known: affine,"):
        kernels.writes_of(name)


def test_a_parameter_is_no_value() -> None:
    stage = Stage(TARGET)
    x, y, gain = stage.value(shape=(5,)), stage.value(shape=(5,)), stage.value(shape=(5,))
    parameter = kernels.Region("arena", gain.start, kernels.storage_of((5,)).extent, (5,))
    kernels.expand("product", {"xs": [x, gain], "y": y}, {}, TARGET)
    with pytest.raises(EngineError, match=r"reads outside its roles: xs .*A parameter has no lanes"):
        kernels.expand("product", {"xs": [x, parameter], "y": y}, {}, TARGET)
    with pytest.raises(EngineError, match="writes outside its roles"):
        kernels.expand("product", {"xs": [x, gain], "y": parameter}, {}, TARGET)


def test_one_place_is_not_written_twice() -> None:
    stage = Stage(TARGET)
    x, dy, dx = (stage.value(shape=(5,)) for _ in range(3))
    with pytest.raises(EngineError, match=r"one place twice.*'sum'"):
        kernels.expand("product_backward", {"xs": [x, x], "dy": dy, "dxs": [dx, dx]}, {}, TARGET)


def test_a_missing_role_is_named() -> None:
    x = Stage(TARGET).value(shape=(5,))
    with pytest.raises(EngineError, match=r"'map' wants role or option 'y'; it got x, function"):
        kernels.expand("map", {"x": x}, {"function": "relu"}, TARGET)
