"""What interventions did, found again by plain NumPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.intervention_effect import intervention_effect
from tests.witnesses import BATCH, INPUT, LENGTHS, STEPS, UNIT, assert_close, normal

SEQUENCE = rv.Sequence(normal(STEPS, BATCH, INPUT, seed=2), lengths=LENGTHS)


def model(*, readout: bool = True) -> rv.Model:
    made = rv.random_model("gru", INPUT, UNIT, 2, seed=3, gain=3)
    names = ("a", "b", "c", "d")
    own = rv.Readout(4 * normal(4, UNIT, seed=1), normal(4, seed=2), names)
    return replace(made, readout=own if readout else None)


def runs(**options: bool) -> tuple[rv.Trace, rv.Trace]:
    own = [rv.Clamp("update", 0.1, units=[0, 2], start=1), rv.SetState("hidden", -0.9, 2, layer=1)]
    own_model = model(**options)
    return rv.trace(own_model, SEQUENCE), rv.trace(own_model, SEQUENCE, intervene=own)


@pytest.mark.parametrize(("layer", "row"), [(0, 0), (1, 1)])
def test_the_largest_change_is_the_one_that_no_other_exceeds(layer: int, row: int) -> None:
    one, other = runs()
    before, after = (
        trace.layers[layer].signals["hidden"][: LENGTHS[row], row] for trace in (one, other)
    )
    found = intervention_effect(one, other, layer=layer, row=row).largest
    assert found is not None
    step, unit = np.unravel_index(np.abs(after - before).argmax(), before.shape)
    assert (found.step, found.unit) == (step, str(unit))
    assert_close((found.one, found.other), (before[step, unit], after[step, unit]))


@pytest.mark.parametrize("step", [0, 2, -1])
def test_the_answer_is_the_most_probable_output_of_either_run(step: int) -> None:
    one, other = runs()
    found = intervention_effect(one, other, step=step, row=1).prediction
    assert found is not None
    at = step % LENGTHS[1]
    p, q = (trace["probabilities"][at, 1].astype(np.float64) for trace in (one, other))
    assert found.step == at
    assert (found.one, found.other) == ("abcd"[p.argmax()], "abcd"[q.argmax()])
    assert (found.one_probability, found.other_probability) == (p.max(), q.max())
    assert_close(found.divergence, (p * np.log(p / q)).sum(), 1e-7)
    answers = [trace["probabilities"][: LENGTHS[1], 1].argmax(axis=1) for trace in (one, other)]
    assert intervention_effect(one, other, row=1).flips == (answers[0] != answers[1]).sum()


def test_without_a_readout_there_is_no_answer() -> None:
    found = intervention_effect(*runs(readout=False))
    assert found.prediction is None
    assert found.largest is not None


def test_what_was_never_touched_has_no_effect() -> None:
    one, _ = runs()
    again = rv.trace(model(), SEQUENCE)
    found = intervention_effect(one, again)
    assert found.largest is None
    assert found.flips == 0


def test_an_output_that_became_impossible_has_a_finite_divergence() -> None:
    one, _ = runs()
    sure = np.zeros_like(one.outputs)
    sure[..., 0] = 1
    found = intervention_effect(one, replace(one, outputs=sure), step=1).prediction
    assert found is not None
    assert np.isfinite(found.divergence)
    assert found.divergence > 1
