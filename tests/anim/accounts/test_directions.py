"""Every operation is accounted for in each direction in which some layer type says it: forward, and on the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from playground.anim.accounts import cell_types
from playground.anim.accounts.registry import AFTER_STEP, BACKWARD, FORWARD, GRADIENT_OF, GRADIENTS
from playground.document import Document, edits
from playground.engine.program.lowering import lower
from playground.kernels import operation_names
from playground.layers import registry
from playground.layers.functions import FUNCTION_NAMES
from playground.layers.losses import LOSSES
from tests.engine.build import chain, dense
from tests.engine.test_attention import looking
from tests.engine.test_gradients import BETWEEN, MERGES, around, merged

THROUGH_TIME = {
    name: "told gate by gate: accounts/through_time.py, back_through_time.py"
    for cell in registry.cells()
    if cell_types.find(cell.name)
    for name in (cell.operation, cell.operation_back)
}
"""Accounts of their own beside the registry: gate by gate."""
NO_FORWARD = {
    **THROUGH_TIME,
    "loss": "is a phase of its own: accounts/loss.py",
    "count_steps": "counts the batch's targets before the first loss; the loss's account says the number",
}
NO_BACKWARD = {
    **THROUGH_TIME,
    "product": "only of a stateful layer: the gradient of a learned start counts in an epoch's first batch alone, a factor of 0 or 1",
}
"""Operations that need none in the registry, and why."""
AROUND_A_PASS = {
    **dict.fromkeys(("gather", "gather_target", "gather_steps", "gather_mask", "scatter"), "data come in, answers go out: nothing is made"),
    **dict.fromkeys(("update", "norm", "largest", "clip"), "the optimizer's: told by accounts/updating.py"),
}
"""Operations that no layer type says: the engine's own around a pass."""
RECURRENT: tuple[tuple[str, dict[str, Any]], ...] = (
    *((cell.name, {}) for cell in registry.cells()),
    ("LSTM", {"peepholes": True}),
    ("GRU", {"form": "pytorch"}),
)
WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"direction": "both", "initial_state": "learned", "return_sequences": True},
    {"direction": "both", "merge": "sum"},
    {"stateful": True, "initial_state": "learned"},
)


def handed_on(type: str, **fields: Any) -> Document:
    """An encoder whose state is what a decoder begins with."""
    document, source = edits.add_node(Document(), "Input", shape=(5, 3))
    document, encoder = edits.add_node(document, type, units=2, **fields)
    document, decoder = edits.add_node(document, type, units=2, return_sequences=True, **fields)
    document, output = edits.add_node(document, "Output", loss="mean_squared_error")
    for a, b in ((source, encoder), (source, decoder), (decoder, output)):
        document = edits.connect(document, a, b)
    return edits.connect(document, encoder, decoder, from_port=1, to_port=1)


def documents() -> Iterator[Document]:
    """Networks that say all there is to say: every layer type, and its fields that make it compute otherwise."""
    for layer in BETWEEN:
        yield merged(layer.name) if layer.name in MERGES else around(layer.name)
    for type, form in RECURRENT:
        for way in WAYS:
            yield chain((5, 3), (type, {"units": 2, **form, **way}), ("Dense", {"units": 2}), loss="mean_squared_error")
        yield handed_on(type, **form)
        yield handed_on(type, direction="both", **form)
    for ports, single in ((1, False), (2, True), (3, False)):
        yield looking(ports, single)
    for function in FUNCTION_NAMES:
        yield chain((4,), dense(3, function), ("Activation", {"function": function}), loss="mean_squared_error")
    for loss in LOSSES:
        yield chain((4,), dense(3), loss=loss)
        yield chain((5, 4), dense(3), loss=loss)
    yield edits.switch_off(chain((4,), dense(3, "relu"), dense(2), loss="mean_squared_error"), "dense1", 1)


@pytest.fixture(scope="module")
def said() -> dict[str, set[str]]:
    """By direction the operations that layer types say."""
    found: dict[str, set[str]] = {"forward": set(), "backward": set(), "after_step": set()}
    for document in documents():
        lowered = lower(document)
        for direction, names in found.items():
            names |= {operation.name for operation in getattr(lowered, direction)}
    return found


def hold(said: Iterable[str], told: Iterable[str], direction: str) -> None:
    """That all of what layers say is told."""
    untold = sorted({*said} - {*told})
    where = "It is a function in anim/accounts, marked for the operation; a new file goes into the import of anim/accounts/__init__.py."
    assert not untold, f"{', '.join(untold)}: a layer type says it {direction}, and no account is registered for it. {where}"


def test_each_operation_of_a_layer_is_told_forward(said: dict[str, set[str]]) -> None:
    hold(said["forward"] - set(NO_FORWARD), FORWARD, "forward")


def test_each_operation_of_a_layer_is_told_on_the_way_back(said: dict[str, set[str]]) -> None:
    hold(said["backward"] - set(NO_BACKWARD), {*BACKWARD, *GRADIENTS, *GRADIENT_OF}, "on the way back")


def test_each_gradient_of_a_parameter_is_told_for_its_update(said: dict[str, set[str]]) -> None:
    """A learner comes to a weight's gradient at the weight as well, not only at the error that makes it."""
    hold((name for name in said["backward"] if name.endswith("_backward_weight")), GRADIENT_OF, "on the way back, for a parameter")


def test_what_ends_a_step_is_told(said: dict[str, set[str]]) -> None:
    hold(said["after_step"], AFTER_STEP, "after a step")


def test_what_is_not_told_is_named_with_where_it_would_be() -> None:
    with pytest.raises(AssertionError, match=r"^twist: a layer type says it forward.*import of anim/accounts/__init__\.py"):
        hold({"sum", "twist"}, FORWARD, "forward")


def test_exceptions_are_said_and_no_operation_is_forgotten(said: dict[str, set[str]]) -> None:
    """These networks say every operation there is: else a gap could hide in one that none of them says."""
    everything = said["forward"] | said["backward"] | said["after_step"]
    assert set(operation_names()) - set(AROUND_A_PASS) == everything
    assert set(NO_FORWARD) | set(NO_BACKWARD) <= everything
    assert not everything & set(AROUND_A_PASS)
    assert set(NO_FORWARD).isdisjoint(FORWARD), "an exception that has an account by now"
    assert set(NO_BACKWARD).isdisjoint({*BACKWARD, *GRADIENTS}), "an exception that has an account by now"
