"""Dotted paths, as --set takes them."""

from __future__ import annotations

from typing import Any

import pytest

from playground.document import Document, get_path, set_path
from playground.errors import DataError, DocumentError, FieldError
from tests.document.graphs import chain, mnist_mlp


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("training.learning_rate", "0.5", 0.5),
        ("training.learning_rate", "1e-3", 0.001),
        ("training.clip_norm", "none", None),
        ("training.shuffle", "false", False),
        ("training.batch_size", "32", 32),
        ("training.batch_size", "1e3", 1000),
        ("nodes.dense1.units", "12", 12),
        ("nodes.dense1.fields.activation", "tanh", "tanh"),
        ("nodes.dense1.frozen", "yes", True),
        ("nodes.dense1.title", "hidden", "hidden"),
        ("nodes.input1.shape", "1,28,28", (1, 28, 28)),
        ("nodes.input1.shape", "1x28x28", (1, 28, 28)),
        ("nodes.input1.shape", "none", None),
        ("data.name", "spiral", "spiral"),
        ("title", "mine", "mine"),
    ],
)
def test_set_and_get(path: str, text: str, expected: Any) -> None:
    document = set_path(mnist_mlp(), path, text)
    value = get_path(document, path)
    assert value == expected
    assert type(value) is type(expected)


def test_data_options() -> None:
    document = set_path(chain("Input", data="spiral"), "data.noise", "0.25")
    assert get_path(document, "data.options.noise") == document.data.options["noise"] == 0.25


@pytest.mark.parametrize(
    ("path", "text", "error", "words"),
    [
        ("training.rate", "1", FieldError, "no field 'rate'"),
        ("training.learning_rate", "fast", FieldError, "training.learning_rate: expected a number from 0 to 100, got 'fast'"),
        ("training.batch_size", "1.5", FieldError, "whole number"),
        ("training.batch_size", "nan", FieldError, "whole number"),
        ("training.shuffle", "maybe", FieldError, "true or false"),
        ("nodes.dense9.units", "1", DocumentError, "no node 'dense9'"),
        ("nodes.dense1.wings", "1", FieldError, "no field 'wings'"),
        ("nodes.dense1.activation", "magic", FieldError, "one of"),
        ("nodes.input1.shape", "1,a", FieldError, "list of positive"),
        ("data.name", "nothing", DataError, "no data set"),
        ("view.zoom", "1", DocumentError, "leads nowhere"),
        ("", "1", DocumentError, "leads nowhere"),
    ],
)
def test_refusals(path: str, text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        set_path(mnist_mlp(), path, text)


def test_options_need_a_data_set() -> None:
    with pytest.raises(DocumentError, match="no data set is chosen"):
        set_path(Document(), "data.noise", "1")
