"""Augmentation between the document and the kernels: its settings as the kernel reads them, and a preview made by the kernel itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.data.spec import Dataset
from playground.document.model import Augmentation, Document
from playground.engine import changes
from playground.engine.program.initial import node_key
from playground.kernels import Control, Program, Region, Segment, Target, augment
from playground.kernels.types import padded

if TYPE_CHECKING:  # a plan asks for the keys here
    from playground.engine.program.plan import Plan

SPACE = "augmentation"
PURPOSE = "augmentation"
"""Of a node's random numbers: those of an Input's pictures."""


def settings_of(document: Document | None = None) -> NDArray[np.float64]:
    """The document's augmentation in the kernel's slots; without a document, none."""
    chosen = document.augmentation if document is not None else Augmentation()
    slots = np.zeros(augment.SETTINGS)
    slots[augment.SHIFT] = chosen.shift
    slots[augment.ROTATE] = math.radians(chosen.rotate)
    slots[augment.SCALE] = chosen.scale
    slots[augment.FLIP_ACROSS] = chosen.flip in ("across", "both")
    slots[augment.FLIP_DOWN] = chosen.flip in ("down", "both")
    slots[augment.ELASTIC] = chosen.elastic
    slots[augment.CELLS] = chosen.elastic_cells
    slots[augment.NOISE] = chosen.noise
    slots[augment.ERASE] = chosen.erase
    slots[augment.ERASE_SIZE] = chosen.erase_size
    slots[augment.EDGE] = chosen.fill == "edge"
    return slots


def changes_pictures(settings: NDArray[np.float64]) -> bool:
    """Whether any of it is on."""
    kinds = (
        augment.SHIFT,
        augment.ROTATE,
        augment.SCALE,
        augment.FLIP_ACROSS,
        augment.FLIP_DOWN,
        augment.ELASTIC,
        augment.NOISE,
        augment.ERASE,
    )
    return bool(np.any(settings[list(kinds)]))


def original(dataset: Dataset, index: int, seen: NDArray[Any], settings: NDArray[np.float64] | None) -> NDArray[np.float32] | None:
    """Training picture ``index`` as the data have it, scaled as the network sees it; ``None`` where ``seen`` (C, H, W), which training
    by ``settings`` made of it, is no other picture."""
    x = dataset.train.x[index]
    if settings is None or x.ndim != 3 or seen.shape != x.shape or not changes_pictures(settings):
        return None
    found = x.astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)
    return None if np.allclose(found, seen, rtol=0, atol=1e-6) else found


def take(plan: Plan, document: Document) -> None:
    """Let ``plan`` go on with all that the document leaves to chance: dropout rates and augmentation."""
    rates, settings = chance(document)
    plan.set_dropout_rates(rates)
    if plan.samples is not None and plan.samples.augmentation is not None:
        plan.samples.augmentation[:] = settings


def chance(document: Document) -> tuple[dict[str, float], NDArray[np.float64]]:
    """All of the document that training draws random numbers for in a pass: the rates of its Dropouts, its augmentation."""
    return changes.dropout_rates(document), settings_of(document)


def key_of(seed: int, node: str) -> int:
    """The key of the pictures that Input ``node`` gets in a run of ``seed``."""
    return node_key(seed, node, PURPOSE)


def preview(document: Document, dataset: Dataset, index: int, count: int, seed: int, node: str, first: int = 0) -> NDArray[np.float32]:
    """Training picture ``index`` as Input ``node`` gets it in ``count`` training steps from step ``first`` on: (count, C, H, W), float32,
    scaled as the network sees it. The training's own kernels make it, from the same random numbers.

    Compiles them if they are not yet: not for the window's thread.
    """
    x = dataset.train.x[index : index + 1]
    shape, size = x.shape[1:], int(np.prod(x.shape[1:], dtype=np.int64))
    target = Target("float32", 1, kernels.detect())
    place = Region("arena", 0, kernels.extent_of(shape, 1), shape)
    work = Region("arena", place.extent, padded(augment.work_of(shape)))
    spaces: dict[str, NDArray[Any]] = {
        "arena": np.zeros(place.extent + work.extent, np.float32),
        "data": dataset.train.x.reshape(-1),
        "order": np.array([index], np.int32),
        SPACE: settings_of(document),
    }
    roles = {name: Region(name, 0, spaces[name].size) for name in ("data", "order", SPACE)}
    options = {"dtype": x.dtype.name, "scale": dataset.scale, "offset": dataset.offset, "key": key_of(seed, node)}
    rows = kernels.expand("gather", roles | {"x": place, "scratch": work}, options, target)
    control = Control()
    control.batch = control.end = 1
    kernels.compile.prepare(kernels.compile.kernel_names(rows), "float32", target.isa)
    program = Program(target, spaces, control, [Segment(rows, per_micro_batch=True)], advance=False)
    pictures = np.empty((count, *shape), np.float32)
    for number in range(count):
        control.step, control.cursor = first + number, 0
        program.run(1)
        pictures[number] = spaces["arena"][:size].reshape(shape)
    return pictures
