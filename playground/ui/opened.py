"""What is known of a document that was opened, and how it becomes a project's file and comes back from one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from playground.document import Document, Project, View, load_project
from playground.document.files import Progress
from playground.engine.state import State
from playground.engine.timeline.keeping import misfits
from playground.ui import file_stamp


@dataclass(frozen=True, slots=True)
class FromFile:
    """A project as a file has it, and the nodes of which it holds what does not fit them."""

    path: Path
    stamp: file_stamp.Stamp | None
    project: Project
    misfits: tuple[str, ...]

    @property
    def place(self) -> tuple[Path | None, file_stamp.Stamp | None]:
        """Where it is saved to; nowhere yet if that would replace what could not be taken."""
        return (None, None) if self.misfits else (self.path, self.stamp)


def read(path: Path, progress: Progress) -> FromFile:
    """For a thread of its own. Raises as :func:`~playground.document.load_project` does."""
    stamp, project = file_stamp.stamp(path), load_project(path, progress)
    state = state_of(project)
    return FromFile(path, stamp, project, misfits(project.document, state) if state is not None else ())


@dataclass(slots=True, eq=False)
class Opened:
    """One document's file, and how much of it is saved. A save writes down what it did in that of its own document: by the time it is
    done another one may be open."""

    saved: bytes
    path: Path | None = None
    stamp: file_stamp.Stamp | None = None
    step: tuple[int, int] = (0, 0)

    def written(self, project: Project, path: Path, place: tuple[int, int]) -> None:
        """All of ``project`` is in the file ``path``; ``place`` is where the window saw its run stand."""
        self.path, self.saved = path, content(project.document)
        self.step = (place[0], int(project.counters.get("step", place[1]))) if any(place) else (0, 0)


def content(document: Document) -> bytes:
    """What counts as a change: all but the view."""
    return msgspec.json.encode(msgspec.structs.replace(document, view=View()))


def project_of(document: Document, state: State) -> Project:
    """A project file's content."""
    return Project(document, state.weights, state.optimizer, state.counters, state.history, state.initial, state.checkpoints)


def state_of(project: Project) -> State | None:
    """What the worker takes back; ``None`` where the file holds no weights."""
    if not project.weights:
        return None
    return State(project.weights, project.optimizer_state, project.initial, project.counters, project.history, project.checkpoints)
