"""Rows of a table are texts of their own: each is read from the start state, however long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

import rnnviz as rv
from rnnviz.core.arrays import Array
from rnnviz.network.model import Model

LETTERS = "ab c\n"


@pytest.fixture(scope="module")
def model() -> Model:
    return rv.random_model("lstm", len(LETTERS), 6, seed=3).with_vocabulary(tuple(LETTERS))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Ninety texts of 1 to 900 letters, most of them short."""
    rng = np.random.default_rng(0)
    lengths = (900 * rng.random(90) ** 3).astype(int) + 1
    return ["".join(rng.choice(list(LETTERS[:4]), n)) for n in lengths]


def _table(texts: list[str | None], path: Path) -> Path:
    pyarrow.parquet.write_table(pyarrow.table({"text": texts}), path)
    return path


def _states(model: Model, texts: list[str], signal: str) -> list[Array]:
    traces = [rv.trace(model, rv.parse(text, kind="characters")) for text in texts]
    return [one[signal][:, 0].astype(float) for one in traces]


def test_numbers_are_those_of_every_text_read_alone(
    model: Model, texts: list[str], tmp_path: Path
) -> None:
    path = _table([*texts, None, "", "???"], tmp_path / "a.parquet")
    found = rv.corpus.scan(model, path, tmp_path / "out")
    assert (found.n_steps, found.n_unknown) == (sum(map(len, texts)), 3)
    for name in ("input", "cell", "hidden"):
        alone = _states(model, texts, name)
        joined = np.concatenate(alone)
        moments = found.sketch.signals[name].moments
        np.testing.assert_allclose(moments.mean, joined.mean(axis=0), atol=1e-6)
        np.testing.assert_allclose(moments.squares, joined.var(axis=0) * len(joined), rtol=1e-4)
        # Every fourth step of each text.
        edges, _ = found.histogram(name, 0)
        counted = np.concatenate([states[::4] for states in alone])
        wanted = np.histogram(counted[:, 0], edges)[0]
        counts = found.sketch.signals[name].histogram[0]
        assert counts.sum() == len(counted)
        assert np.abs(counts - wanted).sum() <= 4
        for unit in range(6):
            top = found.contexts(name, unit)[0]
            assert top.value == pytest.approx(joined[:, unit].max(), rel=1e-6)


def test_what_is_read_around_a_place_stays_in_its_text(
    model: Model, texts: list[str], tmp_path: Path
) -> None:
    path = _table(texts, tmp_path / "a.parquet")
    found = rv.corpus.scan(model, path, tmp_path / "out")
    for name in found.signals:
        for unit in range(6):
            for one in found.contexts(name, unit):
                assert any(one.before + one.token + one.after in text for text in texts)


def test_tokens_and_features_are_counted_by_text(
    model: Model, texts: list[str], tmp_path: Path
) -> None:
    found = rv.corpus.scan(model, _table(texts, tmp_path / "a.parquet"), tmp_path / "out")
    parts = found.sketch.signals["hidden"].parts
    counts = parts[0].counts + parts[1].counts
    assert counts.tolist() == ["".join(texts).count(letter) for letter in LETTERS]
    # The word feature is letters of the word so far, and a text begins a word.
    so_far = [len(text[: i + 1].split(" ")[-1]) for text in texts for i in range(len(text))]
    moments = found.sketch.signals["hidden"].moments
    assert moments.features[3] == pytest.approx(np.mean(so_far), rel=1e-5)


def test_a_long_text_among_short_ones_is_cut_and_warmed_up(model: Model, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    texts = ["".join(rng.choice(list(LETTERS[:4]), n)) for n in (9000, 30, 700, 4100, 1)]
    found = rv.corpus.scan(model, _table(texts, tmp_path / "a.parquet"), tmp_path / "out")
    joined = np.concatenate(_states(model, texts, "hidden"))
    moments = found.sketch.signals["hidden"].moments
    assert moments.n == len(joined)
    np.testing.assert_allclose(moments.mean, joined.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(moments.squares / moments.n, joined.var(axis=0), rtol=1e-3)


def test_a_warm_up_longer_than_a_row_reads_what_there_is(model: Model, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    text = "".join(rng.choice(list(LETTERS), 4096))
    (tmp_path / "a.txt").write_text(text, "utf-8")
    found = rv.corpus.scan(model, tmp_path / "a.txt", tmp_path / "out", warm_up=4096)
    states = np.concatenate(_states(model, [text], "cell"))
    moments = found.sketch.signals["cell"].moments
    np.testing.assert_allclose(moments.mean, states.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(moments.squares / moments.n, states.var(axis=0), rtol=1e-4)


def test_what_is_read_as_the_unknown_token_is_counted_and_shown_as_it_is_written(
    tmp_path: Path,
) -> None:
    letters = ("<unk>", "a", "b", " ")
    model = rv.random_model("gru", len(letters), 4, seed=2).with_vocabulary(letters)
    text = "ab éa bñab ß" * 9
    (tmp_path / "a.txt").write_text(text, "utf-8")
    found = rv.corpus.scan(model, tmp_path / "a.txt", tmp_path / "out")
    assert (found.n_steps, found.n_as_unknown, found.n_unknown) == (len(text), 27, 0)
    assert found.counts.tolist() == [27, *(text.count(letter) for letter in letters[1:])]
    contexts = [one for unit in range(4) for one in found.contexts("hidden", unit)]
    assert all(one.before + one.token + one.after in text for one in contexts)
    assert any("é" in one.before + one.token + one.after for one in contexts)


def test_words_that_are_read_as_the_unknown_token_stand_in_their_contexts(tmp_path: Path) -> None:
    words = ("<unk>", "the", "cat", "sat")
    model = rv.random_model("gru", len(words), 4, seed=2).with_vocabulary(words)
    text = "the dog sat the <unk> cat " * 20
    (tmp_path / "a.txt").write_text(text, "utf-8")
    found = rv.corpus.scan(model, tmp_path / "a.txt", tmp_path / "out")
    # The text's own "<unk>" is a token that the model knows.
    assert (found.n_steps, found.n_as_unknown) == (120, 20)
    for one in found.contexts("hidden", 0):
        read = f"{one.before} {one.token} {one.after}".split()
        assert {"dog", "<unk>"} <= set(read)


def test_bytes_that_are_no_utf8_are_counted_and_a_cut_is_none(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ab\ufffdc".encode() + b"\xff\xfe a\xe9b\n")
    # A line so long that it is cut, of characters of three bytes.
    (tmp_path / "b.txt").write_text("a" + "你" * 120_000, "utf-8")
    found = rv.corpus.scan(model, tmp_path, tmp_path.parent / f"{tmp_path.name}-out")
    assert found.n_shards > 2
    assert found.n_damaged == 3
    assert found.n_unknown == 120_000 + 1 + 3
