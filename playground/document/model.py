"""The document: frozen plain data. All changes go through :mod:`playground.document.edits`."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeAlias

import msgspec

FORMAT = 1
NODE_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What can name a node: keys of parameters are ``"id/parameter"``, paths of settings ``nodes.id.field``."""
MOST_PORTS = 256
FARTHEST = 1e7
"""How far from the origin a node may stand, either way: beyond it no view can show it and pictures of the whole have no size."""
Port: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=MOST_PORTS)]
"""A place where a wire ends. The bound holds for files too: every port of a card is drawn, up to the highest that has a wire."""


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One placed layer. ``type`` may be one this version does not know: the node is kept and saved unchanged. ``off`` are the units
    that are switched off: they answer 0, whatever comes in, and learn nothing. ``initial`` are start values given by hand, by parameter, as
    nested lists in the public layout: those are not drawn."""

    type: str
    fields: dict[str, Any] = {}
    position: tuple[float, float] = (0.0, 0.0)
    title: str = ""
    frozen: bool = False
    off: tuple[int, ...] = ()
    initial: dict[str, Any] = {}


class Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From an output port to an input port, by node id. Ports count from 0."""

    source: str
    target: str
    from_port: Port = 0
    to_port: Port = 0


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it learns. Fields, bounds and help: ``document.settings.TRAINING_FIELDS``."""

    optimizer: str = "sgd"
    learning_rate: float = 0.03
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    alpha: float = 0.99
    epsilon: float = 1e-8
    weight_decay: float = 0.01
    batch_size: int = 10
    shuffle: bool = True
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float | None = None
    clip_value: float | None = None
    schedule: str = "constant"
    schedule_step: int = 10
    schedule_factor: float = 0.5
    schedule_epochs: int = 100
    early_stopping: bool = False
    patience: int = 10
    epochs: int | None = None
    seed: int = 0
    precision: str = "float32"


class Augmentation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What training does to each picture by chance before the network sees it. Fields, bounds and help:
    ``document.settings.AUGMENTATION_FIELDS``. Sets that are not of pictures are left alone, and so is all evaluation."""

    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    flip: str = "none"
    elastic: float = 0.0
    elastic_cells: int = 4
    noise: float = 0.0
    erase: float = 0.0
    erase_size: float = 0.4
    fill: str = "black"

    @property
    def active(self) -> bool:
        """Whether it changes anything."""
        return any((self.shift, self.rotate, self.scale, self.flip != "none", self.elastic, self.noise, self.erase))


class Drawing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture of the user's own as a training sample of class ``label``; ``pixels`` as ``data.drawings.packed`` writes them."""

    label: int
    pixels: str


class DataSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which data set, and the values of its declared options (``data.registry``). An empty name means none chosen. ``drawings`` are
    further training samples."""

    name: str = ""
    options: dict[str, Any] = {}
    drawings: tuple[Drawing, ...] = ()


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the window remembers of the document; no bearing on numbers."""

    pace: str = "fast"
    split: str = "train"
    sample: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0
    center: tuple[float, float] | None = None
    zoom: float | None = None


class Promise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an example reaches: ``metric`` (a key of ``train --json``) at least (or, for a loss, at most) ``threshold``."""

    metric: str
    threshold: float
    epochs: int
    seed: int = 0
    at_most: bool = False


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network, its data and its training. Nodes are keyed by id (``dense1``) in the order they were added."""

    format: int = FORMAT
    title: str = ""
    summary: str = ""
    nodes: dict[str, Node] = {}
    wires: tuple[Wire, ...] = ()
    training: Training = Training()
    data: DataSettings = DataSettings()
    augmentation: Augmentation = Augmentation()
    view: View = View()
    promise: Promise | None = None
