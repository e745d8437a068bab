"""A trace in and out of tables, files and pickles, and the states each step started from."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from tests.witnesses import (
    BATCH,
    INPUT,
    LENGTHS,
    MODULES,
    STEPS,
    UNIT,
    Array,
    assert_close,
    by_hand,
    model_and_module,
    normal,
)

VALUES = normal(STEPS, BATCH, INPUT, seed=4)
TOKENS = ("sunday", "abcd")
deep = {"num_layers": 2, "bidirectional": True}
every_module = pytest.mark.parametrize("name", MODULES)


def a_trace(name: str = "LSTM", **options: Any) -> rv.Trace:
    model, _, _ = model_and_module(name, **deep)
    return rv.trace(model, rv.Sequence(VALUES, TOKENS, LENGTHS, "xyz"), **options)


def a_readout_trace() -> rv.Trace:
    model = rv.random_model("rnn", INPUT, UNIT, n_outputs=4)
    return rv.trace(model, rv.Sequence(VALUES, lengths=LENGTHS))


@pytest.mark.parametrize("lengths", [(6, 6), (6, 4), (1, 6)])
@every_module
def test_before_is_the_state_that_the_written_out_loop_held_before_each_step(
    name: str, lengths: tuple[int, ...]
) -> None:
    """Forward and backward layers, two levels, random initial states, NaN at padding."""
    model, module, states = model_and_module(name, **deep)
    trace = rv.trace(model, rv.Sequence(VALUES, lengths=lengths))
    wanted = by_hand(name, module, states, VALUES, lengths)
    assert [layer.direction for layer in trace.layers] == ["forward", "backward"] * 2
    for layer, layer_wanted in zip(trace.layers, wanted, strict=True):
        assert set(layer.before) == set(states)
        for state, before in layer.before.items():
            assert_close(before, layer_wanted[f"{state} before"])


def test_before_knows_the_initial_state_even_where_padding_follows_at_once() -> None:
    model, _, states = model_and_module("GRU", bidirectional=True)
    trace = rv.trace(model, rv.Sequence(VALUES, lengths=(1, 6)))
    for layer, wanted in zip(trace.layers, states["hidden"], strict=True):
        assert_close(layer.before["hidden"][0, 0], wanted[0])
        assert np.isnan(layer.before["hidden"][1:, 0]).all()


def test_a_signal_is_read_by_name_from_the_first_layer() -> None:
    trace = a_trace()
    assert trace["forget"] is trace.layers[0].signals["forget"]
    with pytest.raises(rv.InputError, match=r'forget, input, .*"reset" was asked for'):
        trace["reset"]
    with pytest.raises(rv.InputError, match="probabilities"):
        trace["probabilities"]
    assert a_readout_trace()["probabilities"].shape == (STEPS, BATCH, 4)


@every_module
def test_a_frame_has_a_row_for_each_real_number_and_no_other(name: str) -> None:
    trace = a_trace(name)
    frame = trace.to_frame()
    assert len(frame) == len(trace.layers) * sum(LENGTHS) * UNIT
    keys = ["level", "direction", "batch", "time", "unit"]
    assert not frame.duplicated(keys).any()
    indexed = frame.set_index(keys).sort_index()
    for layer in trace.layers:
        for signal, values in layer.signals.items():
            for row, length in enumerate(LENGTHS):
                part = indexed.loc[(layer.level, layer.direction, row)]
                table = part[signal].unstack("unit")
                np.testing.assert_array_equal(table, values[:length, row])
                assert "".join(part.xs(0, level="unit")["token"]) == TOKENS[row]


@every_module
def test_xarray_holds_every_signal_under_its_level_and_direction(name: str) -> None:
    trace = a_trace(name)
    data = trace.to_xarray()
    assert len(data) == sum(len(layer.signals) for layer in trace.layers) + 1
    for layer in trace.layers:
        for signal, values in layer.signals.items():
            variable = data[f"{layer.level}.{layer.direction}.{signal}"]
            assert variable.dims[:2] == ("time", "batch")
            np.testing.assert_array_equal(variable, values)
    np.testing.assert_array_equal(data["outputs"], trace.outputs)
    assert data.attrs["source"] == f"torch.nn.{name}"


def same(one: rv.Trace, other: rv.Trace) -> None:
    """Both traces hold the same words and the same bits."""
    for name in ("source", "output_names", "is_trained"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("tokens", "lengths", "features", "encoding"):
        assert getattr(one.sequence, name) == getattr(other.sequence, name)
    pairs = [(one.outputs, other.outputs), (one.sequence.values, other.sequence.values)]
    for mine, its in zip(one.layers, other.layers, strict=True):
        assert (mine.cell_name, mine.direction, mine.level) == (
            its.cell_name,
            its.direction,
            its.level,
        )
        for part in ("signals", "initial", "final", "preactivations"):
            assert list(getattr(mine, part)) == list(getattr(its, part))
            pairs += zip(getattr(mine, part).values(), getattr(its, part).values(), strict=True)
    for a, b in pairs:
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes()
        assert not b.flags.writeable


@pytest.mark.parametrize("name", ["trace.npz", "no suffix", "迹.npz"])
@pytest.mark.parametrize(
    "make", [a_trace, lambda: a_trace("GRU", preactivations=True), a_readout_trace]
)
def test_what_was_saved_is_loaded_to_the_bit(make: Any, name: str, tmp_path: Path) -> None:
    trace = make()
    trace.save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    same(trace, rv.Trace.load(tmp_path / name))


def test_preactivations_are_saved_under_the_key_that_earlier_files_have(tmp_path: Path) -> None:
    a_trace("GRU", preactivations=True).save(tmp_path / "trace.npz")
    with np.load(tmp_path / "trace.npz") as archive:
        assert "0/drives/reset" in archive.files


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def saved(tmp_path: Path) -> Path:
    a_readout_trace().save(tmp_path / "good.npz")
    return tmp_path / "good.npz"


def parts(tmp_path: Path) -> dict[str, Array]:
    with np.load(saved(tmp_path)) as archive:
        return {name: archive[name] for name in archive.files}


def about(**changes: Any) -> Any:
    """The archive with these changes to what it says about itself."""

    def change(named: dict[str, Array]) -> dict[str, Array]:
        words = json.loads(named["about"].tobytes()) | changes
        return named | {"about": np.frombuffer(json.dumps(words).encode(), np.uint8)}

    return change


BROKEN: dict[str, Any] = {
    "a part is missing": lambda named: {n: a for n, a in named.items() if n != "values"},
    "a signal is missing": lambda named: {n: a for n, a in named.items() if "signals" not in n},
    "a signal of another shape": lambda named: named | {"0/signals/hidden": np.zeros((9, 9, 9))},
    "no JSON": lambda named: named | {"about": np.zeros(4, np.uint8)},
    "deep JSON": lambda named: named | {"about": np.frombuffer(b"[" * 10**5, np.uint8)},
    "a list for words": lambda named: named | {"about": np.frombuffer(b"[]", np.uint8)},
    "an unknown cell": about(layers=[["elman", "forward", 0]]),
    "an endless length": about(lengths=[float("inf"), 1]),
    "lengths for another sequence": about(lengths=[7, 7]),
    "an unknown encoding": about(encoding="pickle"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_an_archive_with_a_broken_part_is_refused(case: str, tmp_path: Path) -> None:
    named = BROKEN[case](parts(tmp_path))
    np.savez(tmp_path / "broken.npz", **named)
    with pytest.raises(rv.InputError, match=r"saved by rnnviz is wanted, but .*broken\.npz"):
        rv.Trace.load(tmp_path / "broken.npz")


@pytest.mark.parametrize("kept", [0, 1, 3, 30, 500, -1, -30])
def test_a_truncated_file_is_refused(kept: int, tmp_path: Path) -> None:
    whole = saved(tmp_path).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[:kept])
    with pytest.raises(rv.InputError):
        rv.Trace.load(tmp_path / "cut.npz")


def test_a_file_with_changed_compressed_bytes_is_refused(tmp_path: Path) -> None:
    whole = bytearray(saved(tmp_path).read_bytes())
    whole[60:90] = bytes(30)  # within the first part's compressed numbers
    (tmp_path / "changed.npz").write_bytes(whole)
    with pytest.raises(rv.InputError):
        rv.Trace.load(tmp_path / "changed.npz")


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    np.save(tmp_path / "array.npy", np.zeros(3))
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    for path in (*tmp_path.iterdir(), tmp_path, tmp_path / "nothing here"):
        with pytest.raises(rv.InputError):
            rv.Trace.load(path)


@pytest.mark.parametrize("part", ["about", "values", "0/signals/hidden", "extra"])
def test_a_pickled_object_anywhere_in_the_file_is_refused_and_not_executed(
    part: str, tmp_path: Path
) -> None:
    mark = tmp_path / "executed"
    bomb = np.array([Bomb(mark)], dtype=object)
    np.savez(tmp_path / "bomb.npz", **parts(tmp_path) | {part: bomb})
    (tmp_path / "bomb.pickle").write_bytes(pickle.dumps(Bomb(mark)))
    for name in ("bomb.npz", "bomb.pickle"):
        with pytest.raises(rv.InputError):
            rv.Trace.load(tmp_path / name)
    assert not mark.exists()
    pickle.loads((tmp_path / "bomb.pickle").read_bytes())
    assert mark.exists()  # the bomb was a real one


def test_a_trace_is_printed_in_a_few_lines() -> None:
    model = rv.random_model("lstm", n_inputs=2, n_units=3, n_layers=2)
    lines = repr(rv.trace(model, np.zeros((200, 5, 2)))).splitlines()
    assert "200 steps, 5 rows" in lines[0]
    assert lines[2].split()[:3] == ["lstm,", "level", "1,"]
    assert lines[2].endswith("hidden")
    assert lines[3].split() == ["outputs", "(200,", "5,", "3)"]
