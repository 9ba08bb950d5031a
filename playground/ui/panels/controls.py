"""Small widgets that several panels use: segments, collapsible sections, rules, key caps, elided labels, lists to choose from, a switch."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from playground.ui.icons import icon
from playground.ui.style import look
from playground.ui.theme import Theme


def rule(name: str = "rule") -> QFrame:
    """A line of 1 px."""
    made = QFrame()
    look(made, name)
    return made


def label(text: str = "", name: str = "label") -> QLabel:
    """A label in one of the sheet's looks."""
    made = QLabel(text)
    look(made, name)
    return made


SMALLEST = 10
"""px of the font of a choice that is too long."""
SQUEEZED = 3
"""px that two lines may be higher than their label: so much above and below the letters is blank."""


class Elided(QLabel):
    """A label that gives way: its text goes on two lines where there is a shorter form of it and that does not fit on one; else it is cut
    in the middle. It is whole in the tooltip, and as high as one line in any case: what is below it stays in its place."""

    def __init__(self, name: str = "label", mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__()
        look(self, name)
        self._text, self._shorter, self.mode = "", "", mode

    def set_text(self, text: str, shorter: str = "") -> None:
        """``shorter``: what is shown instead where there is no room for all of ``text``."""
        self._text, self._shorter = text, shorter
        self._elide()

    def full_text(self) -> str:
        return self._text

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._high(super().minimumSizeHint()))

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 4, self._high(super().sizeHint()))

    def _high(self, hint: QSize) -> int:
        return hint.height() - self.fontMetrics().lineSpacing() * self.text().count("\n")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._elide()

    def _elide(self) -> None:
        room, metrics = max(self.width(), 8), self.fontMetrics()
        words = self._shorter if self._shorter and metrics.horizontalAdvance(self._text) > room else self._text
        shown = metrics.elidedText(words, self.mode, room)
        if shown != words and self._shorter and self.height() >= 2 * metrics.height() - SQUEEZED:
            shown = "\n".join(metrics.elidedText(line, self.mode, room) for line in self._halved(words, room))
        self.setText(shown)
        self.setToolTip(self._text if shown != self._text else "")
        self.updateGeometry()

    def _halved(self, words: str, room: int) -> tuple[str, ...]:
        """``words`` on two lines, broken where a part of the sentence ends if both fit then, and about in the middle."""
        parts, wide = words.split(" "), self.fontMetrics().horizontalAdvance
        ways = [(" ".join(parts[:at]), " ".join(parts[at:])) for at in range(1, len(parts))]
        widest = {way: max(map(wide, way)) for way in ways}
        return min(ways, key=lambda way: (widest[way] > room, not way[0].endswith((":", ",")), widest[way]), default=(words,))


class Chooser(QComboBox):
    """A list that no long choice widens: its words are a little smaller where they would not fit, and elided where that is not enough."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel that scrolls the panel would focus the box, and then turn it

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if self.currentIndex() < 0 and self.placeholderText():
            option.currentText = self.placeholderText()
            option.palette.setBrush(QPalette.ColorRole.ButtonText, option.palette.placeholderText())
        field = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self)
        shown = QFont(self.font())
        while QFontMetrics(shown).horizontalAdvance(option.currentText) > field.width() - 2 and shown.pixelSize() > SMALLEST:
            shown.setPixelSize(shown.pixelSize() - 1)
        option.currentText = QFontMetrics(shown).elidedText(option.currentText, Qt.TextElideMode.ElideRight, field.width() - 2)
        painter.setFont(shown)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class Segments(QWidget):
    """One of a few, side by side. ``chosen(index)`` is emitted when the user picks."""

    chosen = Signal(int)

    def __init__(self, words: list[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """``words``: (object name, text, tooltip) of each segment."""
        super().__init__(parent)
        look(self, "segments")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self.group = QButtonGroup(self)
        for index, (name, text, tip) in enumerate(words):
            button = look(QPushButton(text), "segment")
            button.setObjectName(name)
            button.setCheckable(True)
            button.setToolTip(tip)
            self.group.addButton(button, index)
            row.addWidget(button)
        self.group.idClicked.connect(self.chosen)
        self.setFixedHeight(30)

    def choose(self, index: int) -> None:
        """Show segment ``index`` as the chosen one, without a signal."""
        self.group.button(index).setChecked(True)


class Switch(QAbstractButton):
    """On or off, 26 by 15 px, with a ring when it has the focus."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(34, 26)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(3, 5.5, 28, 15)
        on = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(self._theme.color("line3"), 1))
        painter.setBrush(self._theme.color("accent_fill" if on else "field"))
        painter.drawRoundedRect(track, 7.5, 7.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("on_accent" if on else "text3"))
        painter.drawEllipse(QRectF(17.5 if on else 5, 7.5, 11, 11))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.drawRoundedRect(QRectF(1, 3.5, 32, 19), 9, 9)
        painter.end()


HEAD_MARGINS = 6
QWIDGETSIZE_MAX = 16777215
"""Qt's own name for no limit, which its Python lacks."""


class Section(QWidget):
    """A titled part of a panel that folds: a chevron and a title left, a caption right."""

    def __init__(self, title: str, theme: Theme, name: str, tone: str = "panel", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._theme = theme
        self._sizes: list[int] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(6, 4, 16, HEAD_MARGINS - 4)
        head.setSpacing(4)
        self.button = look(QPushButton(), "section")
        self.button.setProperty("tone", tone)
        self.button.setObjectName(f"{name}_fold")
        self.button.setCheckable(True)
        self.button.setChecked(True)
        self.button.setIconSize(QSize(12, 12))
        self.set_title(title)
        self.button.setToolTip(self.tr("Show or hide this part"))
        self.caption = Elided("caption")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.button)
        head.addWidget(self.caption, 1)
        column.addLayout(head)
        self.body = QWidget()
        self.layout_ = QVBoxLayout(self.body)
        self.layout_.setContentsMargins(0, 0, 0, 0)
        self.layout_.setSpacing(0)
        column.addWidget(self.body, 1)
        self.button.toggled.connect(self._fold)
        self._fold(True)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._fold(self.button.isChecked())

    def set_title(self, title: str) -> None:
        self.button.setText(title)
        self.button.setAccessibleName(self.tr("Fold {part}").format(part=title))

    def set_titled(self, titled: bool) -> None:
        """Without the title (a tab says it already) the part cannot be folded."""
        self.button.setVisible(titled)
        if not titled:
            self.button.setChecked(True)

    def _fold(self, open_: bool) -> None:
        splitter = self.parentWidget()
        changed = open_ == self.body.isHidden()
        if changed and not open_ and isinstance(splitter, QSplitter):
            self._sizes = splitter.sizes()
        self.body.setVisible(open_)
        if changed and isinstance(splitter, QSplitter):  # the room that it leaves is its neighbor's, until it comes back
            self.setMaximumHeight(QWIDGETSIZE_MAX if open_ else self.button.sizeHint().height() + HEAD_MARGINS)
            if open_ and self._sizes:
                splitter.setSizes(self._sizes)
        self.button.setIcon(icon("down" if open_ else "right", self._theme, "text3", 12))
