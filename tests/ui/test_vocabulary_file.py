"""A vocabulary that comes as a file after its model."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest

from rnnviz.ui import results
from rnnviz.ui.controls.notice import MODEL_NOTICE
from rnnviz.ui.controls.vocabulary_file import take_vocabulary
from rnnviz.ui.selections import ModelFile, OpenedModel
from rnnviz.ui.url import File
from tests.ui.test_unknown_tokens import model_of

TOKENS = ["<pad>", *"abcdefg"]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state of a session with a model open that has no vocabulary."""
    values: dict[str, Any] = {"chosen": {"model": "file", "modelfile": model_of(None, n=8)}}
    monkeypatch.setattr("streamlit.session_state", values)
    return values


def vocabulary(session: dict[str, Any]) -> tuple[str, ...] | None:
    origin = ModelFile(session["chosen"]["modelfile"])
    return results.import_result_of(OpenedModel(origin)).model.vocabulary


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vocab.txt", "\n".join(TOKENS)),
        ("letters of my net.txt", "\n".join(TOKENS) + "\n"),
        ("data.json", json.dumps(TOKENS)),
        ("char_to_idx.json", json.dumps({token: i for i, token in enumerate(TOKENS)})),
        ("labels.txt", "\n".join(TOKENS)),
        ("VOCAB.TXT", "\n".join(TOKENS)),
        ("../../vocab", "\n".join(TOKENS)),
        ("index.json", json.dumps(dict(enumerate(TOKENS)))),
    ],
)
def test_a_vocabulary_of_any_form_names_the_tokens(
    session: dict[str, Any], name: str, text: str
) -> None:
    assert vocabulary(session) is None
    take_vocabulary(File(name, text.encode()), 8)
    assert session.get(MODEL_NOTICE) is None
    assert vocabulary(session) == tuple(TOKENS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a\nb\n", "has 2"),
        (b"\xff\xfe\x00", "holds none"),
        (b"", "holds none"),
        (b"\n \n", "holds none"),
        (b"a\n" * 8, "some twice"),
    ],
)
def test_one_that_does_not_fit_is_refused_in_a_sentence(
    session: dict[str, Any], data: bytes, said: str
) -> None:
    before = session["chosen"]["modelfile"]
    take_vocabulary(File("vocab.txt", data), 8)
    assert said in str(session[MODEL_NOTICE].error)
    assert session["chosen"]["modelfile"] is before


@pytest.mark.parametrize(
    "content",
    [
        {"class_name": "Tokenizer", "config": {"word_index": "[1]", "num_words": 2}},
        {"model": {"vocab": {"a": 0}}, "added_tokens": [1]},
        {f"v{i}": {"v": {"w": {"x": ["a"]}}} for i in range(300_000)},
    ],
)
def test_a_table_of_another_form_or_size_is_refused_in_a_sentence(
    session: dict[str, Any], content: Any
) -> None:
    file = File("vocab.json", json.dumps(content).encode())
    start = process_time()
    take_vocabulary(file, 8)
    assert process_time() - start < 0.5, "it is read in a process of its own"
    assert "holds none" in str(session[MODEL_NOTICE].error)


def test_a_second_try_takes_the_place_of_the_first(session: dict[str, Any]) -> None:
    for tokens in (TOKENS, TOKENS[::-1]):
        take_vocabulary(File("vocab.txt", "\n".join(tokens).encode()), 8)
    assert [each.name for each in session["chosen"]["modelfile"].beside] == ["vocab.txt"]
    assert vocabulary(session) == tuple(TOKENS[::-1])
