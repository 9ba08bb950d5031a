"""Every node of real networks, drawn from real traces at every stage of a pass."""

from __future__ import annotations

import numpy as np
import pytest

from playground.anim.cursor import Cursor
from playground.anim.stages import stages
from playground.document import Document, example
from playground.document.graph import sources, survey
from playground.engine import Network
from playground.engine.trace import Trace
from playground.layers import registry as layers
from playground.ui.painters.base import Picture
from playground.ui.theme import DARK
from tests.ui.painting import count, render

pytestmark = pytest.mark.usefixtures("qapp")
EXAMPLES = ("and", "spiral", "iris", "salary")


def traced(document: Document) -> tuple[Network, Trace]:
    network = Network(document)
    shape = survey(document).shapes[next(node for node, placed in document.nodes.items() if placed.type == "Input")]
    sample = np.linspace(0.2, 1.0, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    return network, network.trace(sample, np.array([1.0], np.float32) if document.data.name == "salary" else np.array(1))


def pictures(document: Document, network: Network, trace: Trace) -> dict[str, Picture]:
    found = survey(document)
    made = {}
    for node, placed in document.nodes.items():
        own = {key.split("/")[1]: value for key, value in network.parameters.items() if key.startswith(f"{node}/")}
        source = next(iter(sources(document, node)), "")
        kind = document.nodes[source].type if source else ""
        shapes = tuple(found.inputs[node]), found.shapes[node]
        made[node] = Picture(node, layers.get(placed.type), found.fields[node], *shapes, trace, own, source=source, source_type=kind)
    return made


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_node_can_be_drawn_at_every_stage(name: str) -> None:
    document = example(name)
    network, trace = traced(document)
    passed = stages(document)
    for shown in pictures(document, network, trace).values():
        for index, stage in enumerate(passed):
            pixels = render(shown, Cursor(index, stage, None, 0.5, passed))
            assert count(pixels, DARK.nan_a) == 0
            assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 2


def test_the_close_up_shows_the_products_of_the_real_trace() -> None:
    document = example("and")
    network = Network(document)
    network.set_parameters({"dense1/weight": np.array([[0.2, 0.3]]), "dense1/bias": np.array([-0.1])})
    one, both = (network.trace(np.array(x, np.float32), np.array(1)) for x in ((1, 0), (1, 1)))
    first, second = (render(pictures(document, network, trace)["dense1"]) for trace in (one, both))
    changed = np.argwhere((first != second).any(axis=2))
    rows = set(((changed[changed[:, 1] < 330][:, 0] - 8) // 80).tolist())
    assert rows == {1}  # left of the sum only the row of x2 differs: its product is 0.3 * 1 and no longer 0.3 * 0
