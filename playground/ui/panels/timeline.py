"""The timeline: a track a branch. Drag it to see an earlier moment everywhere; resume or fork from there."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QToolTip, QWidget

from playground import turns
from playground.engine.live import commands
from playground.engine.live.snapshot import Moment, Snapshot
from playground.ui.branching import Branching
from playground.ui.dialogs.study import StudyWindow
from playground.ui.geometry import MEDIUM, Geometry
from playground.ui.icons import icon
from playground.ui.in_turn import InTurn
from playground.ui.numbers import count
from playground.ui.panels.branch_tracks import Track, neighbor, snapped, tracks
from playground.ui.panels.timeline_lanes import Lanes
from playground.ui.panels.timeline_picture import NAME_ROOM, Layout, Picture, layout, span, ticks
from playground.ui.style import look
from playground.ui.theme import Theme, font
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

__all__ = ["Timeline", "span", "ticks"]

REFRESH_MILLISECONDS = 100
NOW_PIXELS = 9
"""A pointer so near to the present branch's end means now."""
FORK_WIDTH = 58
LINK_INSET = 7
"""px that a link's words stand within its edge."""
COMPACT_LANES, MEDIUM_LANES = 2, 3


class Timeline(InTurn, QWidget):
    """Painted whole at most ten times a second while training, at once where the user moves something."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        look(self, "panel")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Timeline"))
        self._workbench, self._theme = workbench, theme
        self.branching = Branching(workbench, self)
        self._snapshot = workbench.snapshot
        self._asked: tuple[int, int] | None = None
        self._dragging = False
        self._lanes = Lanes(MEDIUM_LANES)
        self._layout: Layout | None = None
        self._hot: list[tuple[QRectF, str]] = []
        self._clock = QElapsedTimer()
        self._clock.start()
        self.fork = QToolButton(self)
        self.fork.setObjectName("timeline_fork")
        look(self.fork, "fork")
        self.fork.setIconSize(QSize(16, 16))
        self.fork.setText(self.tr("Fork"))
        self.fork.setToolTip(self.tr("A branch from here: train it with other settings, and compare"))
        self.fork.setAccessibleName(self.tr("Fork"))
        self.fork.clicked.connect(self.branching.fork)
        self.resume = self._link("timeline_resume", self.tr("Resume here"), self.branching.resume)
        self.resume.setToolTip(self.tr("Train on from this moment; what came after it stays in a branch of its own"))
        self.back = self._link("timeline_back", self.tr("Back to now"), self._to_now)
        self.back.setToolTip(self.tr("Show the present weights again (Esc)"))
        self.older = self._link("timeline_older", "", lambda: self._scroll(-1))
        self.newer = self._link("timeline_newer", "", lambda: self._scroll(1))
        for button in (self.older, self.newer):
            button.setToolTip(self.tr("More branches than lanes: the wheel goes through them"))
        workbench.snapshot_changed.connect(self._take)
        self.set_theme(theme)
        self.set_geometry(MEDIUM)

    def _link(self, name: str, text: str, call: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        look(button, "status")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(call)
        button.hide()
        return button

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.fork.setIcon(icon("fork", theme, "text"))
        self.update()

    def set_geometry(self, geometry: Geometry) -> None:
        self._low = geometry.timeline
        self._lanes.roomy = COMPACT_LANES if geometry.compact else MEDIUM_LANES
        self._left = 176 if geometry.compact else 232
        self._inset = geometry.inset
        self._compact = geometry.compact
        self._lay_out()
        self.update()

    def _arrange(self) -> None:
        """Put the buttons in their places: while a moment is shown its two links need the room of the fork's word."""
        shown = self.moment is not None
        self.fork.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly if shown else Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        width = 26 if shown else FORK_WIDTH
        low = shown and self._compact  # a narrow head: the links have a line of their own
        self.fork.setGeometry(self._left - 14 - width, 3 if low else (self.height() - 28) // 2, width, 22 if low else 28)
        x = self._inset - LINK_INSET
        for button in (self.resume, self.back):
            button.setVisible(shown)
            button.setGeometry(x, self.height() // 2 + 1, button.sizeHint().width(), 18)
            x += button.width() + 2
        x = self._inset - LINK_INSET
        for button, number, words in (
            (self.older, self._lanes.above, self.tr("↑ {count} more")),
            (self.newer, self._lanes.below, self.tr("↓ {count} more")),
        ):
            button.setText(words.format(count=number))
            button.setVisible(number > 0)
            button.setGeometry(x, self.height() - 18, button.sizeHint().width(), 16)
            x += button.width() + 2 if number else 0
        self.fork.setVisible(bool(self._tracks))
        self.fork.setEnabled(bool(self._tracks) and self._snapshot.phase not in ("empty", "unready", "preparing"))

    def try_several(self, kind: str = "starts") -> None:
        """Open the window that tries other ``"starts"``, or settings over a ``"grid"``; bring it to the front where it is open."""
        window = next((one for one in self.window().findChildren(StudyWindow) if one.isVisible()), None)  # another is about to go
        if window is None:
            window = StudyWindow(self._workbench, self._theme, self.branching, self.window())
        window.ask_for(kind)
        window.show()
        window.raise_()

    # -- what is shown
    def texts(self) -> dict[str, str]:
        """What is printed, for tests with a real window."""
        return {"timeline_summary": self._summary()}

    @property
    def _tracks(self) -> list[Track]:
        """Those that have a lane."""
        return self._lanes.shown

    @property
    def moment(self) -> Moment | None:
        """The kept moment on show, ``None`` while it is now."""
        return self._snapshot.moment

    @property
    def shown(self) -> tuple[int, int]:
        """Branch and step of the playhead: what was asked for last, before it is there too."""
        moment = self.moment
        return self._asked or ((moment.run, moment.step) if moment is not None else (self._snapshot.run, self._snapshot.step))

    def _take(self, snapshot: Snapshot) -> None:
        moment_changed = (snapshot.moment is None) != (self._snapshot.moment is None)
        if moment_changed or self._clock.elapsed() >= REFRESH_MILLISECONDS or snapshot.phase != "training":
            self._clock.restart()
            self._snapshot = snapshot
            there = (snapshot.moment.run, snapshot.moment.step) if snapshot.moment is not None else (snapshot.run, snapshot.step)
            if not self._dragging or there == self._asked:
                self._asked = None
            there = snapshot.step > 0 or snapshot.runs
            self._lanes.take(tracks(snapshot, len(snapshot.runs) + 1) if there else [], snapshot.run, self.shown[0])
            self._lay_out()
            self.update()

    def _lay_out(self) -> None:
        self.setFixedHeight(self._low + self._lanes.growth)
        last = max((track.end for track in self._lanes.all), default=0)  # of all: the axis is the same wherever one scrolls to
        self._layout = layout(len(self._tracks), self._left, self.width(), self.height(), last) if self._tracks else None
        self._arrange()

    def _scroll(self, by: int) -> None:
        self._lanes.scroll(by)
        self._lay_out()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self._scroll(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()

    def resizeEvent(self, event: object) -> None:
        self._lay_out()

    # -- painting
    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, snapshot = QPainter(self), self._theme, self._snapshot
        back = "accent_soft" if self.moment is not None else "panel"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color(back))
        painter.setPen(theme.color("line2"))
        painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
        self._hot = []
        self._head(painter, theme)
        if self._layout is not None:
            run, step = self.shown
            picture = Picture(painter, theme, self._layout, back, self._layout.x(step), self._hot)
            picture.axis(snapshot.steps_per_epoch)
            place = {track.run: row - self._lanes.first for row, track in enumerate(self._lanes.all)}
            for row, track in enumerate(self._tracks):
                picture.track(track, row, place.get(track.parent) if track.parent is not None else None, self._name(track))
            away = (run, step) != (snapshot.run, snapshot.step)
            picture.now(snapshot.step, place[snapshot.run], hollow=away)
            if away:
                picture.playhead(step, place.get(run, place[snapshot.run]), "accent")
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 4, 4)
        painter.end()

    def _head(self, painter: QPainter, theme: Theme) -> None:
        moment = self.moment
        middle = self.height() / 2
        room = self._left - self._inset - 20 - (0 if self.fork.isHidden() else self.fork.width())
        box = QRectF(self._inset, middle - 19, room, 18)
        painter.setFont(font(12, 600))
        painter.setPen(theme.color("text"))
        if moment is not None:
            words = self.tr("Showing step {step}").format(step=count(self.shown[1]))
            name = next((track.name for track in self._lanes.all if track.run == self.shown[0] and not track.present), "")
            if name:
                words = self.tr("{run}: step {step}").format(run=name, step=count(self.shown[1]))
            if painter.fontMetrics().horizontalAdvance(words) > room:
                words = self.tr("Step {step}").format(step=count(self.shown[1]))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            return
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.tr("Timeline"))
        painter.setFont(font(10.5))
        painter.setPen(theme.color("text3"))
        metrics = painter.fontMetrics()
        words = next((one for one in self._summaries() if metrics.horizontalAdvance(one) <= room), self._summaries()[-1])
        painter.drawText(QRectF(self._inset, middle, room, 16), Qt.AlignmentFlag.AlignVCenter, words)

    def _summaries(self) -> list[str]:
        """What there is to go back to, at two lengths."""
        number = len(self._snapshot.checkpoints)
        return [self._summary(), *([self.tr("{count} kept").format(count=number)] if number else [])]

    def _summary(self) -> str:
        snapshot = self._snapshot
        if snapshot.step == 0 and not snapshot.runs:
            return self.tr("nothing trained yet")
        if snapshot.runs:
            return self.tr("{count} branches").format(count=len(snapshot.runs) + 1)
        number = len(snapshot.checkpoints)
        if not number:  # of another network, which undo brings back with them, or none: a file that the command line trained
            return self.tr("no checkpoints")
        return self.tr("1 checkpoint") if number == 1 else self.tr("{count} checkpoints").format(count=number)

    def _name(self, track: Track) -> str:
        if not track.present:
            return track.name
        return self.tr("{run} · now").format(run=track.name) if track.name and self._snapshot.runs else self.tr("now")

    # -- the pointer
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            words = next((text for box, text in reversed(self._hot) if box.contains(QPointF(event.pos()))), "")
            QToolTip.showText(event.globalPos(), words, self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_ours(event):
            event.accept()  # the window's arrows step through a pass; here they go from moment to moment
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._over_tracks(event.position()):
            self._dragging = True
            self._go_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._go_to(event.position())
        over = self._over_tracks(event.position())
        self.setCursor(Qt.CursorShape.SizeHorCursor if over or self._dragging else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def _over_tracks(self, point: QPointF) -> bool:
        place = self._layout
        return place is not None and place.left - 8 <= point.x() <= place.left + place.width + NAME_ROOM

    def _go_to(self, point: QPointF) -> None:
        """Show the moment under the pointer: of the branch whose row it is in, where anything is kept of that."""
        assert self._layout is not None
        snapshot, step = self._snapshot, self._layout.step(point.x())
        track = self._tracks[self._layout.row_at(point.y())]
        if not track.steps:
            return
        if track.present and point.x() >= self._layout.x(snapshot.step) - NOW_PIXELS:
            self._to_now()
            return
        nearest = snapped(track, step)
        if nearest is not None:
            self._show(track, nearest)

    def _show(self, track: Track, step: int) -> None:
        if track.present and step == self._snapshot.step:
            self._to_now()
        elif self.shown != (track.run, step):
            self._asked = (track.run, step)
            self._lanes.reveal(track.run)
            self._lay_out()
            self.branching.show(track.run, step)
            self.update()

    def _to_now(self) -> None:
        now = (self._snapshot.run, self._snapshot.step)
        if self.moment is not None or self.shown != now:
            self._asked = now
            self.branching.back()
            self.update()

    # -- keys
    KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape)

    def _is_ours(self, event: QKeyEvent) -> bool:
        return event.key() in self.KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._is_ours(event) or not self._tracks:
            super().keyPressEvent(event)
            return
        key, (run, step) = event.key(), self.shown
        everyone = self._lanes.all
        row = next((row for row, track in enumerate(everyone) if track.run == run), 0)
        if key == Qt.Key.Key_Escape:
            self._to_now()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            row = min(max(row + (1 if key == Qt.Key.Key_Down else -1), 0), len(everyone) - 1)
            self._show_near(everyone[row], step)
        else:
            track = everyone[row]
            ends = {Qt.Key.Key_Home: min(track.steps, default=None), Qt.Key.Key_End: max(track.steps, default=None)}
            to = ends[key] if key in ends else neighbor(track, step, 1 if key == Qt.Key.Key_Right else -1)
            if to is not None:
                self._show(track, to)

    def _show_near(self, track: Track, step: int) -> None:
        to = snapped(track, step)
        if to is not None:
            self._show(track, to)

    def enterEvent(self, event: object) -> None:
        self._expect()

    def focusInEvent(self, event: object) -> None:
        self._expect()
        self.update()

    def _expect(self) -> None:
        """Whoever comes here may go to a moment."""
        if self._snapshot.checkpoints and self._snapshot.moment is None:
            self._workbench.session.send(commands.ReadyMoments())

    def focusOutEvent(self, event: object) -> None:
        self.update()

    # -- the menu of a branch
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._layout is not None and event.pos().x() >= self._left - 12:
            self.menu(self._tracks[self._layout.row_at(event.pos().y())]).popup(event.globalPos())

    def menu(self, track: Track) -> QMenu:
        """What can be done with a branch, and the way to those that have no row."""
        menu = QMenu(self)
        menu.setObjectName("branch_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = track.name
        if not track.present:
            switch = menu.addAction(self.tr("Switch to “{name}”").format(name=name), lambda: self.branching.switch(track.run))
            switch.setObjectName("branch_switch")
            switch.setEnabled(track.switchable)
            compare = menu.addAction(self.tr("Compare with “{name}”").format(name=name), lambda: self.branching.compare(track.run))
            compare.setObjectName("branch_compare")
            compare.setEnabled(track.switchable)
        elif self.moment is not None:
            menu.addAction(self.tr("Compare with now"), lambda: self.branching.compare(track.run)).setObjectName("branch_compare")
        menu.addAction(self.tr("Fork here"), self.branching.fork)
        menu.addAction(self.tr("New start, other weights"), self.branching.new_start)
        menu.addAction(self.tr("Try several starts or settings…"), lambda: self.try_several())
        menu.addSeparator()
        menu.addAction(self.tr("Rename…"), lambda: self.branching.rename(track.run, name))
        if not track.present:
            menu.addAction(self.tr("Delete…"), lambda: self.branching.delete(track.run, name))
        others = [run for run in self._snapshot.runs if run.run != track.run]
        if others:
            menu.addSeparator()
            more = menu.addMenu(self.tr("Switch to"))
            for run in reversed(others):
                action = more.addAction(declared(run.name), lambda number=run.run: self.branching.switch(number))
                action.setEnabled(run.document is not None)
        return menu
