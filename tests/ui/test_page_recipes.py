"""What a refusal on the page tells to do is done there, and the page goes on."""

from __future__ import annotations

import gc
import json
import re
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.errors import InputError, ModelError
from rnnviz.ui import kept_files, page_bounds, results
from rnnviz.ui.controls import upload_doors
from rnnviz.ui.controls.notice import INPUT_NOTICE, MODEL_NOTICE
from rnnviz.ui.controls.vocabulary_file import take_vocabulary
from rnnviz.ui.selections import ModelFile, OpenedModel, RandomModel
from rnnviz.ui.url import File
from tests.ui.test_unknown_tokens import model_of

TOKENS = ["<pad>", *"abcdefg"]
PIECES = {"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "the": 1, "##re": 2}}}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state of a session with a model open that has no vocabulary."""
    values: dict[str, Any] = {"chosen": {"model": "file", "modelfile": model_of(None, n=8)}}
    monkeypatch.setattr("streamlit.session_state", values)
    return values


def opened_model(session: dict[str, Any]) -> rv.Model:
    return results.import_result_of(OpenedModel(ModelFile(session["chosen"]["modelfile"]))).model


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("vocab.txt", b"a\nb\n", "has 2; choose another file"),
        ("vocab.json", b"{}", "but it holds none; choose another file"),
        ("vocab.txt", b"a\n" * 8, "has some twice; choose another file"),
    ],
)
def test_another_vocabulary_is_chosen(
    session: dict[str, Any], name: str, data: bytes, words: str
) -> None:
    take_vocabulary(File(name, data), 8)
    assert words in str(session[MODEL_NOTICE].error)
    take_vocabulary(File("vocab.txt", "\n".join(TOKENS).encode()), 8)
    assert session[MODEL_NOTICE] is None
    assert opened_model(session).vocabulary == tuple(TOKENS)


def test_token_ids_of_a_tokenizer_are_typed_as_words(session: dict[str, Any]) -> None:
    take_vocabulary(File("tokenizer.json", json.dumps(PIECES).encode()), 8)
    said = str(session[MODEL_NOTICE].error)
    assert "turn the text into token ids, and type those as words" in said
    model = opened_model(session)
    assert model.embedding is not None
    typed = rv.trace(model, rv.parse("1 2 0", "words"))
    given = rv.trace(model, rv.Sequence(model.embedding[[1, 2, 0]][:, None]))
    np.testing.assert_array_equal(typed["hidden"], given["hidden"])


@pytest.mark.parametrize("table", [b"x,y\n1,2\n3,5\n", b"x\n1\n"])
def test_a_table_at_the_door_of_models_is_read_as_the_input(
    session: dict[str, Any], table: bytes
) -> None:
    session["chosen"] = {"model": "untrained"}
    upload_doors.take_model(File("a.csv", table))
    assert "read it as the input" in str(session[MODEL_NOTICE].error)
    upload_doors.take_input(File("a.csv", table))
    assert session["chosen"]["upload"].data == table


def test_a_part_of_a_large_upload_is_chosen(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_doors, "MAX_UPLOAD", 1)
    session["chosen"] = {"model": "untrained"}
    rows = b"1,2\n" * 300_000
    upload_doors.take_input(File("a.csv", b"x,y\n" + rows))
    assert "at most 1 MB, but it has 1; choose a part of it" in str(session[INPUT_NOTICE].error)
    upload_doors.take_input(File("a.csv", b"x,y\n" + rows[:4_000]))
    assert session["chosen"]["upload"].size == 4_004


def test_a_smaller_upload_or_a_later_one_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "MAX_UPLOADS", 2_000)
    first, large, small = (File(f"{n}.csv", bytes([1]) * n) for n in (1_500, 1_000, 400))
    kept_files.keep_file(first)
    with pytest.raises(InputError, match="try again later or choose a smaller file"):
        kept_files.keep_file(large)
    kept_files.keep_file(small)
    del first, small
    gc.collect()
    kept_files.keep_file(large)
    assert kept_files.file_at(kept_files.file_address(large)) == large


def random_choice(units: int) -> RandomModel:
    return RandomModel("gru", units, 1, "forward", 0, "default", 1.0, "tanh", "dense", "numpy")


# What is to be done, in the words of the sentence: what was refused, and what follows them.
MODEL = rv.random_model("gru", n_inputs=2, n_units=3)
BOUNDS: dict[str, tuple[tuple[str, int], Any, Any]] = {
    "choose a shorter input, or trace it": (
        ("MAX_PAGE_VALUES", 100),
        lambda: page_bounds.check_trace_choice(MODEL, 9),
        lambda: page_bounds.check_trace_choice(MODEL, 8),
    ),
    "or trace it in Python with rnnviz.trace": (
        ("MAX_PAGE_VALUES", 100),
        lambda: page_bounds.check_trace_choice(MODEL, 9),
        lambda: rv.trace(MODEL, np.zeros((9, 1, 2))),
    ),
    "but this one has 3; trace it in Python with rnnviz.trace": (
        ("MAX_PAGE_UNITS", 2),
        lambda: page_bounds.check_trace_choice(MODEL, 1),
        lambda: rv.trace(MODEL, np.zeros((1, 1, 2))),
    ),
    "choose fewer columns": (
        ("MAX_PAGE_WEIGHTS", 100),
        lambda: page_bounds.check_random_choice(random_choice(3), 9),
        lambda: page_bounds.check_random_choice(random_choice(3), 2),
    ),
    "choose fewer columns or units": (
        ("MAX_PAGE_WEIGHTS", 100),
        lambda: page_bounds.check_random_choice(random_choice(3), 9),
        lambda: page_bounds.check_random_choice(random_choice(2), 9),
    ),
}


@pytest.mark.parametrize("words", BOUNDS)
def test_what_is_smaller_is_shown(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (bound, value), refused, followed = BOUNDS[words]
    monkeypatch.setattr(page_bounds, bound, value)
    with pytest.raises(ModelError, match=re.escape(words)):
        refused()
    followed()
