"""A sequence recorded part by part holds the numbers of the trace in memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.engine import trace_layer
from rnnviz.recordings import array_file, record
from rnnviz.recordings.token_ids import long_text
from tests.recordings.made import assert_window, recorded, stack
from tests.witnesses import normal, torch_module

# Several parts, the last one shorter, with parts of 64 steps.
STEPS = 150


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "PART_BYTES", 1)


@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_cell_reads_on_from_part_to_part_in_both_directions(
    cell: str, tmp_path: Path
) -> None:
    model, values = stack(cell), normal(STEPS, 1, 3)
    recording = recorded(model, values[:, 0], tmp_path)
    whole = rv.trace(model, values)
    assert_window(recording.window(0, STEPS), whole, 0, STEPS)
    assert_window(recording.window(63, 131), whole, 63, 131)


@given(
    n_steps=st.integers(1, 200),
    n_layers=st.integers(1, 3),
    both=st.booleans(),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=25)
def test_any_window_of_any_length_is_that_of_the_whole(
    n_steps: int, n_layers: int, both: bool, ends: tuple[float, float]
) -> None:
    model, values = stack("lstm", n_layers, both=both), normal(n_steps, 3)
    start, last = sorted(int(end * (n_steps - 1)) for end in ends)
    with TemporaryDirectory() as folder:
        recording = recorded(model, values, Path(folder))
        window = recording.window(start, last + 1)
    assert_window(window, rv.trace(model, values), start, last + 1)


def test_a_recorded_torch_stack_gives_its_own_outputs(tmp_path: Path) -> None:
    module = torch_module("LSTM", num_layers=2, bidirectional=True)
    values = normal(STEPS, 1, 3)
    window = recorded(rv.from_torch(module), values, tmp_path).window(100, STEPS)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    np.testing.assert_allclose(window.outputs, wanted[100:], rtol=0, atol=1e-12)


def test_the_torch_back_end_records_the_same(tmp_path: Path) -> None:
    model, values = stack("gru"), normal(STEPS, 3)
    recording = recorded(model, values, tmp_path, backend="torch")
    assert_window(recording.window(60, STEPS), rv.trace(model, values), 60, STEPS)


@pytest.mark.parametrize("encoding", ["one_hot", "embedding"])
@pytest.mark.parametrize("kind", ["characters", "words"])
def test_a_text_is_recorded_from_its_codes(kind: Any, encoding: Any, tmp_path: Path) -> None:
    text = "the cat, né 北京, sat on\tthe mat " * 8
    sequence = rv.parse(text, kind, encoding=encoding, size=4, seed=3)
    model = stack("lstm", n_inputs=sequence.n_features)
    reading = long_text(text, kind, encoding=encoding, size=4, seed=3)
    recording, n = recorded(model, reading, tmp_path), sequence.n_steps
    assert_window(recording.window(n // 3, n), rv.trace(model, sequence), n // 3, n)


class Other(NamedTuple):
    """A reading that is none of the library's own."""

    sequence: rv.Sequence

    @property
    def n_steps(self) -> int:
        return self.sequence.n_steps

    @property
    def features(self) -> tuple[str, ...]:
        return self.sequence.features

    @property
    def encoding(self) -> str:
        return self.sequence.encoding

    def values(self, start: int, stop: int) -> Any:
        return self.sequence.values[start:stop]

    def window(self, start: int, stop: int) -> rv.Sequence:
        tokens = (self.sequence.tokens[0][start:stop],)
        values = self.values(start, stop)
        return rv.Sequence(values, tokens, (), self.features, self.sequence.encoding)


@pytest.mark.parametrize(
    "given_as", [lambda s, text: s, lambda s, text: long_text(text), lambda s, text: Other(s)]
)
@pytest.mark.parametrize("embedded", [False, True])
def test_a_text_goes_through_the_models_vocabulary_and_embedding(
    given_as: Any, embedded: bool, tmp_path: Path
) -> None:
    text, known = "abacabadabacaba" * 10, ("x", "a", "b", "c", "<unk>")
    table = normal(5, 3) if embedded else None
    model = stack("gru", n_inputs=3 if embedded else 5)
    model = replace(model, vocabulary=known, embedding=table)
    sequence = rv.parse(text)
    recording = recorded(model, given_as(sequence, text), tmp_path)
    assert_window(recording.window(70, 140), rv.trace(model, sequence), 70, 140)


def test_names_of_steps_come_back_with_their_window(tmp_path: Path) -> None:
    tokens = tuple(f"2026-01-{t}" for t in range(STEPS))
    sequence = rv.Sequence(normal(STEPS, 1, 3), (tokens,), (), ("wind", "rain", "<b>"))
    recording = recorded(stack("rnn"), sequence, tmp_path)
    assert recording.window(77, 79).sequence.tokens == (tokens[77:79],)
    assert recording.window(77, 79).sequence.features == ("wind", "rain", "<b>")


def test_the_first_row_of_a_batch_is_recorded_up_to_its_end(tmp_path: Path) -> None:
    sequence = rv.Sequence(normal(10, 2, 3), lengths=(7, 10))
    recording = recorded(stack("lstm"), sequence, tmp_path)
    alone = rv.Sequence(sequence.values[:7, :1])
    assert recording.n_steps == 7
    assert_window(recording.window(0, 7), rv.trace(stack("lstm"), alone), 0, 7)


def test_every_chunk_takes_the_kernel_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []
    select_kernel = trace_layer.select_kernel

    def noting(layer: Any, n_steps: int, *others: Any) -> Any:
        asked.append(n_steps)
        return select_kernel(layer, n_steps, *others)

    monkeypatch.setattr(trace_layer, "select_kernel", noting)
    recorded(stack("lstm", 1, both=False), normal(STEPS, 3), tmp_path)
    assert asked == [STEPS] * 3


def test_progress_grows_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    recorded(stack("lstm"), normal(STEPS, 3), tmp_path, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 3 * 4
    assert 0 < told[0] < 0.1
    assert told[-1] == 1


@pytest.mark.parametrize("at", [0.05, 0.5, 0.97])
@pytest.mark.parametrize("was_there", [False, True])
def test_what_progress_raises_ends_the_recording_and_leaves_nothing(
    at: float, was_there: bool, tmp_path: Path
) -> None:
    place = tmp_path / "recorded"
    if was_there:
        place.mkdir()

    def cancel(done: float) -> None:
        if done > at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rv.record(stack("gru"), normal(STEPS, 3), place, progress=cancel)
    assert list(tmp_path.rglob("*")) == [place] * was_there


@pytest.mark.parametrize("both", [False, True])
def test_numbers_that_grow_beyond_the_type_are_named_by_their_step(
    both: bool, tmp_path: Path
) -> None:
    weights = {"hidden.x": np.ones((1, 1), np.float32), "hidden.h": np.full((1, 1), 2.0, "f4")}
    layers = [
        rv.Layer("rnn", d, weights, activations={"hidden": "relu"})
        for d in (("backward",) if both else ("forward",))
    ]
    values = np.zeros((400, 1), np.float32)
    values[70 if not both else 330] = 1
    # 2 to the power of 128 is beyond float32: the step with the 1 holds 2⁰.
    step = 70 + 128 + 1 if not both else 330 - 128 + 1
    with pytest.raises(rv.ModelError, match=f"grew beyond float32 at step {step};"):
        rv.record(rv.Model(tuple(layers)), values, tmp_path / "recorded")
    assert not list(tmp_path.iterdir())


def test_a_model_or_a_sequence_that_does_not_fit_is_refused_before_a_file_is_made(
    tmp_path: Path,
) -> None:
    with pytest.raises(rv.ModelError, match="reads 3 numbers a step, but the sequence has 2"):
        rv.record(stack("lstm"), normal(9, 2), tmp_path / "recorded")
    model = replace(stack("lstm", n_inputs=2), vocabulary=("a", "b"))
    with pytest.raises(rv.ModelError, match='but not "z"'):
        rv.record(model, long_text("abz"), tmp_path / "recorded")
    bad = normal(200, 3)
    bad[123, 1] = np.nan
    with pytest.raises(rv.InputError, match="step 124 of row 1, both counted from 1, holds NaN"):
        rv.record(stack("lstm"), bad, tmp_path / "recorded")
    with pytest.raises(rv.InputError, match="is \\(time, batch, feature\\)"):
        rv.record(stack("lstm"), np.ones(5), tmp_path / "recorded")
    with pytest.raises(rv.ModelError, match='The back end is "numpy" or "torch"'):
        rv.record(stack("lstm"), normal(9, 3), tmp_path / "recorded", backend="jax")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(rv.InputError, match="needs an empty folder"):
        rv.record(stack("lstm"), normal(9, 3), tmp_path)
    with pytest.raises(rv.InputError, match="needs an empty folder"):
        rv.record(stack("lstm"), normal(9, 3), tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_small_disk_is_refused_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=2_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    model = rv.random_model("lstm", 3, 64)
    # 6 signals of 64 float32 and 3 inputs of float64, a quarter more for the pyramid's least,
    # mean and most over 16, 64, … steps, which are float32.
    needed = 5_000 * (6 * 64 * 4 * 1.25 + 3 * 8 * 1.125) / 1e9
    with pytest.raises(rv.InputError, match=r"GB on disk, but 0\.002 GB are free") as told:
        rv.record(model, normal(5_000, 3), tmp_path / "recorded")
    assert float(told.value.facts["needed"]) == pytest.approx(needed, rel=0.01)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_on_the_way_is_said_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: Any) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(array_file.NpyFile, "write", full)
    with pytest.raises(rv.InputError, match="This recording needs"):
        rv.record(stack("lstm"), normal(500, 3), tmp_path / "recorded")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(rv.InputError, match="cannot be written"):
        rv.record(stack("lstm"), normal(9, 3), tmp_path / "file" / "recorded")


def test_memory_does_not_grow_with_the_sequence() -> None:
    """200,000 steps of 64 units are 400 MB of signals; the program stays far below."""
    code = """
import resource, tempfile
import numpy as np, rnnviz as rv
from rnnviz.engine.kernels import select
# What a compiler takes to load is no part of a recording.
select._has_numba = lambda: False
model = rv.random_model("lstm", 2, 64)
values = np.zeros((200_000, 2), np.float32)
values[0] = 1
with tempfile.TemporaryDirectory() as folder:
    rv.record(model, values[:9_000], folder + "/first")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    recording = rv.record(model, values, folder + "/it")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((after - before) / 1e3, recording.n_bytes / 1e6)
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    grown, written = map(float, done.stdout.split())
    assert written > 350
    assert grown < 40


def test_a_recording_says_what_it_is_in_plain_text(tmp_path: Path) -> None:
    recording = recorded(stack("lstm"), normal(9, 3), tmp_path)
    told = json.loads((recording.folder / "about.json").read_text("utf-8"))
    assert told["n_steps"] == 9
    assert [layer["direction"] for layer in told["layers"]] == ["forward", "backward"] * 2
    for path in recording.folder.glob("*.npy"):
        np.load(path, allow_pickle=False)
