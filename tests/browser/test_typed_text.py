"""A text that is typed is read in the page as Python reads it, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

import rnnviz as rv
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.formatting import token_label
from rnnviz.inputs.tokenise import iter_tokens, joined_tokens
from rnnviz.ui.player.component import script_text
from rnnviz.ui.player.typed_text import TypedField, text_spec

Array = np.ndarray[Any, np.dtype[np.float64]]
SCRIPTS = ("activations.js", "engine.js", "typed_text.js", "model_spec.js")
READ = """([spec, table, texts]) => {
  const embedding = table && Float64Array.from(table);
  const reader = new TextReader({ ...spec, embedding });
  return texts.map((text) => {
    const read = reader.read(text);
    return read && { ...read, inputs: [...read.inputs] };
  });
}"""
TOKENS = """([kind, joined, texts]) => {
  const reader = new TextReader({ kind, joined, names: [], labels: [] });
  return texts.map((text) => reader.tokens(text));
}"""
# Pieces that tokenisers trip over, between plain letters.
PIECES = (
    *("a", "B", "é", "e\u0301", "ß", "北京", "かな", "한", "ᄒ", "ᅡ", "ש״ל", "ab", "don't", "l·l"),
    *("3.14", "1,000", "٣٫٥", "x_y", "’", "'", ".", "…", "–", "!?", " ", "  ", "\u00a0", "\u3000"),
    *(
        "\u200b",
        "\u200d",
        "\u00ad",
        "🙂",
        "👩\u200d👧",
        "🇫🇷",
        "🇫",
        "👍🏽",
        "क्षि",
        "<pad>",
        "<unk>",
        "ch",
    ),
    *("New York", "New", "York", "Yorker", "\ufeff", "𝔸", "²", "½", "€", "$5", "a.b", "1.", ".5"),
)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_page() as opened:
        opened.add_script_tag(content="".join(map(script_text, SCRIPTS)))
        yield opened


def made_texts(count: int) -> list[str]:
    random = np.random.default_rng(count)
    sizes = random.integers(1, 9, count)
    return ["".join(random.choice(PIECES, size)) for size in sizes]


@pytest.mark.parametrize("kind", ["characters", "words"])
@pytest.mark.parametrize("joined", [(), ("<pad>", "<unk>", "ch", "New York", "New", "Yorkers")])
def test_tokens_are_pythons(page: Page, kind: str, joined: tuple[str, ...]) -> None:
    texts = made_texts(4_000)
    whole = joined_tokens(joined, kind)
    found = page.evaluate(TOKENS, [kind, whole, texts])
    read = [(text, tokens) for text, tokens in zip(texts, found, strict=True) if tokens is not None]
    assert len(read) > len(texts) / 4
    assert [(text, list(iter_tokens(text, kind, whole))) for text, _ in read] == read


def layer(n_inputs: int, n_units: int = 2) -> rv.Layer:
    random = np.random.default_rng(n_inputs)
    sizes = {"hidden.x": (n_units, n_inputs), "hidden.h": (n_units, n_units)}
    return rv.Layer("rnn", "forward", {name: random.normal(size=s) for name, s in sizes.items()})


def read_in_page(page: Page, model: rv.Model, given: rv.Sequence, texts: list[str]) -> list[Any]:
    tables: list[Array] = []

    def add(table: Array) -> list[int]:
        tables.append(table)
        return [0, table.size]

    kind = "words" if model.vocabulary and "the" in model.vocabulary else "characters"
    joined = joined_tokens(model.vocabulary or (), kind)
    spec = text_spec(model, TypedField("says", "", given, kind, joined), add)
    table = tables[0].astype(float).ravel().tolist() if tables else None
    found: list[Any] = page.evaluate(READ, [spec, table, texts])
    return found


KNOWN = tuple("abcdef ")
CASES = {
    "a vocabulary": (rv.Model((layer(7),), vocabulary=KNOWN), ["bad", "a fed bee", "xyz", ""]),
    "what is unknown": (
        rv.Model((layer(8),), vocabulary=("<unk>", *KNOWN)),
        ["bad", "Zab", "a<unk>b"],
    ),
    "words": (
        rv.Model((layer(4),), vocabulary=("the", "cat", "sat", "[UNK]")),
        ["the cat sat", "the dog  sat", "cat,cat"],
    ),
    "an embedding": (
        rv.Model(
            (layer(3),),
            vocabulary=KNOWN,
            embedding=np.random.default_rng(1).normal(size=(7, 3)),
        ),
        ["bad", "fed a bee", "g"],
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_inputs_are_the_models(page: Page, name: str) -> None:
    model, texts = CASES[name]
    kind = "words" if name == "words" else "characters"
    joined = joined_tokens(model.vocabulary or (), kind)
    given = rv.parse(texts[0], kind=kind, joined=joined)
    for text, found in zip(texts, read_in_page(page, model, given, texts), strict=True):
        try:
            wanted = encode_for_model(model, rv.parse(text, kind=kind, joined=joined))
        except rv.RnnvizError:
            assert found is None
            continue
        assert found["tokens"] == list(wanted.tokens[0])
        assert found["labels"] == list(map(token_label, wanted.tokens[0]))
        assert found["inputs"] == wanted.values[:, 0].ravel().tolist()


def test_an_untrained_network_keeps_its_inputs_while_their_number_stays(page: Page) -> None:
    model = rv.random_model("gru", n_inputs=3, n_units=2)
    given = rv.parse("abca")
    same, more, fewer = read_in_page(page, model, given, ["cab", "abcd", "ab"])
    assert more is None
    assert fewer is None
    assert same["inputs"] == rv.parse("cab").values[:, 0].ravel().tolist()


def test_drawn_embeddings_are_of_known_tokens_alone(page: Page) -> None:
    model = rv.random_model("gru", n_inputs=4, n_units=2)
    given = rv.parse("abc", encoding="embedding", size=4)
    known, strange = read_in_page(page, model, given, ["cbaab", "abd"])
    wanted = rv.parse("cbaab", encoding="embedding", size=4)
    assert known["inputs"] == wanted.values[:, 0].astype(float).ravel().tolist()
    assert strange is None
