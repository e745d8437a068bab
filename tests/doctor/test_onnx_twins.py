"""A module and its ONNX twin: an export that lost something is told apart from one that did not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

import rnnviz as rv
from tests.doctor.planted import network, quantised
from tests.doctor.sound import onnx as exported
from tests.witnesses import normal

VALUES = torch.tensor(normal(9, 2, 4, seed=7).astype(np.float32))
Change = Callable[[Any], None]


def twin(module: Any, folder: Path, change: Change) -> Path:
    """The module as torch's exporter writes it, with something changed in every recurrent node."""
    path = exported(module, folder)
    proto = onnx.load(path)
    for node in proto.graph.node:
        if node.op_type in ("RNN", "LSTM", "GRU"):
            change(node)
    onnx.checker.check_model(proto)
    onnx.save(proto, path)
    return path


def lose_linear_before_reset(node: Any) -> None:
    """As onnxscript's translation of GRU did (its issue 2852)."""
    kept = [one for one in node.attribute if one.name != "linear_before_reset"]
    assert len(kept) == len(node.attribute) - 1
    del node.attribute[:]
    node.attribute.extend(kept)


def with_attribute(**given: Any) -> Change:
    return lambda node: node.attribute.extend(
        helper.make_attribute(name, value) for name, value in given.items()
    )


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "options",
    [{}, {"num_layers": 2}, {"bidirectional": True}, {"num_layers": 2, "bidirectional": True}],
    ids=str,
)
def test_a_gru_whose_export_lost_linear_before_reset(
    options: dict[str, Any], turned: bool, tmp_path: Path
) -> None:
    module = network("GRU", **options)
    path = twin(module, tmp_path, lose_linear_before_reset)
    # The witness that something is wrong: the runtime itself on the file.
    assert apart_in_onnxruntime(module, path) > 1e-2
    found = rv.diff(*((path, module) if turned else (module, path)), VALUES)
    assert found.cause == "reset"
    assert found.left is not None
    assert found.left < 1e-6
    assert len(found.causes[0].places) == len(rv.from_torch(module).layers)
    before = found.causes[0].finding.fact("before")
    assert before == ("one" if turned else "other")
    assert found.parting is not None
    # At the first step the state is 0: only the recurrent bias tells the two apart, in n.
    assert (found.parting.step, found.parting.signal.name) == (0, "candidate")


def apart_in_onnxruntime(module: Any, path: Path) -> float:
    import onnxruntime

    with torch.no_grad():
        wanted = module(VALUES[:5])[0].numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {session.get_inputs()[0].name: VALUES[:5].numpy()})[0]
    return float(np.abs(got - wanted).max())


def test_a_gru_without_biases_parts_at_its_second_step(tmp_path: Path) -> None:
    module = network("GRU", bias=False)
    found = rv.diff(module, twin(module, tmp_path, lose_linear_before_reset), VALUES)
    assert found.cause == "reset"
    assert found.parting is not None
    assert (found.parting.step, found.parting.signal.name) == (1, "candidate")


@pytest.mark.parametrize(
    ("name", "change", "cause"),
    [
        ("LSTM", with_attribute(clip=0.7), "clip"),
        ("LSTM", with_attribute(activations=["HardSigmoid", "Tanh", "Tanh"]), "activation"),
        ("RNN", with_attribute(activations=["Relu"]), "activation"),
        ("GRU", with_attribute(activations=["Sigmoid", "Softsign"]), "activation"),
    ],
)
def test_a_setting_of_the_operator_that_the_module_does_not_have(
    name: str, change: Change, cause: str, tmp_path: Path
) -> None:
    def replacing(node: Any) -> None:
        kept = [one for one in node.attribute if one.name != "activations"]
        del node.attribute[:]
        node.attribute.extend(kept)
        change(node)

    module = network(name)
    assert rv.diff(module, twin(module, tmp_path, replacing), VALUES).cause == cause


def test_an_operator_that_reads_in_the_other_direction(tmp_path: Path) -> None:
    module = network("LSTM")

    def reverse(node: Any) -> None:
        with_attribute(direction="reverse")(node)

    assert rv.diff(module, twin(module, tmp_path, reverse), VALUES).cause == "direction"


@pytest.mark.parametrize("axis", [None, 2], ids=["one scale", "a scale a row"])
def test_an_int8_twin(axis: int | None, tmp_path: Path) -> None:
    module = network("GRU", num_layers=2)
    path = exported(module, tmp_path)
    proto = onnx.load(path)
    for tensor in proto.graph.initializer:
        array = numpy_helper.to_array(tensor)
        # W and R (direction, gate · unit, …), and not the bias.
        if array.ndim == 3 and array.shape[1] == 18:
            tensor.CopyFrom(
                numpy_helper.from_array(quantised(array, axis).astype(np.float32), tensor.name)
            )
    onnx.save(proto, path)
    found = rv.diff(path, module, VALUES)
    assert found.cause == "int8"
    assert found.causes[0].finding.fact("faulty") == "one"
    assert found.causes[0].finding.fact("roles") == "x h"


def test_onnxruntimes_own_dynamic_quantisation_is_int8(tmp_path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    module = network("LSTM", inputs=8, units=16)
    path = exported(module, tmp_path)
    quantize_dynamic(path, tmp_path / "int8.onnx", weight_type=QuantType.QInt8)
    found = rv.diff(path, tmp_path / "int8.onnx", normal(9, 2, 8))
    assert found.cause == "int8"


def test_torchs_own_dynamic_quantisation_is_int8(tmp_path: Path) -> None:
    module = torch.nn.Sequential(network("LSTM", inputs=8, units=16))
    with warnings.catch_warnings():
        # It is deprecated, and what it wrote lies about.
        warnings.simplefilter("ignore")
        small = torch.ao.quantization.quantize_dynamic(module, {torch.nn.LSTM}, torch.qint8)
    torch.save(small.state_dict(), tmp_path / "int8.pt")
    torch.save(module.state_dict(), tmp_path / "m.pt")
    found = rv.diff(tmp_path / "m.pt", tmp_path / "int8.pt", normal(9, 2, 8))
    assert found.cause == "int8"
    assert found.causes[0].finding.fact("faulty") == "other"
