"""A recording is folded exactly, its windows are ordinary traces, and a damaged one is refused."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.panels import panels
from rnnviz.analysis.update import state_update
from rnnviz.recordings.recording import Downsampled
from rnnviz.recordings.token_ids import long_text
from tests.recordings.made import recorded, stack
from tests.witnesses import normal

Array = Any


def folded(values: Array, fold: Downsampled, n_units: int) -> tuple[Array, Array, Array]:
    """Least, mean and most of raw numbers (time, unit), one column and group after the other."""
    times = [slice(t, t + fold.step) for t in range(fold.start, fold.stop, fold.step)]
    size = -(-values.shape[1] // n_units)
    units = [slice(u, u + size) for u in range(0, values.shape[1], size)]
    parts = [[values[: fold.stop][t, u] for t in times] for u in units]
    return tuple(
        np.array([[reduce(part) for part in row] for row in parts])
        for reduce in (np.min, np.mean, np.max)
    )  # type: ignore[return-value]


@given(
    n_steps=st.integers(1, 3000),
    window=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    columns=st.integers(1, 60),
    rows=st.integers(1, 9),
)
@settings(max_examples=30)
def test_any_window_is_folded_as_its_raw_numbers_are(
    n_steps: int, window: tuple[float, float], columns: int, rows: int
) -> None:
    start, last = sorted(int(end * (n_steps - 1)) for end in window)
    model, values = stack("rnn", 1, both=False), normal(n_steps, 3)
    hidden = rv.trace(model, values)["hidden"][:, 0]
    with TemporaryDirectory() as folder:
        recording = recorded(model, values, Path(folder))
        folds = [
            recording.downsample(0, name, start, last + 1, columns, rows)
            for name in ("hidden", "inputs")
        ]
    for fold, raw in zip(folds, (hidden, values), strict=True):
        least, mean, most = folded(raw, fold, rows)
        np.testing.assert_array_equal(fold.min, least.astype(np.float32))
        np.testing.assert_array_equal(fold.max, most.astype(np.float32))
        np.testing.assert_allclose(fold.mean, mean, rtol=0, atol=2e-6)
        assert fold.min.shape[1] <= columns
        assert fold.start <= start
        assert last < fold.stop <= n_steps
        # Widened by less than a column on either side.
        assert start - fold.start < fold.step
        assert fold.stop - last <= fold.step


def test_the_mean_over_all_counts_a_last_short_block_by_its_steps(tmp_path: Path) -> None:
    values = normal(1025, 3) + 3
    recording = recorded(stack("rnn"), values, tmp_path)
    least, mean, most = recording.unit_statistics(0, "inputs")
    np.testing.assert_allclose(mean, values.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose([least, most], [values.min(axis=0), values.max(axis=0)], rtol=1e-6)


@pytest.mark.parametrize("cell", rv.CELLS)
def test_the_arithmetic_of_a_window_is_that_of_the_whole(cell: str, tmp_path: Path) -> None:
    model, values = stack(cell), normal(90, 3)
    window, whole = (
        recorded(model, values, tmp_path).window(40, 71),
        rv.trace(model, values),
    )
    for layer in range(4):
        kind = whole.layers[layer].cell
        # Where a layer's reading of the window begins, forward and backward.
        for time in (0, 30):
            here = {"layer": layer, "unit": 1}
            for gate in kind.gates:
                view = contributions(model, window, gate=gate.name, time=time, **here)
                wanted = contributions(model, whole, gate=gate.name, time=40 + time, **here)
                assert view == wanted
            for state in kind.updates:
                update = state_update(model, window, state=state, time=time, **here)
                assert update == state_update(model, whole, state=state, time=40 + time, **here)


def test_a_window_knows_where_it_stands_and_keeps_it(tmp_path: Path) -> None:
    window = recorded(stack("lstm"), normal(90, 3), tmp_path).window(40, 71)
    window.save(tmp_path / "window.npz")
    for kept in (rv.Trace.load(tmp_path / "window.npz"), pickle.loads(pickle.dumps(window))):
        assert (kept.start, kept.whole) == (40, 90)
    view = panels(window)
    assert (view.start, view.whole, view.n_steps) == (40, 90, 31)
    figure = rv.figures.gates(window)
    assert figure.data[0].x[0] == "41"
    assert "71" in figure.layout.xaxis.tickvals
    waterfall = rv.figures.waterfall(
        contributions(stack("lstm"), window, layer=0, gate="forget", time=2, unit=0)
    )
    assert any("step 43" in note.text for note in waterfall.layout.annotations)


@pytest.mark.parametrize("window", [(-1, 5), (5, 5), (7, 3), (0, 91), (90, 91)])
def test_a_window_outside_is_refused(window: tuple[int, int], tmp_path: Path) -> None:
    recording = recorded(stack("lstm"), normal(90, 3), tmp_path)
    with pytest.raises(rv.InputError, match="A window is of steps from 0 up to 90"):
        recording.window(*window)
    with pytest.raises(rv.InputError, match="A window is of steps from 0 up to 90"):
        recording.downsample(0, "hidden", *window, 5, 5)


def test_a_signal_that_was_not_recorded_is_refused(tmp_path: Path) -> None:
    recording = recorded(stack("lstm"), normal(90, 3), tmp_path)
    for layer, name in ((0, "reset"), (4, "hidden"), (-1, "hidden"), (0, "../about")):
        with pytest.raises(rv.InputError, match="was asked for"):
            recording.downsample(layer, name, 0, 90, 5, 5)
    assert recording.downsample(0, "hidden", 0, 90, 0, 0).min.shape == (1, 1)


def test_a_windows_numbers_cannot_be_changed(tmp_path: Path) -> None:
    window = recorded(stack("lstm"), normal(90, 3), tmp_path).window(3, 9)
    arrays = [window.outputs, window.sequence.values, *window.layers[0].signals.values()]
    assert not any(array.flags.writeable for array in arrays)


def test_the_folder_holds_as_many_bytes_as_it_says(tmp_path: Path) -> None:
    recording = recorded(stack("lstm"), long_text("abc" * 50), tmp_path)
    assert recording.n_bytes == sum(p.stat().st_size for p in recording.folder.iterdir())


def _cut(folder: Path) -> None:
    path = folder / "0.cell.npy"
    path.write_bytes(path.read_bytes()[:-1])


def _lengthened(folder: Path) -> None:
    with (folder / "0.cell.blocks.npy").open("ab") as file:
        file.write(b"0")


def _pickled(folder: Path) -> None:
    np.save(folder / "0.cell.npy", np.array([print], object))


def _said(**changes: Any) -> Any:
    def change(folder: Path) -> None:
        told = json.loads((folder / "about.json").read_text("utf-8"))
        (folder / "about.json").write_text(json.dumps(told | changes), "utf-8")

    return change


def _layer_said(**changes: Any) -> Any:
    def change(folder: Path) -> None:
        told = json.loads((folder / "about.json").read_text("utf-8"))
        told["layers"][0] |= changes
        (folder / "about.json").write_text(json.dumps(told), "utf-8")

    return change


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "about.json").unlink(),
        lambda folder: (folder / "about.json").write_text("[]"),
        lambda folder: (folder / "about.json").write_text("[" * 100_000),
        lambda folder: (folder / "about.json").write_bytes(b"\xff\x00"),
        lambda folder: (folder / "0.hidden.npy").unlink(),
        _cut,
        _lengthened,
        _pickled,
        _said(n_steps=89),
        _said(n_steps=10**30),
        _said(n_steps=-90),
        _said(n_steps="90"),
        _said(n_steps=None),
        _said(dtype="O"),
        _said(dtype="float64,float64"),
        _said(inputs="O"),
        _said(encoding="pickle"),
        _said(features=["a"]),
        _said(features=[1, 2, 3]),
        _said(layers=[]),
        _said(readout=None),
        _said(is_trained="yes"),
        _said(more=1),
        _said(**{"rnnviz recording": 99}),
        _layer_said(cell="../../etc"),
        _layer_said(direction="sideways"),
        _layer_said(level=-1),
        _layer_said(initial={}),
        _layer_said(widths={"../x": 5}),
    ],
)
def test_a_folder_that_is_no_recording_is_refused_in_one_sentence(
    harm: Any, tmp_path: Path
) -> None:
    recording = recorded(stack("lstm"), normal(90, 3), tmp_path)
    harm(recording.folder)
    with pytest.raises(rv.InputError, match="A folder that rnnviz recorded is wanted"):
        rv.Recording.load(recording.folder)


def test_a_code_outside_the_vocabulary_is_refused(tmp_path: Path) -> None:
    recording = recorded(stack("lstm"), long_text("abc" * 5), tmp_path)
    path = recording.folder / "codes.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\xc8")
    with pytest.raises(rv.InputError, match="is none or is damaged"):
        rv.Recording.load(recording.folder)
