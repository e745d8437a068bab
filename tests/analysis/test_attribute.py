"""Attributions of an output to what was read, with Captum as the witness."""

from __future__ import annotations

import warnings
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
import rnnviz.analysis.attribute as attribute_file
from rnnviz.engine import output_gradients
from rnnviz.train import preset
from tests.cells.test_contracts import layer
from tests.witnesses import INPUT, MODULES, UNIT, normal, torch_module

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from captum.attr import IntegratedGradients, Occlusion

STEPS, OUTPUTS, TIME, OUTPUT = 6, 4, 4, 2
VALUES, BASELINE = normal(STEPS, INPUT, seed=1), normal(STEPS, INPUT, seed=2)


def model_and_forward(name: str, scale: str, **options: Any) -> tuple[rv.Model, Any]:
    """A model, and the same as a function of torch, (row, time, input) ▶ (row,) of one output."""
    module = torch_module(name, **options)
    width = UNIT * (2 if module.bidirectional else 1)
    weights, bias = normal(OUTPUTS, width, seed=8), normal(OUTPUTS, seed=9)
    v, d = torch.tensor(weights), torch.tensor(bias)

    def forward(x: torch.Tensor) -> torch.Tensor:
        scores = module(x.transpose(0, 1))[0][TIME] @ v.T + d
        outputs: torch.Tensor = scores if scale == "score" else scores.softmax(dim=1)
        return outputs[:, OUTPUT]

    return replace(rv.from_torch(module), readout=rv.Readout(weights, bias)), forward


KINDS = [
    *((name, {}) for name in MODULES),
    ("LSTM", {"bidirectional": True, "num_layers": 2}),
    ("GRU", {"num_layers": 2}),
]


@pytest.mark.parametrize(("name", "options"), KINDS)
@pytest.mark.parametrize("scale", ["score", "output"])
def test_integrated_gradients_are_captums(name: str, options: Any, scale: Any) -> None:
    model, forward = model_and_forward(name, scale, **options)
    x, baseline = torch.tensor(VALUES)[None], torch.tensor(BASELINE)[None]
    wanted = IntegratedGradients(forward).attribute(
        x, baselines=baseline, n_steps=20, method="gausslegendre"
    )
    found = rv.attribute(
        model, VALUES, output=OUTPUT, time=TIME, baseline=BASELINE, points=20, scale=scale
    )
    assert found.features is not None
    np.testing.assert_allclose(found.features, wanted[0].numpy(), atol=1e-10)
    np.testing.assert_allclose(found.steps, wanted[0].sum(dim=1).numpy(), atol=1e-10)
    assert found.value == pytest.approx(float(forward(x).detach()), abs=1e-12)
    assert found.baseline_value == pytest.approx(float(forward(baseline).detach()), abs=1e-12)


@pytest.mark.parametrize(("name", "options"), KINDS)
@pytest.mark.parametrize("scale", ["score", "output"])
def test_occlusion_is_captums(name: str, options: Any, scale: Any) -> None:
    model, forward = model_and_forward(name, scale, **options)
    x, baseline = torch.tensor(VALUES)[None], torch.tensor(BASELINE)[None]
    found = rv.attribute(
        model,
        VALUES,
        output=OUTPUT,
        time=TIME,
        baseline=BASELINE,
        method="occlusion",
        scale=scale,
    )
    with torch.no_grad():
        steps, features = (
            Occlusion(forward).attribute(x, baselines=baseline, sliding_window_shapes=window)[0]
            for window in ((1, INPUT), (1, 1))
        )
    np.testing.assert_allclose(found.steps, steps[:, 0].numpy(), atol=1e-10)
    assert found.features is not None
    np.testing.assert_allclose(found.features, features.numpy(), atol=1e-10)


@pytest.mark.parametrize("cell", list(rv.CELLS))
def test_attributions_of_every_cell_are_complete(cell: str) -> None:
    one = layer(cell, scale=0.5)
    model = rv.Model((one,), readout=rv.Readout(normal(3, one.n_hidden, seed=4), normal(3)))
    sequence = rv.Sequence(np.stack([VALUES, VALUES[::-1]], 1), lengths=(STEPS, STEPS - 2))
    found = rv.attribute(model, sequence, output="y1", row=1, points=300)
    logs = [
        np.log(rv.trace(model, values).outputs[STEPS - 3, 1])
        for values in (sequence, rv.Sequence(0 * sequence.values))
    ]
    # Scores are known from probabilities but for a sum that all outputs share.
    others = rv.attribute(model, sequence, output="y2", row=1, points=300)
    (in_x, in_baseline) = (one[1] - one[2] for one in logs)
    assert found.value - others.value == pytest.approx(in_x, abs=1e-10)
    assert found.total - others.total == pytest.approx(in_x - in_baseline, abs=1e-5)
    assert abs(found.gap) < 1e-5
    assert len(found.steps) == STEPS - 2


def test_a_linear_network_is_its_weights_times_what_was_read() -> None:
    """h_t = w h_{t−1} + u x_t: each x_s adds w^(t−s) u x_s, whatever the method."""
    weights = {"hidden.x": np.full((1, 1), 2.0), "hidden.h": np.full((1, 1), 0.5)}
    model = rv.Model((rv.Layer("rnn", "forward", weights, activations={"hidden": "linear"}),))
    values = np.array([[1.0], [-3.0], [2.0], [7.0]])
    for method in ("integrated_gradients", "occlusion"):
        found = rv.attribute(model, values, time=2, method=method, points=1)
        np.testing.assert_allclose(found.steps, [0.5, -3.0, 4.0, 0.0], atol=1e-12)
        assert found.gap == pytest.approx(0, abs=1e-12)
        assert found.output == "0"


def test_only_the_way_to_the_step_is_attributed_and_parts_are_joined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, _ = model_and_forward("GRU", "score")
    whole = rv.attribute(model, VALUES, output=1, time=2, points=9)
    assert whole.steps[3:].tolist() == [0, 0, 0]
    monkeypatch.setattr(output_gradients, "_MOST_ROWS", 2)
    parts = rv.attribute(model, VALUES, output=1, time=2, points=9)
    np.testing.assert_allclose(parts.steps, whole.steps, atol=1e-12)


def test_a_token_is_occluded_by_another() -> None:
    model = preset("brackets_lstm").model()
    two, five = (
        rv.attribute(model, rv.parse("(([])"), output=o, method="occlusion", baseline="(")
        for o in ("2", "5")
    )
    assert two.steps[:2].tolist() == [0, 0]
    assert two.features is not None
    assert np.count_nonzero(two.features[3]) == 2

    def margin(text: str) -> float:
        p = np.log(rv.trace(model, rv.parse(text)).outputs[-1, 0].astype(float))
        return float(p[2] - p[5])

    lost = margin("(([])") - margin("(([()")
    assert two.steps[3] - five.steps[3] == pytest.approx(lost, abs=1e-3)


def test_an_embedding_is_attributed_by_whole_tokens() -> None:
    plain = rv.random_model("gru", n_inputs=4, n_units=3, n_outputs=3, dtype=np.float64)
    model = replace(plain, embedding=normal(5, 4), vocabulary=tuple("abcde"))
    found = rv.attribute(model, rv.parse("abca"), output=1, method="occlusion", baseline="e")
    assert found.features is None
    assert list(found.to_frame().columns) == ["step", "token", "attribution"]
    other = [rv.attribute(model, rv.parse(t), output=1).value for t in ("abca", "aeca")]
    assert found.steps[1] == pytest.approx(other[0] - other[1], abs=1e-12)
    assert len(found.figure().data) == 1


def test_initial_states_and_other_readouts_count() -> None:
    one = layer("gru", scale=0.7)
    readout = rv.Readout(normal(3, UNIT, seed=4), normal(3), activation="sigmoid")
    model = rv.Model((one,), readout=readout)
    sequence = rv.Sequence(np.stack([VALUES, VALUES], 1))
    traced = rv.trace(model, sequence)
    for method in ("integrated_gradients", "occlusion"):
        found = rv.attribute(model, sequence, row=1, method=method, scale="output")
        largest = int(traced.outputs[-1, 1].argmax())
        assert found.output == f"y{largest}"
        assert found.value == pytest.approx(traced.outputs[-1, 1, largest], abs=1e-12)


def test_result_is_frozen_drawn_and_tabled() -> None:
    model, _ = model_and_forward("LSTM", "score")
    found = rv.attribute(model, VALUES, output="y1", points=3)
    with pytest.raises(FrozenInstanceError):
        found.time = 1  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        found.steps[0] = 1
    figure = found.figure(language="zh", dark=True)
    np.testing.assert_array_equal(figure.data[0].y, found.steps)
    assert found.features is not None
    np.testing.assert_allclose(figure.data[1].z, found.features.T, rtol=1e-6)
    assert "积分梯度" in figure.layout.annotations[0].text
    assert f"{found.gap:.2g}".replace("-", "−") in figure.layout.annotations[1].text
    frame = found.to_frame()
    np.testing.assert_array_equal(frame["attribution"], found.steps)
    np.testing.assert_array_equal(frame["feature x2"], found.features[:, 2])
    assert "sum" in repr(found)
    long = rv.attribute(model, normal(60, INPUT), method="occlusion").figure()
    assert long.layout.xaxis.nticks == 12


@pytest.mark.parametrize("encoding", ["one_hot", "embedding"])
def test_a_token_of_the_text_is_a_baseline_where_the_model_names_none(encoding: Any) -> None:
    read = rv.parse("abcab", encoding=encoding, size=4)
    model = rv.random_model("gru", read.n_features, 5, n_outputs=3, dtype=np.float64)
    found = rv.attribute(model, read, output=1, method="occlusion", baseline="c")
    values = read.values.copy()
    values[3] = read.values[2]
    assert model.readout is not None
    w, d = model.readout.weights[1], model.readout.bias[1]
    full, changed = (
        rv.trace(model, one.astype(np.float64))["hidden"][-1, 0] @ w + d
        for one in (read.values, values)
    )
    assert found.steps[3] == pytest.approx(float(full - changed), abs=1e-12)
    assert found.steps[2] == 0
    with pytest.raises(rv.InputError, match="“z” is no token"):
        rv.attribute(model, read, baseline="z")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"output": "z"}, "“z” was asked for"),
        ({"output": 4}, "no output 4"),
        ({"time": STEPS}, "no step 6"),
        ({"row": 1}, "no row 1"),
        ({"method": "saliency"}, "“saliency” came"),
        ({"scale": "logit"}, "“logit” came"),
        ({"points": 0}, "from 1 to 10000 points, but 0"),
        ({"points": 2.5}, "but 2.5 came"),
        ({"baseline": "a"}, "is no token"),
        ({"baseline": [1.0]}, "reads 3 finite numbers"),
        ({"baseline": np.full(3, np.nan)}, "reads 3 finite numbers"),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, Any], said: str) -> None:
    model, _ = model_and_forward("GRU", "score")
    with pytest.raises(rv.InputError, match=said):
        rv.attribute(model, VALUES, **options)


def test_what_cannot_be_read_or_computed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = model_and_forward("GRU", "score")
    with pytest.raises(rv.ModelError, match="but str came"):
        rv.attribute("model", VALUES)  # type: ignore[arg-type]
    with pytest.raises(rv.ModelError, match="reads 3 numbers"):
        rv.attribute(model, normal(4, 2))
    with pytest.raises(rv.InputError, match="file"):
        rv.attribute(model, "text")
    for method in ("integrated_gradients", "occlusion"):
        monkeypatch.setattr(attribute_file, "MAX_ATTRIBUTION_PRODUCTS", 10)
        with pytest.raises(rv.InputError, match="fewer points"):
            rv.attribute(model, VALUES, method=method)
