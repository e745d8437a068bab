"""Vocabularies in a file and beside it; PyTorch's run on the indices they give is the witness."""

from __future__ import annotations

import argparse
import json
import pickle
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

import rnnviz as rv
from rnnviz.readers.read import import_model
from rnnviz.readers.result import Source
from rnnviz.readers.vocabulary import Vocabulary, tokens_in, vocabularies_in
from tests.readers.test_state_dict import drawn

CHARACTERS = tuple("zyxwvutsrqponmlkjihgfedcba")
TO_INDEX = {character: index for index, character in enumerate(CHARACTERS)}
TO_CHARACTER = dict(enumerate(CHARACTERS))
WORD = "hello"


class Vocab:
    """As torchtext's before 0.9."""

    def __init__(self) -> None:
        self.freqs, self.unk_index = {"a": 3}, None
        self.itos, self.stoi = list(CHARACTERS), dict(TO_INDEX)


class Field:
    def __init__(self) -> None:
        self.vocab, self.lower = Vocab(), True


class Script:
    """As torchtext's since 0.9, whose state is a tuple of the C++ object's parts."""

    def __getstate__(self) -> Any:
        return "0.0.2", [], list(CHARACTERS), []

    def __setstate__(self, state: Any) -> None:
        raise AssertionError("nothing of it runs")


IN_FILE: dict[str, dict[str, Any]] = {
    "Udacity's tokens": {"tokens": CHARACTERS, "n_hidden": 8, "n_layers": 1},
    "a list": {"chars": list(CHARACTERS)},
    "a text": {"all_letters": "".join(CHARACTERS)},
    "a dict to indices": {"char_to_idx": TO_INDEX},
    "char_to_ix": {"char_to_ix": TO_INDEX},
    "a dict from indices": {"int2char": TO_CHARACTER},
    "both": {"char2idx": TO_INDEX, "idx2char": TO_CHARACTER},
    "a dict in any order": {"stoi": dict(sorted(TO_INDEX.items()))},
    "NumPy's numbers": {"voc_dict": {c: np.int64(i) for c, i in TO_INDEX.items()}},
    "NumPy's keys": {"ix_to_char": {np.int64(i): np.str_(c) for i, c in TO_CHARACTER.items()}},
    "an array": {"vocab": np.array(CHARACTERS)},
    "itos in a dict": {"vocab": {"itos": list(CHARACTERS), "stoi": TO_INDEX}},
    "hyper-parameters": {"hyper_parameters": {"vocab": TO_INDEX, "lr": 0.1}},
    "a namespace": {"args": argparse.Namespace(vocab=TO_INDEX, dropout=0.5)},
    "an object": {"vocab": Vocab()},
    "flair's Dictionary": {
        "dictionary": {
            "item2idx": {c.encode(): i for c, i in TO_INDEX.items()},
            "idx2item": [c.encode() for c in CHARACTERS],
        }
    },
    "a field": {"fields": [("src", Field())]},
    "an object of C++": {"vocab": Script()},
    "a nested object": {"config": types.SimpleNamespace(data={"word2idx": TO_INDEX})},
}


def one_hot(text: str, size: int = len(CHARACTERS)) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor([TO_INDEX[c] for c in text]), size)[:, None]


def gap(model: rv.Model, wanted: torch.Tensor) -> float:
    got = rv.trace(model, rv.parse(WORD))["hidden"]
    return float(np.abs(got - wanted.detach().numpy()).max())


@pytest.mark.parametrize("kind", IN_FILE)
def test_the_vocabulary_in_a_file_gives_the_columns_of_one_hot_inputs(
    kind: str, tmp_path: Path
) -> None:
    lstm = drawn(torch.nn.LSTM(26, 8))
    torch.save({"state_dict": lstm.state_dict(), **IN_FILE[kind]}, tmp_path / "model.ckpt")
    result = rv.open_model(tmp_path / "model.ckpt")
    assert result.model.vocabulary == CHARACTERS
    assert gap(result.model, lstm(one_hot(WORD).double())[0]) < 1e-12
    [row] = [row for row in result.report if row.name == "vocabulary"]
    path = next(iter(IN_FILE[kind]))
    assert row.value.startswith(f"26, {path}")
    assert row.origin == "file"
    assert not [question for question in result.questions if question.name == "vocabulary"]


@pytest.mark.parametrize("kind", IN_FILE)
def test_the_vocabulary_in_a_file_gives_the_rows_of_an_embedding(kind: str, tmp_path: Path) -> None:
    table, gru = drawn(torch.nn.Embedding(26, 5)), drawn(torch.nn.GRU(5, 8))
    saved = {f"emb.{k}": v for k, v in table.state_dict().items()}
    saved |= {f"rnn.{k}": v for k, v in gru.state_dict().items()}
    torch.save({"model": saved, **IN_FILE[kind]}, tmp_path / "model.pt")
    wanted = gru(table(one_hot(WORD).argmax(2)))[0]
    assert gap(rv.read_model(tmp_path / "model.pt"), wanted) < 1e-12


def tokenizer() -> dict[str, Any]:
    model = {"type": "BPE", "vocab": {c: i for c, i in TO_INDEX.items() if i < 25}}
    return {"version": "1.0", "model": model, "added_tokens": [{"id": 25, "content": "a"}]}


def keras_tokenizer() -> bytes:
    # As `keras.preprocessing.text.Tokenizer.to_json` of Keras 2; here counted from 0.
    config = {"num_words": None, "word_index": json.dumps(TO_INDEX), "word_counts": "{}"}
    return json.dumps({"class_name": "Tokenizer", "config": config}).encode()


def unigram() -> dict[str, Any]:
    return {"model": {"type": "Unigram", "vocab": [[c, -1.5] for c in CHARACTERS]}}


BESIDE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "lines": ("vocab.txt", lambda: "\n".join(CHARACTERS).encode()),
    "lines of Windows": ("vocab.txt", lambda: ("\r\n".join(CHARACTERS) + "\r\n").encode()),
    "a list": ("vocab.json", lambda: json.dumps(CHARACTERS).encode()),
    "a table": ("vocab.json", lambda: json.dumps(TO_INDEX).encode()),
    "a table from indices": ("idx_to_char.json", lambda: json.dumps(TO_CHARACTER).encode()),
    "a tokenizer": ("tokenizer.json", lambda: json.dumps(tokenizer()).encode()),
    "a tokenizer with scores": ("tokenizer.json", lambda: json.dumps(unigram()).encode()),
    "Keras' tokenizer": ("tokenizer.json", lambda: keras_tokenizer()),
    "a pickle": ("char2idx.pkl", lambda: pickle.dumps(TO_INDEX)),
    "a pickled object": ("vocab.pkl", lambda: pickle.dumps(Vocab())),
}


@pytest.mark.parametrize("kind", BESIDE)
def test_a_vocabulary_beside_a_file_is_used(kind: str, tmp_path: Path) -> None:
    lstm = drawn(torch.nn.LSTM(26, 8))
    name, written = BESIDE[kind]
    (tmp_path / name).write_bytes(written())
    (tmp_path / "m.safetensors").write_bytes(safetensors.torch.save(lstm.state_dict()))
    np.savez(tmp_path / "m.npz", **{k: v.numpy() for k, v in lstm.state_dict().items()})
    for file in ("m.safetensors", "m.npz"):
        result = rv.open_model(tmp_path / file)
        assert gap(result.model, lstm(one_hot(WORD).double())[0]) < 1e-12
        [row] = [row for row in result.report if row.name == "vocabulary"]
        assert row.value.startswith(f"26, {name}")


@pytest.mark.parametrize("kind", ["char_to_ix", "ix_to_char", "vocab", "chars", "words"])
def test_a_vocabulary_among_the_arrays_of_an_npz_file_is_used(kind: str, tmp_path: Path) -> None:
    lstm = drawn(torch.nn.LSTM(26, 8))
    values: dict[str, Any] = {
        "char_to_ix": TO_INDEX,
        "ix_to_char": TO_CHARACTER,
        "vocab": np.array(CHARACTERS),
        "chars": np.array(CHARACTERS, dtype=object),
        "words": Vocab(),
    }
    arrays = {name: value.numpy() for name, value in lstm.state_dict().items()}
    np.savez(tmp_path / "m.npz", **arrays, **{kind: values[kind]}, loss=np.array(None))
    model = rv.read_model(tmp_path / "m.npz")
    assert gap(model, lstm(one_hot(WORD).double())[0]) < 1e-12


def test_the_dictionary_of_fairseq_begins_with_four_tokens_of_its_own(tmp_path: Path) -> None:
    lstm = drawn(torch.nn.LSTM(30, 8))
    lines = "".join(f"{character} {100 - i}\n" for i, character in enumerate(CHARACTERS))
    (tmp_path / "dict.txt").write_text(lines)
    torch.save(lstm.state_dict(), tmp_path / "model.pt")
    model = rv.read_model(tmp_path / "model.pt")
    ids = torch.tensor([TO_INDEX[c] + 4 for c in WORD])
    wanted = lstm(torch.nn.functional.one_hot(ids, 30)[:, None].double())[0]
    assert gap(model, wanted) < 1e-12


def test_an_index_for_padding_may_have_no_token(tmp_path: Path) -> None:
    table, gru = drawn(torch.nn.Embedding(27, 5, padding_idx=0)), drawn(torch.nn.GRU(5, 8))
    saved = {f"emb.{k}": v for k, v in table.state_dict().items()}
    saved |= {f"rnn.{k}": v for k, v in gru.state_dict().items()}
    word2idx = {character: index + 1 for character, index in TO_INDEX.items()}
    torch.save({"model": saved, "word2idx": word2idx}, tmp_path / "model.pt")
    model = rv.read_model(tmp_path / "model.pt")
    assert model.vocabulary == ("<0>", *CHARACTERS)
    assert gap(model, gru(table(one_hot(WORD).argmax(2) + 1))[0]) < 1e-12


UNFIT: list[dict[str, Any]] = [
    {"char_to_idx": {c: i for c, i in TO_INDEX.items() if i < 20}},
    {"chars": [*CHARACTERS, "!"]},
    {"chars": [*CHARACTERS[:25], "z"]},
    {"char_to_idx": {c: 2 * i for c, i in TO_INDEX.items()}},
    {"char_to_idx": {c: i - 1 for c, i in TO_INDEX.items()}},
    {"tokens": set(CHARACTERS)},
    {"char_count": TO_INDEX},
    {"labels": CHARACTERS},
    {"columns": CHARACTERS},
    {"tokens": 26},
    {"vocab": [1, 2, 3]},
]


@pytest.mark.parametrize("beside", UNFIT, ids=range(len(UNFIT)))
def test_what_fits_not_is_not_used(beside: dict[str, Any], tmp_path: Path) -> None:
    table, gru = torch.nn.Embedding(26, 5), torch.nn.GRU(5, 8)
    saved = {"emb.weight": table.weight, **{f"rnn.{k}": v for k, v in gru.state_dict().items()}}
    torch.save({"model": saved, **beside}, tmp_path / "model.pt")
    model = rv.read_model(tmp_path / "model.pt")
    assert model.vocabulary is None
    with pytest.raises(rv.ModelError, match="has no vocabulary"):
        rv.trace(model, rv.parse(WORD))


def test_a_vocabulary_of_another_size_is_told(tmp_path: Path) -> None:
    table, gru = torch.nn.Embedding(30, 5), torch.nn.GRU(5, 8)
    saved = {"emb.weight": table.weight, **{f"rnn.{k}": v for k, v in gru.state_dict().items()}}
    torch.save({"model": saved, "char_to_idx": TO_INDEX}, tmp_path / "model.pt")
    [row] = [r for r in rv.open_model(tmp_path / "model.pt").report if r.name == "vocabulary"]
    assert row.value == "char_to_idx: 26 ≠ 30"


def test_of_two_vocabularies_that_fit_the_user_chooses(tmp_path: Path) -> None:
    lstm = drawn(torch.nn.LSTM(26, 8))
    saved = {"src_vocab": TO_INDEX, "trg_vocab": {c: 25 - i for c, i in TO_INDEX.items()}}
    torch.save({"state_dict": lstm.state_dict(), **saved}, tmp_path / "model.pt")
    result = rv.open_model(tmp_path / "model.pt")
    [question] = [q for q in result.questions if q.name == "vocabulary"]
    assert question.options == ("src_vocab", "trg_vocab")
    assert str(result.certainty).count("src_vocab") == 1
    for name, order in (("src_vocab", 1), ("trg_vocab", -1)):
        answered = rv.open_model(tmp_path / "model.pt", {"vocabulary": name})
        assert answered.model.vocabulary == CHARACTERS[::order]
        assert answered.certainty.grade == "checked"
    with pytest.raises(rv.ModelError, match=r"“vocabulary” is one of src_vocab, trg_vocab"):
        rv.open_model(tmp_path / "model.pt", {"vocabulary": "other"})


def test_a_vocabulary_beside_that_is_damaged_is_passed_over(tmp_path: Path) -> None:
    torch.save(torch.nn.LSTM(26, 8).state_dict(), tmp_path / "model.pt")
    damaged = (b"{", b"\xff", b"[" * 100_000, b"null", b'{"model": {"vocab": 3}}', b"")
    for data in damaged:
        for name in ("vocab.json", "tokenizer.json", "vocab.txt", "vocab.pkl"):
            (tmp_path / name).write_bytes(data)
        assert rv.read_model(tmp_path / "model.pt").vocabulary is None


def test_added_tokens_of_any_make_are_no_traceback(tmp_path: Path) -> None:
    torch.save(torch.nn.LSTM(26, 8).state_dict(), tmp_path / "model.pt")
    for added in ([1], [{"id": []}], [{"id": 1}], 3, [{"id": [], "content": {}}]):
        content = {"model": {"vocab": TO_INDEX}, "added_tokens": added}
        (tmp_path / "tokenizer.json").write_text(json.dumps(content))
        rv.read_model(tmp_path / "model.pt")


def test_a_walk_over_what_contains_itself_ends() -> None:
    around: dict[Any, Any] = {"tokens": [1]}
    around["vocab"] = around
    shared: list[Any] = ["a", 1]
    for _ in range(60):
        shared = [shared, shared]
    assert list(vocabularies_in([around, shared])) == []
    assert tokens_in({"a": 10**9}) == ()
    assert not Vocabulary("a", ("a", None, None, None)).fits(4)


def test_halves_of_characters_are_tokens_that_can_be_shown() -> None:
    # JavaScript cuts an emoji in two: JSON.stringify([..."a😀".split("")]).
    halves = Vocabulary("chars", ("a", "\ud83d", "\ude00"))
    assert halves.fits(3)
    assert halves.row_names() == ("a", "<U+D83D>", "<U+DE00>")


def test_halves_of_characters_in_names_are_no_names_of_safetensors() -> None:
    header = json.dumps({"\ud800": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}).encode()
    data = len(header).to_bytes(8, "little") + header
    with pytest.raises(rv.ModelError, match="should be a safetensors file"):
        import_model(Source("a.safetensors", data))


def test_halves_of_characters_in_a_pickle_can_be_shown(tmp_path: Path) -> None:
    names = {
        f"\ud800{name}": value for name, value in drawn(torch.nn.GRU(2, 3)).state_dict().items()
    }
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({n: v.numpy() for n, v in names.items()}))
    with pytest.raises(rv.ModelError) as refused:
        rv.open_model(tmp_path / "a.pkl")
    str(refused.value).encode()


def test_a_vocabulary_too_long_for_a_header_is_sent_beside_the_file() -> None:
    words = json.dumps([f"word{i}" for i in range(400_000)])
    data = safetensors.torch.save({"rnn.bias": torch.zeros(2)}, {"vocabulary": words})
    with pytest.raises(rv.ModelError, match="such as a vocabulary, into a file beside it"):
        import_model(Source("a.safetensors", data))


# As `tokenizers` 0.22 saves a trained tokenizer, its vocabulary cut to what matters here.
PIECES = {
    "WordPiece": {"type": "WordPiece", "continuing_subword_prefix": "##"},
    "BPE": {"type": "BPE", "merges": [["t", "h"]]},
    "Unigram": {"type": "Unigram", "unk_id": 0},
    "an old BPE": {"merges": ["t h"]},
}


@pytest.mark.parametrize("kind", PIECES)
def test_pieces_of_words_are_no_words_and_ids_are_asked_for(kind: str, tmp_path: Path) -> None:
    tokens = ["<unk>", "t", "h", "th", "##e"]
    vocabulary: Any = {token: i for i, token in enumerate(tokens)}
    if kind == "Unigram":
        vocabulary = [[token, -1.0] for token in tokens]
    content = {"added_tokens": [], "model": {**PIECES[kind], "vocab": vocabulary}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    layer = torch.nn.ModuleDict({"emb": torch.nn.Embedding(5, 3), "rnn": torch.nn.LSTM(3, 4)})
    torch.save(layer.state_dict(), tmp_path / "model.pt")
    model = rv.read_model(tmp_path / "model.pt")
    assert model.vocabulary is None
    with pytest.raises(rv.ModelError, match="type such numbers as words"):
        rv.trace(model, rv.parse("th e", "words"))
    # The ids that such a tokenizer gives.
    got = rv.trace(model, rv.parse("3 4", "words")).layers[-1].signals["hidden"][:, 0]
    with torch.no_grad():
        wanted = layer["rnn"](layer["emb"](torch.tensor([[3], [4]])))[0][:, 0]
    np.testing.assert_allclose(got, wanted.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    "tokens",
    [
        ["[UNK]", "play", "##ing", "##s"],
        ["<unk>", "▁the", "▁cat", "s"],
        ["a", "Ġthe", "Ġcat", "s"],
        ["<unk>", "play@@", "walk@@", "ing"],
        ["<unk>", "the</w>", "cat</w>", "c"],
    ],
)
def test_a_list_of_pieces_is_known_by_their_mark(tokens: list[str], tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(tokens))
    layer = torch.nn.ModuleDict({"emb": torch.nn.Embedding(4, 3), "rnn": torch.nn.LSTM(3, 4)})
    torch.save(layer.state_dict(), tmp_path / "model.pt")
    assert rv.read_model(tmp_path / "model.pt").vocabulary is None


def test_a_tokenizer_of_whole_words_or_characters_names_the_rows(tmp_path: Path) -> None:
    tokens = ["<unk>", "the", "#", "##"]
    for kind in ({"type": "WordLevel"}, {"type": "BPE", "merges": []}):
        content = {"model": {**kind, "vocab": {token: i for i, token in enumerate(tokens)}}}
        (tmp_path / "tokenizer.json").write_text(json.dumps(content))
        layer = torch.nn.ModuleDict({"emb": torch.nn.Embedding(4, 3), "rnn": torch.nn.LSTM(3, 4)})
        torch.save(layer.state_dict(), tmp_path / "model.pt")
        assert rv.read_model(tmp_path / "model.pt").vocabulary == tuple(tokens)
