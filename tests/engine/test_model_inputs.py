"""Tokens ▶ a model's rows: by its vocabulary or by number, never in order of appearance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.recordings.model_inputs import as_model_inputs
from rnnviz.recordings.source import as_source
from rnnviz.recordings.token_ids import long_text
from tests.witnesses import assert_close, normal

N_TOKENS, N_FEATURES, N_UNITS = 12, 5, 4


def layer(n_inputs: int) -> rv.Layer:
    weights = {"hidden.x": normal(N_UNITS, n_inputs), "hidden.h": normal(N_UNITS, N_UNITS)}
    return rv.Layer("rnn", "forward", weights)


TABLE = normal(N_TOKENS, N_FEATURES)
EMBEDDED = rv.Model((layer(N_FEATURES),), embedding=TABLE)
ONE_HOT = rv.Model((layer(N_TOKENS),))


def rows_read(model: rv.Model, text: str, kind: str) -> list[np.ndarray]:
    """Inputs of the first level as the engine, a source and a recording's source give them."""
    sequence = rv.parse(text, kind)
    read = [rv.trace(model, sequence).sequence]
    for source in (long_text(text, kind), as_source(sequence)):
        encoded = as_model_inputs(model, source)
        steps = [encoded.window(i, i + 1) for i in range(encoded.n_steps)]
        values = np.concatenate([step.values for step in steps])
        read.append(rv.Sequence(values, (tuple(step.tokens[0][0] for step in steps),)))
    assert len({each.tokens for each in read}) == 1
    return [each.values[:, 0] for each in read]


@given(st.lists(st.integers(0, N_TOKENS - 1), min_size=1, max_size=15))
def test_typed_numbers_are_the_rows_that_are_read(ids: list[int]) -> None:
    text = " ".join(map(str, ids))
    for values in rows_read(EMBEDDED, text, "words"):
        np.testing.assert_array_equal(values, TABLE[ids])
    for values in rows_read(ONE_HOT, text, "words"):
        np.testing.assert_array_equal(values, np.eye(N_TOKENS)[ids])


def test_ids_are_read_as_torch_reads_them(tmp_path: Path) -> None:
    embedding, gru = torch.nn.Embedding(N_TOKENS, 5), torch.nn.GRU(5, 8)
    states = {"emb": embedding.state_dict(), "rnn": gru.state_dict()}
    saved = {f"{path}.{name}": v for path, state in states.items() for name, v in state.items()}
    torch.save(saved, tmp_path / "model.pt")
    wanted = gru(embedding(torch.tensor([[11], [3], [3], [0]])))[0].detach().numpy()
    got = rv.trace(rv.read_model(tmp_path / "model.pt"), rv.parse("11 3 3 0", "words"))
    np.testing.assert_allclose(got["hidden"], wanted, atol=1e-6)


@pytest.mark.parametrize("model", [EMBEDDED, ONE_HOT], ids=["embedding", "one hot"])
@pytest.mark.parametrize(
    ("text", "kind", "token"),
    [
        ("hello there", "words", "hello"),
        ("5 three", "words", "three"),
        ("hello", "characters", "h"),
        ("5 3", "characters", " "),
        ("05", "words", "05"),
        ("-1", "words", "-"),
        ("1.5", "words", "1.5"),
        ("٥", "words", "٥"),
        ("²", "words", "²"),
        ("abcdefghijkl", "characters", "a"),
    ],
)
def test_words_ask_for_a_vocabulary(model: rv.Model, text: str, kind: str, token: str) -> None:
    with pytest.raises(rv.ModelError, match=rf"has no vocabulary, .* 0 to 11, but “{token}” came"):
        rv.trace(model, rv.parse(text, kind))
    for source in (long_text(text, kind), as_source(rv.parse(text, kind))):
        with pytest.raises(rv.ModelError, match="has no vocabulary"):
            as_model_inputs(model, source)


def test_the_vocabulary_that_was_asked_for_reads_the_words() -> None:
    tokens = [*"abcdefghij", "hello", "there"]
    model = EMBEDDED.with_vocabulary(tokens)
    values = rv.trace(model, rv.parse("there hello", "words")).sequence.values
    np.testing.assert_array_equal(values[:, 0], TABLE[[11, 10]])


@pytest.mark.parametrize("token", ["12", "99999999999999999999999"])
def test_an_id_beyond_the_rows_is_named(token: str) -> None:
    for model in (EMBEDDED, ONE_HOT):
        with pytest.raises(rv.ModelError, match=f"knows the token ids 0 to 11, but {token} came"):
            rv.trace(model, rv.parse(f"3 {token}", "words"))


def test_a_random_model_takes_tokens_in_order_of_appearance() -> None:
    model = replace(ONE_HOT, is_trained=False)
    values = rv.trace(model, rv.parse("hello")).sequence.values
    np.testing.assert_array_equal(values[:, 0], np.eye(N_TOKENS)[[0, 1, 2, 2, 3]])


def test_columns_that_the_reader_gave_are_the_inputs() -> None:
    tokens = "lkjihgfedcba"
    sequence = rv.parse("head", vocabulary=tokens)
    for model, rows in ((ONE_HOT, np.eye(N_TOKENS)), (EMBEDDED, TABLE)):
        values = rv.trace(model, sequence).sequence.values
        np.testing.assert_array_equal(values[:, 0], rows[[tokens.index(c) for c in "head"]])


def test_columns_given_in_the_order_of_the_text_are_the_inputs() -> None:
    tokens = "abcdefghijkl"
    for sequence in (rv.parse(tokens, vocabulary=tokens), long_text(tokens, vocabulary=(*tokens,))):
        for model, rows in ((ONE_HOT, np.eye(N_TOKENS)), (EMBEDDED, TABLE)):
            read = as_model_inputs(model, as_source(sequence)).window(0, N_TOKENS)
            assert_close(read.values[:, 0], rows)


def test_the_columns_of_a_text_are_the_inputs_of_a_live_module() -> None:
    module, sequence = torch.nn.LSTM(4, 6), rv.parse("hello")
    wanted = module(torch.tensor(sequence.values))[0].detach().numpy()
    np.testing.assert_allclose(rv.trace(module, sequence)["hidden"], wanted, atol=1e-6)
    assert rv.trace(module, sequence).sequence.tokens == (tuple("hello"),)
    with pytest.raises(rv.RnnvizError):
        rv.trace(torch.nn.LSTM(5, 6), sequence)


@pytest.mark.parametrize("unknown", ["<unk>", "[UNK]"])
def test_a_token_read_as_unknown_is_shown_as_that(unknown: str) -> None:
    model = ONE_HOT.with_vocabulary([unknown, *"abcdefghijk"])
    trace = rv.trace(model, rv.parse("azb"))
    assert trace.sequence.tokens == (("a", unknown, "b"),)
    assert_close(trace.sequence.values[:, 0], np.eye(N_TOKENS)[[1, 0, 2]])
    source = as_model_inputs(model, long_text("azb"))
    assert source.window(0, 3).tokens == (("a", unknown, "b"),)


def test_the_numbers_of_a_model_from_a_file_are_asked_for_by_their_count(tmp_path: Path) -> None:
    torch.save(torch.nn.GRU(3, 4).state_dict(), tmp_path / "model.pt")
    model = rv.read_model(tmp_path / "model.pt")
    with pytest.raises(rv.ModelError, match=r"reads 3 numbers .* give it a sequence of 3 features"):
        rv.trace(model, normal(5, 2, 4))
