"""What `rnnviz.diff` says, shows and gives."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.doctor.findings import Cause, Finding, ModelPlace
from rnnviz.doctor.told import cause_text
from rnnviz.i18n import LANGUAGES
from tests.doctor.faults import BOTH, FAULTS, GRU, LSTM, planted
from tests.doctor.planted import network, with_blocks, with_layer
from tests.witnesses import normal

VALUES = normal(9, 2, 4, seed=7)
SWAPPED = planted(LSTM, lambda state: with_blocks(state, (1, 0, 2, 3)))


def test_place_growth_and_cause_are_said() -> None:
    found = rv.diff(*SWAPPED, VALUES, names=("m.pt", "m.onnx"))
    said = str(found)
    assert "m.pt and m.onnx part in layer 1, at step 1, in the forget gate" in said
    assert "the forget gate of m.pt is the input gate of m.onnx" in said
    assert "With this undone, the largest difference is" in said
    assert "遗忘门" in found.text("zh")
    assert repr(found) == "<ModelDiff m.pt and m.onnx: gate_order>"


def test_a_token_is_named_where_it_is_more_than_a_number() -> None:
    model = rv.from_torch(network("GRU")).with_vocabulary("abcd")
    clipped = with_layer(model, clip=0.01)
    assert "at step 1 (“c”)" in str(rv.diff(model, clipped, rv.parse("cab")))


@pytest.mark.parametrize("fault", FAULTS)
def test_every_cause_has_its_sentence(fault: str) -> None:
    name, make = FAULTS[fault]
    model, other = make()
    found = rv.diff(model, other, normal(9, 2, model.n_inputs, seed=7), names=("one", "two"))
    assert len(found.causes) >= len(name.split(", "))
    for language in LANGUAGES:
        said = found.text(language)
        assert "{" not in said
        for cause in found.causes:
            assert cause_text(cause, ("one", "two"), language) in said


def test_the_faulty_model_is_told_from_the_other() -> None:
    cause = Cause(Finding("bias_lost", (("faulty", "one"),)), (ModelPlace("layer"),))
    assert cause_text(cause, ("a", "b")) == "layer 1: a bias of b is missing in a."


def test_a_figure_has_a_line_for_every_layer_and_marks_the_parting() -> None:
    found = rv.diff(*planted(BOTH, lambda s: with_blocks(s, (1, 0, 2, 3))), VALUES)
    figure = found.figure("zh")
    assert [line.name for line in figure.data] == ["第 1 层（正向）", "第 1 层（反向）"]
    np.testing.assert_allclose(figure.data[1].customdata, found.growth(1))
    assert figure.layout.shapes[0].x0 == found.parting.step + 1
    spaced = replace(found, tokens=(" ", *found.tokens[1:]))
    assert spaced.figure().layout.xaxis.ticktext[0] == "␣"
    same = rv.diff(SWAPPED[0], SWAPPED[0], VALUES).figure()
    assert "no difference" in [each.text for each in same.layout.annotations]


def test_a_frame_has_every_signal_at_every_step() -> None:
    frame = rv.diff(*SWAPPED, VALUES).to_frame()
    assert len(frame) == 2 * 6 * 9
    forget = frame[(frame.layer == 0) & (frame.signal == "forget")].delta.max()
    one, other = (rv.trace(model, VALUES)["forget"] for model in SWAPPED)
    assert forget == pytest.approx(np.abs(other - one).max(), abs=1e-6)


def test_a_page_of_a_notebook_escapes_the_names_of_files() -> None:
    said = rv.diff(*SWAPPED, VALUES, names=("<b>", "b"))._repr_html_()
    assert "<b>" not in said


def test_an_embedding_and_a_readout_are_compared_too(tmp_path: Path) -> None:
    class Tagger(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = torch.nn.Embedding(7, 4)
            self.rnn = network("GRU")
            self.out = torch.nn.Linear(6, 3)

    torch.manual_seed(0)
    tagger = Tagger()
    torch.save(tagger.state_dict(), tmp_path / "m.pt")
    halved = {name: a.half().float() for name, a in tagger.state_dict().items()}
    torch.save(halved, tmp_path / "half.pt")
    found = rv.diff(tmp_path / "m.pt", tmp_path / "half.pt", np.arange(7))
    assert found.cause == "float16"
    assert found.parting is not None
    assert found.parting.place.kind == "embedding"
    torch.save({**tagger.state_dict(), "out.bias": torch.zeros(3)}, tmp_path / "lost.pt")
    found = rv.diff(tmp_path / "m.pt", tmp_path / "lost.pt", np.arange(7))
    assert found.parting is not None
    assert (found.parting.place.kind, found.cause) == ("readout", "bias_lost")


def test_what_a_file_leaves_open_is_told(tmp_path: Path) -> None:
    module = network("RNN", nonlinearity="relu")
    torch.save(module.state_dict(), tmp_path / "m.pt")
    found = rv.diff(tmp_path / "m.pt", module, torch.tensor(VALUES[:, :1], dtype=torch.float32))
    assert found.cause == "activation"
    assert "the activation is tanh" in str(found)


def test_noise_is_read_where_no_sequence_is_given() -> None:
    assert len(rv.diff(*SWAPPED).tokens) == 32
    assert rv.diff(rv.from_torch(GRU), GRU).is_same


def test_a_readout_whose_weights_and_bias_were_rounded_is_named_once(tmp_path: Path) -> None:
    module = torch.nn.ModuleDict({"rnn": torch.nn.GRU(4, 3), "head": torch.nn.Linear(3, 2)})
    torch.save(module.state_dict(), tmp_path / "model.pt")
    torch.save(module.half().state_dict(), tmp_path / "half.pt")
    said = str(rv.diff(tmp_path / "model.pt", tmp_path / "half.pt", VALUES))
    assert said.count("readout: numbers of half.pt") == 1


def test_one_file_is_called_by_its_name(tmp_path: Path) -> None:
    layer = torch.nn.GRU(4, 3)
    torch.save(layer.state_dict(), tmp_path / "model.pt")
    assert rv.diff(layer, tmp_path / "model.pt", torch.zeros(5, 1, 4)).names == ("a", "model.pt")
    assert rv.diff(tmp_path / "model.pt", layer, torch.zeros(5, 1, 4)).names == ("model.pt", "b")


def test_a_live_copy_in_half_precision_reads_rounded_numbers_too() -> None:
    class Forecast(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = torch.nn.LSTM(4, 3, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.rnn(x)[0]

    model, values = Forecast(), torch.tensor(VALUES, dtype=torch.float32)
    with pytest.warns(rv.AssumptionWarning, match="float16") as seen:
        found = rv.diff(model, copy.deepcopy(model).half(), values)
    assert {one.filename for one in seen} == {__file__}
    assert "Cause, proved by undoing it: inputs: numbers of b (all numbers)" in str(found)
    assert {cause.finding.name for cause in found.causes} == {"float16"}
