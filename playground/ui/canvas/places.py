"""Where things on the canvas are on the screen, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.ui.canvas import geometry

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

UNITS_NAMED = 16


def of(view: CanvasView) -> dict[str, tuple[int, int, int, int]]:
    """Global rectangles (left, top, width, height): ``node/dense1``, ``port/dense1/in0``, ``port/dense1/out0``, ``unit/dense1/3``."""
    found = {}
    for id, card in view.scene_.cards.items():
        boxes = {f"node/{id}": card.scene_card()}
        for index in range(card.facts.ports):
            boxes[f"port/{id}/in{index}"] = geometry.around(card.pos() + card.input_port(index), geometry.PORT)
        units = card.facts.output[0] if card.facts.output is not None and len(card.facts.output) == 1 else 0
        for unit in range(units if units <= UNITS_NAMED else 0):
            if (place := card.unit_rect(unit)) is not None:
                boxes[f"unit/{id}/{unit}"] = place
        if card.facts.has_output:
            boxes[f"port/{id}/out0"] = geometry.around(card.pos() + card.output_port(), geometry.PORT)
        if card.facts.has_state:
            boxes[f"port/{id}/out1"] = geometry.around(card.pos() + card.output_port(1), geometry.PORT)
        for name, box in boxes.items():
            mapped = view.mapFromScene(box).boundingRect()
            corner = view.viewport().mapToGlobal(mapped.topLeft())
            found[name] = (corner.x(), corner.y(), mapped.width(), mapped.height())
    return found
