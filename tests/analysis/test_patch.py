"""Numbers of one run put into another, with rv.trace and its interventions as the witness."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis import patched_runs
from rnnviz.train import preset
from tests.cells.test_contracts import layer
from tests.witnesses import INPUT, UNIT, Array, normal

STEPS, DIFFERS, STEP = 7, 4, 5
OUTPUTS = 4


def model_of(cell: str) -> rv.Model:
    one = layer(cell, scale=0.6)
    one = replace(one, initial={name: state[0] for name, state in one.initial.items()})
    readout = rv.Readout(normal(OUTPUTS, one.n_hidden, seed=8), normal(OUTPUTS, seed=9))
    return rv.Model((one,), readout=readout)


def pair(differs: int = DIFFERS) -> tuple[Array, Array]:
    """Inputs that are the same from step `differs` + 1 on."""
    a, b = normal(STEPS, INPUT, seed=1), normal(STEPS, INPUT, seed=2)
    b[differs + 1 :] = a[differs + 1 :]
    return a, b


def shares(model: rv.Model, a: Array, b: Array, other: Any) -> float:
    """(m − m_B) / (m_A − m_B), written out with logarithms of the traced probabilities."""
    runs = [rv.trace(model, a), other, rv.trace(model, b)]
    logs = [np.log(run.outputs[-1, 0]) for run in runs]
    m_a, m, m_b = (one[1] - one[3] for one in logs)
    return float((m - m_b) / (m_a - m_b))


@pytest.mark.parametrize("cell", list(rv.CELLS))
def test_a_map_holds_what_runs_with_interventions_give(cell: str) -> None:
    model, (a, b) = model_of(cell), pair()
    found = rv.patch(model, a, b, output=1, against=3)
    states = model.layers[0].cell.states
    assert found.signals[: len(states)] == states
    for number, name in enumerate(found.signals):
        given = rv.trace(model, a).layers[0]
        values = (given.before if name in states else given.signals)[name][STEP, 0]
        done = [
            rv.SetState(name, float(v), STEP, units=u)
            if name in states
            else rv.Clamp(name, float(v), u, STEP, STEP + 1)
            for u, v in enumerate(values)
        ]
        wanted = shares(model, a, b, rv.trace(model, b, intervene=done))
        assert found.recovered[STEP, number] == pytest.approx(wanted, abs=1e-10)
        opened = shares(model, a, b, found.trace(STEP, name))
        assert opened == pytest.approx(wanted, abs=1e-10)


@pytest.mark.parametrize("cell", list(rv.CELLS))
def test_all_is_one_and_none_is_nought(cell: str) -> None:
    model, (a, b) = model_of(cell), pair()
    found = rv.patch(model, a, b, output=1, against=3)
    np.testing.assert_allclose(found.all_states[DIFFERS + 1 :], 1, atol=1e-12)
    assert abs(found.none) < 1e-12
    np.testing.assert_allclose(found.all_states[0], 0, atol=1e-12)


@pytest.mark.parametrize("cell", ["lstm_projected", "gru", "rnn", "slstm"])
def test_a_unit_is_put_in_alone(cell: str) -> None:
    model, (a, b) = model_of(cell), pair()
    found = rv.patch(model, a, b, output=1, against=3)
    units = found.at(STEP)
    for number, name in enumerate(units.signals):
        for unit in (0, UNIT - 1):
            wanted = shares(model, a, b, found.trace(STEP, name, unit))
            if not np.isnan(units.recovered[number, unit]):
                assert units.recovered[number, unit] == pytest.approx(wanted, abs=1e-10)
    one = rv.patch(model, a, b, output=1, against=3, units=0, steps=STEP)
    np.testing.assert_allclose(one.recovered[0], units.recovered[:-1, 0], atol=1e-12)


def deep(directions: tuple[str, ...]) -> rv.Model:
    one = rv.random_model(
        "lstm", INPUT, 4, 2, bidirectional=len(directions) > 1, n_outputs=OUTPUTS, dtype=np.float64
    )
    return replace(one, is_trained=True)


@pytest.mark.parametrize("directions", [("forward",), ("forward", "backward")])
@pytest.mark.parametrize("number", [0, 1])
def test_every_layer_of_a_stack_is_patched(directions: tuple[str, ...], number: int) -> None:
    model, (a, b) = deep(directions), pair()
    found = rv.patch(model, a, b, output=1, against=3, layer=number, time=STEPS - 1)
    for step in (1, STEP):
        for name in ("cell", "forget"):
            column = found.signals.index(name)
            wanted = shares(model, a, b, found.trace(step, name))
            assert found.recovered[step, column] == pytest.approx(wanted, abs=1e-10)
        wanted = shares(model, a, b, found.trace(step, "states"))
        assert found.all_states[step] == pytest.approx(wanted, abs=1e-10)
    if len(directions) == 1:
        np.testing.assert_allclose(found.all_states[DIFFERS + 1 :], 1, atol=1e-12)


def test_many_rows_are_run_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    model, (a, b) = model_of("lstm"), pair()
    whole = rv.patch(model, a, b, output=1, against=3)
    monkeypatch.setattr(patched_runs, "_ROWS", 3)
    parts = rv.patch(model, a, b, output=1, against=3)
    np.testing.assert_allclose(parts.recovered, whole.recovered, atol=1e-12)


def test_numbers_are_compared_where_outputs_are_no_classes() -> None:
    plain = model_of("gru")
    assert plain.readout is not None
    model = replace(plain, readout=replace(plain.readout, activation="linear"))
    a, b = pair()
    found = rv.patch(model, a, b, time=5)
    one, other = (rv.trace(model, x).outputs[5, 0] for x in (a, b))
    furthest = int(np.abs(one - other).argmax())
    assert found.answers == (f"y{furthest}", "")
    patched = found.trace(3, "hidden").outputs[5, 0]
    wanted = (patched - other)[furthest] / (one - other)[furthest]
    assert found.recovered[3, 0] == pytest.approx(wanted, abs=1e-12)
    assert "y" in repr(found)
    bare = rv.patch(replace(model, readout=None), a, b, output=2)
    assert bare.answers == ("2", "")
    np.testing.assert_allclose(bare.all_states[DIFFERS + 1 :], 1, atol=1e-12)


def test_the_depth_of_brackets_is_carried_by_both_states() -> None:
    model = preset("brackets_lstm").model()
    found = rv.patch(model, rv.parse("(([]{}[]"), rv.parse("()[]{}[]"))
    assert found.answers == ("2", "0")
    assert found.tokens[1] == ("(", ")")
    at = dict(zip(found.signals, found.recovered[6].round(2).tolist(), strict=True))
    assert (at["hidden"], at["cell"]) == (0.14, 0.44)
    assert found.flips[6].tolist() == [False, True, False, False, False, False]
    opened = found.trace(6, "cell")
    assert opened.output_names[opened.outputs[-1, 0].argmax()] == "2"


def test_a_row_of_a_padded_batch_is_taken_without_its_padding() -> None:
    model, (a, b) = model_of("gru"), pair()
    padded = [
        rv.Sequence(np.stack([np.zeros_like(x), x], 1)[:STEPS], lengths=(STEPS, STEPS - 1))
        for x in (a, b)
    ]
    runs = [rv.trace(model, x) for x in padded]
    found = rv.patch(model, *runs, output=1, against=3, row=1)
    alone = rv.patch(model, a[:-1], b[:-1], output=1, against=3)
    np.testing.assert_allclose(found.recovered, alone.recovered, atol=1e-12)


def test_rings_stand_where_the_answer_is_that_of_a_and_are_seen_on_every_colour() -> None:
    model, (a, b) = model_of("lstm"), pair()
    found = rv.patch(model, a, b, output=2, against=0)
    assert found.flips.any()
    rings = found.figure().data[1:]
    assert [ring.marker.color for ring in rings] == ["#000000", "#ffffff"]
    assert {len(ring.x) for ring in rings} == {found.flips.sum()}


def test_result_is_frozen_drawn_and_tabled() -> None:
    model, (a, b) = model_of("lstm"), pair()
    found = rv.patch(model, a, b, output=1, against=3)
    with pytest.raises(FrozenInstanceError):
        found.layer = 1  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        found.recovered[0, 0] = 1
    figure = found.figure(language="zh", dark=True)
    np.testing.assert_allclose(figure.data[0].z[:-1], found.recovered.T, atol=1e-6)
    np.testing.assert_allclose(figure.data[0].z[-1], found.all_states, atol=1e-6)
    assert "A 的答案" in figure.layout.annotations[0].text
    units = found.at(STEP)
    np.testing.assert_allclose(units.figure().data[0].z, units.recovered, atol=1e-6)
    frame = found.to_frame()
    assert len(frame) == STEPS * 6
    assert (
        frame.query("step == 5 and signal == 'cell'")["recovered"].item() == (found.recovered[5, 1])
    )
    assert len(units.to_frame()) == 7 * UNIT
    assert "units that flip" in repr(units)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layer": 1}, "no layer 1"),
        ({"time": STEPS}, "no step 7"),
        ({"row": 1}, "no row 1"),
        ({"signals": ["forgot"]}, "“forgot” was asked for"),
        ({"signals": []}, "At least one signal"),
        ({"steps": [9]}, "from 0 to 6, but 9"),
        ({"steps": ["x"]}, "but x came"),
        ({"steps": []}, "At least one step"),
        ({"units": 5}, "no unit 5"),
        ({"units": []}, "At least one unit"),
        ({"output": "z"}, "“z” was asked for"),
        ({"output": 9}, "no output 9"),
        ({"output": 2, "against": 2}, "nothing can return"),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, Any], said: str) -> None:
    model, (a, b) = model_of("lstm"), pair()
    with pytest.raises(rv.InputError, match=said):
        rv.patch(model, a, b, **{"output": 1, "against": 3, **options})


def test_runs_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model, (a, b) = model_of("lstm"), pair()
    with pytest.raises(rv.ModelError, match="but str came"):
        rv.patch("model", a, b)  # type: ignore[arg-type]
    with pytest.raises(rv.InputError, match="A has 7 and B has 5"):
        rv.patch(model, a, b[:5])
    with pytest.raises(rv.InputError, match="swap A and B"):
        rv.patch(model, a, rv.trace(model, b, intervene=[rv.Clamp("forget", 1)]))
    with pytest.raises(rv.ModelError, match="trace the sequence with this model"):
        rv.patch(model, rv.trace(model_of("gru"), a), b)
    with pytest.raises(rv.InputError, match="nothing can return"):
        rv.patch(model, a, a)
    with pytest.raises(rv.InputError, match="nothing can return"):
        rv.patch(model, a, a, output=1, against=3)
    found = rv.patch(model, a, b, output=1, against=3, signals="cell")
    with pytest.raises(rv.InputError, match="are cell, states, but “forget”"):
        found.interventions(1, "forget")
    with pytest.raises(rv.InputError, match="no unit 9"):
        found.interventions(1, "cell", 9)
    with pytest.raises(rv.InputError, match="no step 9"):
        found.at(9)
    monkeypatch.setattr(patched_runs, "MAX_PATCH_PRODUCTS", 10)
    with pytest.raises(rv.InputError, match=r"steps=range\(0, 7\)"):
        rv.patch(model, a, b, output=1, against=3)
