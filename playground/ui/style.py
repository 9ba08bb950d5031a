"""The style sheet, filled from a theme's tokens. Widgets choose a look by the dynamic property ``look``."""

from __future__ import annotations

from string import Template

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from playground.ui.icons import FOLDER
from playground.ui.theme import Theme, font

_SHEET = Template("""
QMainWindow, QDialog { background: $panel; }
QWidget { color: $text; font-size: 12px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line2; padding: 4px 6px; }
QMenu { background: $panel; border: 1px solid $line2; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: $raised; }
QMenu::item:disabled { color: $off; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::indicator { width: 12px; height: 12px; left: 6px; }

QWidget[look="panel"] { background: $panel; }
QWidget[look="window"] { background: $window; }
QWidget[look="canvas"] { background: $canvas; }
#training_bar { border-bottom: 1px solid $line; }
#status_line { border-top: 1px solid $line; }
QFrame[look="rule"] { background: $line; border: none; min-height: 1px; max-height: 1px; }
QFrame[look="rule-strong"] { background: $line2; border: none; min-height: 1px; max-height: 1px; }
QFrame[look="rule-vertical"] { background: $line2; border: none; min-width: 1px; max-width: 1px; }

QLabel[look="title"] { font-weight: 600; }
QLabel[look="document"] { font-size: 13px; font-weight: 600; }
QLabel[look="heading"] { font-size: 24px; font-weight: 500; }
QLabel[look="label"] { color: $text2; }
QLabel[look="caption"] { color: $text3; font-size: 11px; }
QLabel[look="sentence"] { color: $text2; font-size: 12.5px; }
QLabel[look="value"] { font-size: 15px; font-weight: 600; }
QLabel[look="bad"] { color: $bad; font-size: 11px; }
QLabel[look="key"] { color: $text2; background: $panel; border: 1px solid $line2; border-radius: 4px; padding: 0 5px; font-size: 10.5px; }

QLineEdit, QPlainTextEdit { background: $field; color: $text; border: 1px solid $line2; border-radius: 5px; padding: 0 8px; min-height: 24px; max-height: 24px;
  selection-background-color: $accent_fill; selection-color: $on_accent; }
QPlainTextEdit { max-height: 400px; padding: 4px 8px; }
QLineEdit:focus, QPlainTextEdit:focus { border: 2px solid $accent; padding: 0 7px; min-height: 22px; max-height: 22px; }
QPlainTextEdit:focus { max-height: 400px; padding: 3px 7px; }
QLineEdit[bad="true"] { border: 1px solid $bad; padding: 0 8px; min-height: 24px; max-height: 24px; }
QLineEdit:disabled { color: $off; }
QComboBox { background: $field; color: $text; border: 1px solid $line2; border-radius: 5px; padding: 0 8px; min-height: 24px; max-height: 24px; }
QComboBox:focus { border: 2px solid $accent; padding: 0 7px; min-height: 22px; max-height: 22px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/down-$name.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $line2; outline: none; padding: 3px; selection-background-color: $raised; selection-color: $text; }

QPushButton { background: $raised; color: $text; border: 1px solid transparent; border-radius: 5px; padding: 0 12px; min-height: 26px; font-weight: 500; }
QPushButton:hover { border-color: $line3; }
QPushButton:pressed { background: $line2; }
QPushButton:focus { border: 2px solid $accent; padding: 0 11px; min-height: 24px; }
QPushButton:disabled { color: $off; }
QPushButton[look="primary"] { background: $accent_fill; color: $on_accent; font-weight: 600; font-size: 13px; }
QPushButton[look="primary"]:focus { border: 2px solid $text; }
QPushButton[look="primary"]:pressed { background: $accent; }
QPushButton[look="link"] { background: transparent; color: $accent; padding: 0 4px; }
QPushButton[look="section"] { background: transparent; color: $text2; text-align: left; padding: 0 6px; font-size: 11.5px; font-weight: 600; min-height: 22px; max-height: 22px; }
QPushButton[look="section"][tone="panel"] { color: $text; font-size: 12px; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 0; color: $text; }
QToolButton:hover { background: $raised; }
QToolButton:pressed { background: $line2; }
QToolButton:focus { border: 2px solid $accent; }
QToolButton::menu-indicator { image: none; }
QToolButton[look="step"] { background: $raised; border-radius: 6px; font-weight: 500; padding: 0 28px 0 8px; }
QToolButton[look="step"]::menu-button { border: none; border-left: 1px solid $line; width: 22px; border-top-right-radius: 6px; border-bottom-right-radius: 6px; }
QToolButton[look="step"]::menu-arrow { image: url("$icons/down-$name.svg"); width: 12px; height: 12px; }
QToolButton[look="step"]:focus { border: 2px solid $accent; }

QWidget[look="segments"] { background: $field; border: 1px solid $line2; border-radius: 6px; }
QPushButton[look="segment"] { background: transparent; color: $text2; border: 1px solid transparent; border-radius: 5px; padding: 0 11px; min-height: 22px; max-height: 22px; font-weight: 500; }
QPushButton[look="segment"]:hover { color: $text; }
QPushButton[look="segment"]:checked { background: $raised; color: $text; border-color: $line2; }
QPushButton[look="segment"]:focus { border: 2px solid $accent; padding: 0 10px; min-height: 20px; max-height: 20px; }

QSlider::groove:horizontal { background: $line3; height: 2px; border-radius: 1px; }
QSlider::sub-page:horizontal { background: $accent; height: 2px; border-radius: 1px; }
QSlider::handle:horizontal { background: $text; border: 2px solid $panel; width: 12px; height: 12px; margin: -7px 0; border-radius: 8px; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; }

QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line2; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $line3; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none; border: none; width: 0; height: 0; }

QListWidget { background: $panel; border: none; outline: none; padding: 4px; }
QListWidget::item { padding: 5px 8px; border-radius: 5px; }
QListWidget::item:selected { background: $accent_soft; color: $text; }
QListWidget::item:hover { background: $raised; }
QTabBar::tab { background: transparent; color: $text2; padding: 7px 14px; border: none; border-bottom: 2px solid transparent; font-weight: 600; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; }
QProgressBar { background: $field; border: none; border-radius: 2px; max-height: 5px; min-height: 5px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSplitter::handle { background: $line2; }
QCheckBox { spacing: 8px; }
""")


def sheet(theme: Theme) -> str:
    """The style sheet in this theme's colors."""
    return _SHEET.substitute(theme.tokens(), icons=FOLDER.as_posix())


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole program: style, palette, font and sheet."""
    app.setStyle("Fusion")
    app.setPalette(theme.palette())
    app.setFont(font(12))
    app.setStyleSheet(sheet(theme))


def look(widget: QWidget, name: str) -> QWidget:
    """Give ``widget`` one of the sheet's looks; returns it."""
    widget.setProperty("look", name)
    if name in ("panel", "window", "canvas", "segments"):
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget


def refresh(widget: QWidget) -> None:
    """Read the sheet anew after a dynamic property of ``widget`` changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
