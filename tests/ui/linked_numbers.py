"""Walking the numbers of a real pass: which of them light something on the canvas, and which stand for nothing there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from playground.anim.account import Account, Number, Place
from playground.anim.accounts import account
from playground.anim.cursor import Cursor, Stage
from playground.anim.time_cells import TimeCells
from playground.engine import Trainer
from playground.engine.live.snapshot import Snapshot
from playground.ui.canvas.card import CardItem
from playground.ui.canvas.unrolled import linking
from playground.ui.canvas.unrolled.strip import Unrolled
from playground.ui.canvas.view import CanvasView
from playground.ui.explain.places import edge_place, keys, linked, numbers, stands_at
from playground.ui.painters import placing
from playground.ui.panels.explain import Explain

STEPS = 3


@dataclass
class Tally:
    """``walked`` numbers, of how many cells; those with a place that light nothing (or light it elsewhere), and by symbol those that
    have none."""

    cells: int = 0
    walked: int = 0
    dark: list[str] = field(default_factory=list)
    constant: Counter[str] = field(default_factory=Counter)


def open_pass(view: CanvasView, explain_beside: Callable[[CanvasView, Snapshot], Explain]) -> Explain:
    """The canvas shows a step of its document that was really trained, with the panel beside it."""
    trainer = Trainer(view.workbench.document)
    trainer.run(steps=STEPS)
    trace = trainer.record(position=0)
    before = {name: traced.before for name, traced in trace.parameters.items()}
    return explain_beside(view, Snapshot(serial=1, phase="paused", step=STEPS + 1, trace=trace, parameters=before))


def chosen(stage: Stage, most: int, rng: np.random.Generator) -> list[int]:
    """All cells of a stage up to so many; of more the first and the last of each part, and seeded ones."""
    size = len(stage.cells)
    if size <= most:
        return list(range(size))
    ends = {0, size - 1}
    for name, shape in stage.cells.parts:
        last = tuple(length - 1 for length in shape)
        ends |= {at for at in (stage.cells.find(name, ()), stage.cells.find(name, last)) if at is not None}
    return sorted(ends | set(rng.integers(0, size, most).tolist()))


def told(panel: Explain, at: int, stage: Stage, cell: int) -> Account | None:
    """What the panel tells of a cell of the pass on show."""
    subjects, trace = panel.subjects, panel._workbench.snapshot.trace
    assert subjects.lowered is not None
    assert trace is not None
    return account(subjects.lowered, trace, Cursor(at, stage, cell, 1.0, subjects.stages))


def every(made: Account, most_made: int, rng: np.random.Generator) -> Iterator[Number]:
    """All numbers of an account, and of what its number is used for at once the first, the last and some more."""
    yield from numbers(made)
    count = len(made.made)
    some = range(count) if count <= most_made else sorted({0, count - 1, *rng.integers(0, count, most_made).tolist()})
    for equation in (made.made[i] for i in some):
        for term in equation.terms:
            yield from term.factors
        yield from equation.sides
        yield equation.result


def walk(view: CanvasView, panel: Explain, most: int, most_made: int = 8, seed: int = 0) -> Tally:
    """Point to every number of ``most`` cells a stage."""
    tally, rng = Tally(), np.random.default_rng(seed)
    for at, stage in enumerate(panel.subjects.stages):
        if not len(stage.cells):
            continue
        view.player.hold(stage.label)
        known: dict[Place, str] = {}
        for cell in chosen(stage, most, rng):
            made = told(panel, at, stage, cell)
            assert made is not None, (stage.label, stage.cells[cell])
            tally.cells += 1
            for number in every(made, most_made, rng):
                tally.walked += 1
                place = number.linked
                if place is None:
                    tally.constant[number.symbol] += 1
                    continue
                if place not in known:
                    known[place] = fault(view, place)
                if known[place]:
                    tally.dark.append(f"{stage.label}:{stage.cells[cell]} {place}: {known[place]}")
    return tally


def fault(view: CanvasView, place: Place) -> str:
    """What is wrong with the light of a place; ``""`` where something is lit, and that on the card of its node."""
    view.lights.show_places((place,), frozenset())
    rings, lines = view.lights.rings, view.lights.lines
    card = view.scene_.cards[place.node].scene_card()
    if not rings and not lines:
        return "nothing is lit"
    if any(ring.isEmpty() or not card.adjusted(-1, -1, 1, 1).contains(ring) for ring in rings):
        return f"the ring {rings} is not on the card {card}"
    if any(line.p1() == line.p2() for line, _ in lines):
        return "the edge has no length"
    return ""


# -- the other way round
@dataclass
class Hovered:
    """``walked`` terms that are drawn by themselves; those that ring nothing in the panel when they are pointed to on the canvas."""

    walked: int = 0
    deaf: list[str] = field(default_factory=list)


def hover(view: CanvasView, panel: Explain, most: int, terms: int = 12, seed: int = 0) -> Hovered:
    """Hold ``most`` cells a stage and point to ``terms`` of what each is made of, where that is drawn by itself."""
    tally, rng = Hovered(), np.random.default_rng(seed)
    for stage in panel.subjects.stages:
        for cell in chosen(stage, most, rng):
            view.player.hold(f"{stage.label}:{stage.cells[cell]}")
            made = panel.account
            assert made is not None
            places = told_places(panel, made)
            count = len(places)
            some = range(count) if count <= terms else sorted({0, count - 1, *rng.integers(0, count, terms).tolist()})
            for place in (places[at] for at in some):
                for point in drawn(view, place):
                    tally.walked += 1
                    if not answers(view, panel, place, point):
                        tally.deaf.append(f"{stage.label}:{stage.cells[cell]} {place}")
            view._hover.leave()
    return tally


def hover_strip(view: CanvasView, panel: Explain, most: int, terms: int = 12, seed: int = 0) -> Hovered:
    """The same on the unrolled strips of the nodes that go through time."""
    tally, rng, strip = Hovered(), np.random.default_rng(seed), view.overlays.unrolled
    for stage in (stage for stage in panel.subjects.stages if isinstance(stage.cells, TimeCells)):
        view.player.hold(stage.label)
        assert strip.open(stage.node)
        for cell in chosen(stage, most, rng):
            view.player.hold(f"{stage.label}:{stage.cells[cell]}")
            made = panel.account
            assert made is not None
            places = [place for place in told_places(panel, made) if place.node == stage.node and on_strip(strip, place) is not None]
            for at in range(len(places)) if len(places) <= terms else rng.integers(0, len(places), terms):
                box = on_strip(strip, places[at])
                assert box is not None
                tally.walked += 1
                move(strip, QPointF(-1, -1))
                move(strip, box.center())
                lit = [one for one in view.workbench.lit if on_strip(strip, one) == box]
                if not lit or not rung(panel):
                    tally.deaf.append(f"{stage.label}:{stage.cells[cell]} {places[at]}")
            move(strip, QPointF(-1, -1))
        strip.fold()
    return tally


def on_strip(strip: Unrolled, place: Place) -> QRectF | None:
    """Where the strip draws a gate or state, if that is in sight and can be pointed to."""
    assert strip.strip is not None
    if place.name.startswith("weight") or len(place.index) != 2:
        return None
    box = linking.box_of(strip.strip, strip.layout_, strip.focus_row, place, "")
    return box if box is not None and strip.layout_.sight.contains(box.center()) else None


def move(widget: QWidget, at: QPointF) -> None:
    """Move the pointer there, as the user would."""
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def told_places(panel: Explain, made: Account) -> list[Place]:
    """The places of a cell's terms and of all numbers on the sheet; where its equations are told in another form (the perceptron's rule)
    these alone."""
    shown = panel.sheet
    return list(dict.fromkeys((() if shown.lens else linked(made, most=0)) + shown.places))


def drawn(view: CanvasView, place: Place) -> list[QPointF]:
    """Where to point to mean ``place``: the middle of its ring where that is not the whole card's, and where its edge runs alone."""
    view._hover.leave()  # of a crowd of edges only those of the unit under the pointer are drawn
    view.lights.show_places((place,), frozenset())
    card = view.scene_.cards[place.node]
    found = [ring.center() for ring in view.lights.rings if ring != card.scene_card() and not whole_map(card, ring)]
    mine = edge_place(place.node, *place.index) if view.lights.lines else None
    for line, _ in view.lights.lines:
        on = [line.pointAt(share) for share in np.linspace(0.03, 0.97, 48)]
        free = [at for at in on if view.scene_.card_at(at) is None and view.scene_.port_at(at) is None]
        found += [at for at in free if view.scene_.edge_at(at) == mine][:1]
    view.lights.show_places((), frozenset())
    return found


def whole_map(card: CardItem, ring: QRectF) -> bool:
    """Whether ``ring`` is around a map that stands for the filter that makes it: who points to a pixel of it means the pixel."""
    number = card.unit_at(ring.center() - card.pos()) if not card.face else None
    pixel = card.unit_rect(number) if number is not None else None
    return pixel is not None and ring.width() > max(2 * pixel.width(), placing.LEAST + 1)


def answers(view: CanvasView, panel: Explain, place: Place, point: QPointF) -> bool:
    """Whether the panel rings the number of ``place``, or another of its account that is drawn at the same spot, once the pointer is at
    ``point``."""
    view._hover.leave()
    view._hover.move(point)
    lit = keys(view.workbench.lit)
    if (place.node, stands_at(place.name), place.index) not in lit and not any(ring.contains(point) for ring in view.lights.rings):
        return False
    return rung(panel)


def rung(panel: Explain) -> bool:
    """Whether a number of the panel is ringed."""
    return any(
        block.numbers.ringed()
        or (block.block.table is not None and block.terms is not None and block.terms.ringed())
        or (block.block.grids is not None and block.grids is not None and block.grids.ringed())
        for block in panel.view.shown()
    )
