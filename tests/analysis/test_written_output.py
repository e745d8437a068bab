"""Who wrote an output: the sum over steps, written out here a number at a time."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis import written_output as written_output_file
from rnnviz.analysis.written_output import written_output
from rnnviz.train import preset
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import LENGTHS, UNIT, normal

OUTPUTS = 4
KEEPING = [name for name in rv.CELLS if name not in ("rnn", "lstm_layer_norm")]


def model_of(cell: str) -> rv.Model:
    one = layer(cell, scale=0.6)
    readout = rv.Readout(normal(OUTPUTS, one.n_hidden, seed=8), normal(OUTPUTS, seed=9))
    return rv.Model((one,), readout=readout)


@pytest.mark.parametrize("cell", KEEPING)
@pytest.mark.parametrize("row", [0, 1])
def test_the_parts_add_up_to_the_score_of_every_cell(cell: str, row: int) -> None:
    model = model_of(cell)
    trace = rv.trace(model, SEQUENCE)
    assert model.readout is not None
    hidden = trace["hidden"][: LENGTHS[row], row]
    scores = hidden @ model.readout.weights.T + model.readout.bias
    alone, margin = (written_output(model, trace, 1, against=x, row=row) for x in (None, "y3"))
    for found, wanted in ((alone, scores[:, 1]), (margin, scores[:, 1] - scores[:, 3])):
        summed = found.parts.sum(axis=1) + found.initial + found.bias
        np.testing.assert_allclose(summed, wanted, atol=1e-12)
        assert found.residual <= 1e-12
    log = np.log(trace.outputs[: LENGTHS[row], row])
    np.testing.assert_allclose(margin.traced, log[:, 1] - log[:, 3], atol=1e-10)


def test_each_part_of_an_lstm_is_the_formula() -> None:
    """V_u o_u,t tanh(c_u,t) / c_u,t · Π f · i g, summed over the units u."""
    model = model_of("lstm")
    trace = rv.trace(model, SEQUENCE)
    assert model.readout is not None
    f, i, g, o, c = (
        trace[name][:, 0] for name in ("forget", "input", "candidate", "output", "cell")
    )
    found = written_output(model, trace, 2)
    for t in range(len(f)):
        for j in range(len(f)):
            wanted = 0.0
            for u in range(UNIT):
                shown = o[t, u] * np.tanh(c[t, u]) / c[t, u]
                kept = np.prod(f[j + 1 : t + 1, u])
                wanted += model.readout.weights[2, u] * shown * kept * i[j, u] * g[j, u]
            assert found.parts[t, j] == pytest.approx(wanted if j <= t else 0.0, abs=1e-12)


def test_both_directions_of_the_top_level_are_added() -> None:
    model = rv.random_model("gru", 3, 4, 2, bidirectional=True, n_outputs=OUTPUTS, dtype=np.float64)
    found = written_output(model, rv.trace(model, SEQUENCE), 0, row=1)
    assert found.residual <= 1e-12
    assert found.parts[0, -1] != 0
    assert found.parts[-1, 0] != 0
    bare = replace(model, readout=None)
    trace = rv.trace(bare, SEQUENCE)
    unit = written_output(bare, trace, 5)
    np.testing.assert_allclose(unit.traced, trace.outputs[:, 0, 5], atol=1e-15)
    assert unit.residual <= 1e-12


def test_result_is_frozen_drawn_and_tabled() -> None:
    model = preset("brackets_lstm").model()
    found = written_output(model, rv.trace(model, rv.parse("(([])")), "2", against="0")
    with pytest.raises(FrozenInstanceError):
        found.bias = 1  # type: ignore[misc]
    figure = found.figure(language="zh", dark=True)
    below = np.tril_indices(5)
    np.testing.assert_allclose(figure.data[0].z[below], found.parts[below], rtol=1e-5)
    assert "“2”与“0”的得分之差" in figure.layout.annotations[0].text
    assert "score of “2” over “0”" in found.figure().layout.annotations[0].text
    frame = found.to_frame().set_index(["time", "step"])
    assert frame["part"][4, 1] == found.parts[4, 1]
    assert "“2” over “0”" in repr(found)


def test_what_cannot_be_told_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of("gru")
    trace = rv.trace(model, SEQUENCE)
    with pytest.raises(rv.InputError, match="but Sequence came"):
        written_output(model, SEQUENCE, 0)  # type: ignore[arg-type]
    with pytest.raises(rv.InputError, match="“z” was asked for"):
        written_output(model, trace, "z")
    with pytest.raises(rv.InputError, match="no row 2"):
        written_output(model, trace, 0, row=2)
    with pytest.raises(rv.ModelError, match="trace the sequence with this model"):
        written_output(model_of("lstm"), trace, 0)
    for cell, said in (("lstm_layer_norm", "normalises it"), ("rnn", "take an LSTM or a GRU")):
        other = model_of(cell)
        with pytest.raises(rv.InputError, match=said):
            written_output(other, rv.trace(other, SEQUENCE), 0)
    monkeypatch.setattr(written_output_file, "MAX_WRITTEN_STEPS", 3)
    with pytest.raises(rv.InputError, match="at most 3 steps"):
        written_output(model, trace, 0)
