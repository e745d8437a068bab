"""A model's own tokens: its example, its output rows, and texts that hold others."""

from __future__ import annotations

import string
from io import BytesIO
from typing import Any

import pytest
import torch
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from rnnviz.i18n import word
from rnnviz.ui.kept_files import file_address, keep_file
from rnnviz.ui.url import File
from tests.test_app import clicked, opened, packet
from tests.ui.packets import unpacked

LETTERS = ["<pad>", "<s>", *string.ascii_lowercase, " "]
WORDS = ["<pad>", "</s>", "the", "cat", "sat", "New York", "in", "The"]


def model_of(tokens: list[str] | None, n: int = 0) -> File:
    """A GRU behind an embedding of these tokens, and its vocabulary in the same file."""
    torch.manual_seed(3)
    n = n or len(tokens or ())
    parts = {"emb": torch.nn.Embedding(n, 5), "rnn": torch.nn.GRU(5, 4)}
    parts["out"] = torch.nn.Linear(4, n)
    named = {f"{a}.{b}": v for a, part in parts.items() for b, v in part.state_dict().items()}
    content: dict[str, Any] = {"state_dict": named} | ({"vocab": tokens} if tokens else {})
    file = BytesIO()
    torch.save(content, file)
    return File("letters.pt", file.getvalue())


def reading(file: File, **choices: str) -> AppTest:
    keep_file(file)
    app = opened(model="file", modelfile=file_address(file), **choices)
    assert not app.exception
    assert not app.error
    return app


def tokens_of(app: AppTest) -> list[str]:
    """The tokens that the picture shows."""
    return list(unpacked(packet(app, "player"))[0]["tokens"])


def is_whole(app: AppTest) -> bool:
    """True when the picture, Share and the view options are there."""
    charts = [chart.key for chart in app.get("plotly_chart")]
    return "chart" in charts and any(one.key == "sharing" for one in app.get("popover"))


def test_the_example_of_a_model_has_no_special_tokens() -> None:
    app = reading(model_of(LETTERS))
    assert not app.warning
    assert tokens_of(app)[:3] == ["a", "b", "c"]
    assert tokens_of(reading(model_of(WORDS)))[:5] == ["the", "cat", "sat", "New York", "in"]


def output_rows(app: AppTest) -> list[str]:
    """Names of the rows of the answer, as its chart draws them."""
    return list(unpacked(packet(app, "answer"))[0]["names"])


def test_outputs_are_named_by_the_vocabulary_where_they_are_as_many() -> None:
    assert set(output_rows(reading(model_of(LETTERS)))) <= {*LETTERS, "␣"}
    # Three outputs and three tokens may be anything.
    assert output_rows(reading(model_of(["a", "b", "c"]))) == ["y0", "y1", "y2"]


def test_special_tokens_that_are_typed_are_read_as_one() -> None:
    assert tokens_of(reading(model_of(LETTERS), says="<s>ab<pad>")) == ["<s>", "a", "b", "<pad>"]
    assert tokens_of(reading(model_of(WORDS), says="the cat</s>")) == ["the", "cat", "</s>"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_unknown_letters_are_named_at_once_and_the_page_stays(lang: str) -> None:
    app = reading(model_of(LETTERS), says="Hello, World!", lang=lang)
    (said,) = app.warning
    for letter in 'H,W!"':
        assert letter in said.value
    assert is_whole(app)
    assert any("abcdef" in one.value for one in app.markdown)


def test_the_buttons_lead_to_a_text_that_is_read() -> None:
    app = reading(model_of(LETTERS), says="Hello, World!")
    app = clicked(app, "unread_0")
    assert app.session_state["chosen"]["says"] == "hello, world!"
    app = clicked(app, "unread_0")
    assert not app.warning
    assert "".join(tokens_of(app)).replace("␣", " ") == "hello world"


def test_unknown_words_are_left_out_or_written_in_lower_case() -> None:
    app = reading(model_of(WORDS), says="The Cat sat quietly in New York .")
    assert [one.label for one in app.button if (one.key or "").startswith("unread_")] == [
        "Write these in lower case",
        "Leave them out",
    ]
    app = clicked(clicked(app, "unread_0"), "unread_0")
    assert tokens_of(app) == ["The", "cat", "sat", "in", "New York"]


def test_a_text_of_unknown_letters_alone_cannot_be_left_out() -> None:
    app = reading(model_of(LETTERS), says="!!!")
    assert len(app.warning) == 1
    assert not [one for one in app.button if (one.key or "").startswith("unread_")]
    assert is_whole(app)


@pytest.mark.parametrize("says", ["Hello", " \t ", "!", "日本"])
def test_no_text_clears_the_page(says: str) -> None:
    assert is_whole(reading(model_of(LETTERS), says=says))
    assert is_whole(reading(model_of(None, n=28), says=says))


@pytest.mark.parametrize(
    "choices",
    [
        {"kind": "numbers"},
        {"kind": "numbers", "text": "1 2; 3"},
        {"kind": "words", "text": "  "},
        {"text": ""},
    ],
)
def test_no_untrained_network_clears_the_page(choices: dict[str, str]) -> None:
    app = opened(**choices)
    assert not app.exception
    assert is_whole(app)


def test_switching_to_numbers_fills_in_some_and_back_gives_the_text_again() -> None:
    app = opened()
    app = read_as(app, "numbers")
    assert not app.warning
    assert tokens_of(app)[0].replace("−", "-").lstrip("-")[0].isdigit()
    app = read_as(app, "words")
    assert tokens_of(app)[:2] == ["The", "cat"]


KINDS = ("characters", "words", "numbers")


def read_as(app: AppTest, kind: str) -> AppTest:
    """The app after a click on a kind, sent as the browser sends it."""
    labels = [word("kind." + each, "en") for each in KINDS]
    (control,) = (
        one
        for one in app.get("button_group")
        if [option.content for option in one.proto.options] == labels
    )
    pressed = WidgetState(id=control.proto.id)
    pressed.string_array_value.data.append(labels[KINDS.index(kind)])
    return app._run(WidgetStates(widgets=[pressed]))


def test_what_a_network_reads_as_unknown_is_said() -> None:
    (said,) = said_of_unknown("王 Zhang")
    assert "王" in said
    assert "Z" not in said
    assert not said_of_unknown("Zhang")


def said_of_unknown(name: str) -> list[str]:
    app = opened(model="preset:languages_gru", says=name)
    return [caption.value for caption in app.caption if "unk" in caption.value]
