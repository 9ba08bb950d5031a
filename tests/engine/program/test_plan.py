"""Plans: rows that leave their buffers are refused, dead gradient work is dropped, aliases copy nothing, forks add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from playground import kernels
from playground.document import Document, edits
from playground.engine.program.arena import ParameterLayout
from playground.engine.program.lowering import Lowered, gradient_of, lower, needed
from playground.engine.program.plan import Plan, Purpose
from playground.errors import EngineError
from playground.kernels import Target
from tests.engine.build import chain, dense

NET = chain((2, 3), ("Flatten", {}), dense(5, "tanh"), dense(2))


def planned(document: Document = NET, wanted: Any = "parameters", lanes: int = 16) -> Plan:
    return Plan(lower(document), Target("float64", lanes, kernels.detect()), Purpose(wanted))


def names(lowered: Lowered, wanted: Any) -> list[tuple[str, str]]:
    return [(operation.node, operation.name) for operation in needed(lowered, wanted)]


def test_a_row_that_leaves_its_region_is_refused_and_its_node_named(monkeypatch: pytest.MonkeyPatch) -> None:
    right = kernels.expand

    def wrong(name: str, roles: Any, options: Any, target: Target) -> list[kernels.Row]:
        rows = right(name, roles, options, target)
        if name == "map":
            (access,) = rows[0].writes
            rows[0] = replace(rows[0], writes=(access._replace(extent=access.extent + 1),))
        return rows

    monkeypatch.setattr(kernels, "expand", wrong)
    with pytest.raises(EngineError, match=r"dense1.*map_forward.*no allocation") as caught:
        planned()
    assert caught.value.where == "dense1"


@pytest.mark.parametrize(
    ("operation", "options", "words"),
    [
        ("map", {"functon": "tanh"}, r"operation 'map' wants role or option 'function'"),
        ("max_pool_backward", {}, r"operation 'max_pool_backward' wants role or option"),
        ("conv", {}, r"operation 'conv' wants role or option 'weight'"),
        ("map", {"function": "tangent"}, r"there is no function 'tangent'"),
        ("product", {}, r"operation 'product' wants role or option 'xs'"),
    ],
)
def test_an_operation_that_cannot_be_expanded_is_refused_and_its_node_named(operation: str, options: Any, words: str) -> None:
    lowered = lower(NET)
    forward = tuple(replace(o, name=operation, options=options) if o.name == "map" else o for o in lowered.forward)
    with pytest.raises(EngineError, match=f"^dense1: {words}") as caught:
        Plan(replace(lowered, forward=forward), Target("float64", 16, kernels.detect()), Purpose())
    assert caught.value.where == "dense1"


def test_work_space_that_cannot_be_told_is_refused_and_its_node_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str, roles: Any, options: Any, target: Target) -> int:
        raise EngineError(f"operation '{name}' got shapes (1,).")

    monkeypatch.setattr(kernels, "scratch_for", refused)
    with pytest.raises(EngineError, match=r"^dense1: operation 'affine' got shapes"):
        planned()


def test_a_row_that_reads_past_the_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = kernels.expand

    def wrong(name: str, roles: Any, options: Any, target: Target) -> list[kernels.Row]:
        rows = right(name, roles, options, target)
        if name == "dropout":
            rows[0] = replace(rows[0], reads=(kernels.Access("order", 0, 10**6),))
        return rows

    monkeypatch.setattr(kernels, "expand", wrong)
    with pytest.raises(EngineError, match="'order'") as caught:
        Plan(lower(chain((4,), ("Dropout", {}))), Target("float64", 8, kernels.detect()), Purpose(mode="training"))
    assert caught.value.where == "dropout1"


def test_the_gradient_by_the_data_is_not_computed() -> None:
    lowered = lower(NET)
    assert ("dense2", "affine_backward_input") in names(lowered, "parameters")
    assert ("dense1", "affine_backward_input") not in names(lowered, "parameters")
    assert ("dense1", "affine_backward_input") in names(lowered, "everything")
    assert names(lowered, "nothing") == []


def test_a_frozen_node_has_no_gradient_work_and_those_before_it_keep_theirs() -> None:
    lowered = lower(edits.freeze(NET, "dense2", True))
    assert names(lowered, "update") == [
        ("dense2", "affine_backward_input"),
        ("dense1", "map_backward"),
        ("dense1", "affine_backward_weight"),
    ]
    lowered = lower(edits.freeze(NET, "dense1", True))
    assert names(lowered, "update") == [("dense2", "affine_backward_weight")]


def test_flatten_shares_memory() -> None:
    plan = planned(wanted="everything")
    lowered = plan.lowered
    flat, picture = lowered.named["flatten1"]["output"], lowered.named["input1"]["output"]
    assert np.shares_memory(plan.value(flat), plan.value(picture))
    assert plan.value(picture).shape == (2, 3, 16)
    assert plan.value(flat).shape == (6, 16)
    assert np.shares_memory(plan.value(gradient_of(flat)), plan.value(gradient_of(picture)))


def test_a_fork_has_a_share_for_each_wire_and_one_wire_none() -> None:
    document = chain((3,), dense(3), ("Activation", {"function": "tanh"}), ("Add", {}))
    document = edits.connect(document, "dense1", "add1")
    operations = names(lower(document), "parameters")
    assert operations.count(("dense1", "sum")) == 1
    assert ("activation1", "sum") not in operations


def test_parameters_lie_in_matching_ranges_decaying_ones_first() -> None:
    layout = ParameterLayout(lower(edits.freeze(NET, "dense1", True)).parameters)
    assert list(layout.placed) == ["dense2/weight", "dense2/bias", "dense1/weight", "dense1/bias"]
    assert [(span.start, span.decays) for span in layout.spans()] == [(0, True), (layout.placed["dense2/bias"].start, False)]
    assert layout.spans()[-1].start + layout.spans()[-1].extent == layout.placed["dense1/weight"].start


def test_a_document_with_a_problem_is_refused_with_its_words() -> None:
    broken = edits.add_node(NET, "Dense")[0]
    with pytest.raises(EngineError, match="dense3 has no input"):
        lower(broken)


def test_a_node_that_leads_nowhere_is_computed_but_gets_no_gradient() -> None:
    document, loose = edits.add_node(NET, "Dense", units=2)
    document = edits.connect(document, "flatten1", loose)
    assert all(node != loose for node, _ in names(lower(document), "parameters"))
    plan = planned(document)
    plan.control.batch = plan.control.end = 1
    plan.program.run(1)
    assert not plan.layout.unpack(plan.gradients)[f"{loose}/weight"].any()
