"""Formulas typeset once for all their numbers: every digit is what ziamath makes of it, where ziamath puts it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground.anim.accounts import account
from playground.anim.cursor import Cursor
from playground.anim.stages import stages
from playground.document import edits, example
from playground.engine import Trainer
from playground.engine.program.lowering import lower
from playground.ui.digits import COORDINATE, Outline, digits, template
from playground.ui.formula import parts, typesetter
from playground.ui.typesetting import Outside, svg
from tests.anim.accounts.test_examples import data_for

FORMULAS = (
    r"z_{3} = \sum_{i=1}^{784} w_{3,i}\, x_{i} + b_{3}",
    r"\frac{\partial L}{\partial w_{31,2}} = \delta_{31}\, x_{2} + 0.5\, a_{4}^{2}",
    r"e^{-12.5} + x_{y_{7}} + \mathrm{dense1}_{9}",
    r"\sqrt{1860 + 9}",
    r"s' = \beta_2\, s + (1 - \beta_2)\, \hat{g}_{40}^2",
    r"w^{\text{conv 4}}_{100,i} - w^{\mathrm{dense1\_2}}_{i,44}",
)
WRITTEN = re.compile(r'<path d="([^"]*)"(?: transform="matrix\(([^)]*)\)")?')
SHIFT = 0.02
"""What a digit's place may differ from its own, in font sizes a glyph before it."""


def outlines(svg: str) -> list[Outline]:
    """What is drawn, where it comes to stand."""
    found = []
    for path, matrix in WRITTEN.findall(svg):
        scale, _, _, _, *corner = (float(number) for number in matrix.split()) if matrix else (1.0, 0, 0, 1.0, 0.0, 0.0)
        places = iter(range(10**6))
        moved = COORDINATE.sub(lambda number: f"{float(number[0]) * scale + corner[next(places) % 2]:.3f}", path)  # noqa: B023 - called at once
        found.append(Outline.of(moved))
    return found


def test_formulas_with_one_template_differ_in_digits_alone() -> None:
    assert template(r"z_{3,14} = \mathrm{dense1}_{2}") == template(r"z_{5,92} = \mathrm{dense1}_{6}") == r"z_{8,88} = \mathrm{dense1}_{8}"
    assert digits(r"z_{3,14} = \mathrm{dense1}_{2}") == ("3", "14", "2")
    assert template("z_{9}") != template("z_{10}")
    assert template(r"\beta_2\, g_{3}^2") == r"\beta_2\, g_{8}^2"
    assert digits(r"\beta_2\, g_{3}^2") == ("3",)


@pytest.mark.parametrize("latex", FORMULAS)
def test_every_digit_is_the_one_that_stands_there(latex: str) -> None:
    size = 16.0
    genuine = outlines(svg(latex, size))
    written = outlines(typesetter.typeset(latex, size).svg(digits(latex), "#000000").decode())
    assert len(written) == len(genuine)
    for place, (mine, theirs) in enumerate(zip(written, genuine, strict=True)):
        assert mine.apart(theirs) < 0.05, f"glyph {place}"
        assert abs(mine.middle - theirs.middle) < SHIFT * size * (place + 1), f"glyph {place}"
        assert abs(mine.top - theirs.top) < 0.1, f"glyph {place}"
        assert mine.width == pytest.approx(theirs.width, rel=0.01, abs=0.02), f"glyph {place}"


def test_a_digit_that_is_not_told_apart_is_an_error() -> None:
    with pytest.raises(ValueError, match="not told apart"):
        typesetter.typeset(r"\phantom{3} + 1", 16.0)


@pytest.mark.parametrize("name", ["iris", "hello", "lenet5"])
def test_formulas_of_a_pass_are_typeset(name: str) -> None:
    document = edits.set_training(example(name), optimizer="adamw", l1=0.1, l2=0.1, clip_norm=0.01)
    trainer = Trainer(document, dataset=data_for(document))
    trace, lowered, passed = trainer.record(), lower(document), stages(document)
    formulas = set()
    for index, stage in enumerate(passed):
        if len(stage.cells):
            found = account(lowered, trace, Cursor(index, stage, 0, 1.0, passed))
            assert found is not None
            formulas |= {template(part) for equation in (*found.equations, *found.made[:1]) for part in parts(equation.symbols)}
    assert len(formulas) > 5
    for formula in formulas:
        typesetter.typeset(formula, 14.0)


def test_a_process_that_ended_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('somebody's homework')")
    monkeypatch.chdir(tmp_path)
    outside = Outside()
    made = outside.typeset("a_{1}", 16.0)
    ended = outside._process
    assert ended is not None
    ended.kill()
    with pytest.raises(RuntimeError, match="ended"):
        outside.typeset("a_{2}", 16.0)
    assert outside.typeset("a_{3}", 16.0) == made
    again = outside._process
    assert again is not None
    outside.close()
    assert again.poll() is not None
