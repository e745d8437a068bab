"""Whatever bytes come: a stack, or one sentence, soon and without much memory."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import AttributeProto, ModelProto, TensorProto, helper, numpy_helper, save_model

from rnnviz.core.arrays import Array
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.readers.onnx import import_onnx
from rnnviz.readers.result import ImportResult, Source
from tests.readers.onnx.onnx_files import found, model, node, only, weights

ARRAYS = weights("LSTM", (4, 5), dtype=np.float32)
SECONDS = 2.0


def opened(data: bytes, folder: Path | None = None) -> tuple[ImportResult, ...] | None:
    """What is found, None where it was refused in a sentence; anything else fails the test."""
    came, said, start = None, "", time.process_time()
    try:
        came = import_onnx(Source("model.onnx", data, folder), {})
    except ModelError as error:
        said = str(error)
    assert came is not None or (said.endswith(".") and len(said) < 500)
    assert time.process_time() - start < SECONDS
    return came


def refused(proto: Any, *said: str) -> None:
    """A ModelError that says so, soon."""
    data, start = proto.SerializeToString(), time.process_time()
    with pytest.raises(ModelError) as caught:
        import_onnx(Source("model.onnx", data), {})
    assert time.process_time() - start < SECONDS
    for words in said:
        assert words in str(caught.value)


def small() -> Any:
    """An embedding, an LSTM, a readout."""
    arrays = ARRAYS | {"E": np.ones((6, 4), np.float32), "V": np.ones((5, 3), np.float32)}
    nodes = [
        helper.make_node("Gather", ["E", "tokens"], ["X"]),
        node("LSTM", ARRAYS),
        helper.make_node("Squeeze", ["Y", "one"], ["h"]),
        helper.make_node("MatMul", ["h", "V"], ["y"]),
    ]
    given_ = {"tokens": (None, None)}
    return model(nodes, arrays | {"one": np.array([1])}, given=given_, made="y")


SMALL = small().SerializeToString()


# damaged files


def test_the_file_that_is_damaged_below_is_whole() -> None:
    (one,) = import_onnx(Source("model.onnx", SMALL), {})
    assert one.model.embedding is not None
    assert one.model.readout is not None


@pytest.mark.parametrize("data", [b"", b"\0", b"PK\3\4", b"text, no model\n" * 9, b"\xff" * 99])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    assert opened(data) is None


def test_a_file_cut_off_anywhere_is_refused() -> None:
    # What stands last is the operator set, without which the graph is still whole.
    end = len(small().graph.SerializeToString())
    assert not [n for n in range(0, end, 7) if opened(SMALL[:n]) is not None]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(1, 255)), max_size=4))
def test_changed_bytes_give_a_stack_or_a_sentence(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SMALL)
    for place, by in changes:
        data[place] ^= by
    opened(bytes(data))


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_sentence(data: bytes) -> None:
    assert opened(data) is None


@settings(max_examples=150)
@given(st.data())
def test_any_change_of_an_attribute_or_a_wire_gives_a_stack_or_a_sentence(data: Any) -> None:
    proto = small()
    names = ["X", "Y", "Y_h", "W", "R", "B", "E", "V", "h", "y", "one", "tokens", "", "nowhere"]
    for _ in range(data.draw(st.integers(1, 4))):
        own = data.draw(st.sampled_from(list(proto.graph.node)))
        wires = own.input if data.draw(st.booleans()) else own.output
        wires[data.draw(st.integers(0, len(wires) - 1))] = data.draw(st.sampled_from(names))
        number = data.draw(st.sampled_from([-(2**63), -1, 0, 1, 5, 2**31, 2**63 - 1]))
        attribute = data.draw(
            st.sampled_from(
                ["hidden_size", "axis", "layout", "input_forget", "clip", "activations"]
            )
        )
        del own.attribute[:]
        own.attribute.append(helper.make_attribute(attribute, number))
    opened(proto.SerializeToString())


# sizes


def with_weight(name: str, tensor: Any) -> Any:
    arrays = {key: array for key, array in ARRAYS.items() if key != name}
    proto = model([node("LSTM", ARRAYS)], arrays)
    tensor.name = name
    proto.graph.initializer.append(tensor)
    return proto


@pytest.mark.parametrize("dims", [[1, 20, 5], [2**40, 2**40], [-1, 20, 4], [], [1] * 70, [0]])
def test_a_tensor_that_declares_another_size_than_it_has_is_refused(dims: list[int]) -> None:
    tensor = numpy_helper.from_array(ARRAYS["W"])
    del tensor.dims[:]
    tensor.dims.extend(dims)
    refused(with_weight("W", tensor), "shape")


def test_typed_data_of_another_size_is_refused() -> None:
    tensor = helper.make_tensor("W", TensorProto.FLOAT, (1, 20, 4), ARRAYS["W"].ravel())
    tensor.float_data.pop()
    refused(with_weight("W", tensor), "shape")


def test_texts_in_the_place_of_weights_are_refused() -> None:
    tensor = helper.make_tensor("W", TensorProto.STRING, (1,), [b"text"])
    refused(with_weight("W", tensor), "plain numbers")


def test_integers_in_the_place_of_weights_are_refused() -> None:
    tensor = numpy_helper.from_array(np.ones((1, 20, 4), np.int8))
    refused(with_weight("W", tensor), "float")


def test_weights_that_are_not_finite_are_refused() -> None:
    bad = ARRAYS["W"].copy()
    bad[0, 3, 2] = np.nan
    refused(with_weight("W", numpy_helper.from_array(bad)), "finite")


def test_sparse_weights_are_refused() -> None:
    proto = model([node("LSTM", ARRAYS)], {k: a for k, a in ARRAYS.items() if k != "W"})
    sparse = proto.graph.sparse_initializer.add()
    sparse.values.CopyFrom(numpy_helper.from_array(np.float32([1]), "W"))
    refused(proto, "sparse")


def test_weights_given_at_run_time_are_refused() -> None:
    proto = model([node("LSTM", ARRAYS)], {k: a for k, a in ARRAYS.items() if k != "R"})
    refused(proto, "weights R", "run time")


def test_a_model_without_recurrent_nodes_is_refused() -> None:
    refused(model([helper.make_node("Relu", ["X"], ["Y"])], {}), "LSTM, GRU or RNN")


@pytest.mark.parametrize("name", ["W", "R", "B"])
def test_weights_of_another_shape_are_refused(name: str) -> None:
    proto = model([node("LSTM", ARRAYS)], ARRAYS | {name: ARRAYS[name][:, :-1]})
    refused(proto, f"its {name} should be")


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"direction": "sideways"}, "sideways"),
        ({"direction": "bidirectional"}, "should be (2, 20, 4)"),
        ({"clip": -1.0}, "clip"),
        ({"clip": float("nan")}, "clip"),
        ({"activations": ["Tanh"]}, "3 activations"),
        ({"activations": ["Tanh", "Tanh", "Gelu"]}, "Gelu"),
        ({"activations": ["Affine", "Tanh", "Tanh"]}, "activation_alpha"),
        ({"activations": ["Elu", "Tanh", "Tanh"], "activation_alpha": [float("inf")]}, "finite"),
        ({"activations": ["Tanh", "Tanh", "Tanh"], "input_forget": 1}, "coupled"),
        ({"hidden_size": 2**62}, "should be"),
        ({"hidden_size": -5}, "should be"),
    ],
)
def test_attributes_that_mean_nothing_are_refused(attributes: dict[str, Any], words: str) -> None:
    refused(model([node("LSTM", ARRAYS, **attributes)], ARRAYS), words)


# small files that would become large, or never end


def test_a_chain_that_doubles_its_constant_is_refused() -> None:
    chain = [helper.make_node("Concat", [f"c{i}"] * 2, [f"c{i + 1}"], axis=0) for i in range(60)]
    last = helper.make_node("Identity", ["c60"], ["W"])
    arrays = {"R": ARRAYS["R"], "B": ARRAYS["B"], "c0": np.zeros((1, 20, 4), np.float32)}
    refused(model([*chain, last, node("LSTM", ARRAYS)], arrays), "unpack")


def test_a_constant_spread_to_a_huge_shape_is_refused() -> None:
    spread = helper.make_node("Expand", ["c", "shape"], ["W"])
    arrays = {"c": np.float32(1), "shape": np.array([1, 20, 2**33]), "R": ARRAYS["R"]}
    refused(model([spread, node("LSTM", ARRAYS)], arrays), "unpack")


def test_a_long_chain_of_nodes_is_followed_to_its_end() -> None:
    chain = [helper.make_node("Identity", [f"c{i}"], [f"c{i + 1}"]) for i in range(20_000)]
    last = helper.make_node("Identity", ["c20000"], ["W"])
    arrays = {"R": ARRAYS["R"], "B": ARRAYS["B"], "c0": ARRAYS["W"]}
    came = opened(model([*chain, last, node("LSTM", ARRAYS)], arrays).SerializeToString())
    assert came is not None
    np.testing.assert_array_equal(first_weight(came), ARRAYS["W"][0, :5])


def test_nodes_in_a_circle_end() -> None:
    round_ = [helper.make_node("Identity", [a], [b]) for a, b in (("p", "q"), ("q", "p"))]
    arrays = {k: a for k, a in ARRAYS.items() if k != "W"}
    w = helper.make_node("Identity", ["p"], ["W"])
    refused(model([*round_, w, node("LSTM", ARRAYS)], arrays), "run time")
    low, top = (weights("RNN", (5, 5), dtype=np.float32) for _ in range(2))
    back = helper.make_node("Squeeze", ["uY", "one"], ["X"])
    forth = helper.make_node("Squeeze", ["Y", "one"], ["uX"])
    up = helper.make_node("RNN", ["uX", "W", "R", "B"], ["uY"], hidden_size=5)
    constants = low | {"one": np.array([1])}
    proto = model([node("RNN", top), forth, up, back], constants, given={})
    refused(proto, "damaged")


def test_functions_that_call_themselves_are_refused() -> None:
    call = helper.make_node("Again", ["x"], ["y"], domain="own")
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    function = helper.make_function("own", "Again", ["x"], ["y"], [call], imports)
    first = helper.make_node("Again", ["X"], ["Y"], domain="own")
    refused(model([first], {}, functions=(function,)), "deep")


def test_functions_that_multiply_are_refused() -> None:
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    functions = [
        helper.make_function(
            "own",
            f"F{i}",
            ["x"],
            ["y"],
            [helper.make_node(f"F{i + 1}", ["x"], [f"y{j}"], domain="own") for j in range(9)],
            imports,
        )
        for i in range(20)
    ]
    first = helper.make_node("F0", ["X"], ["Y"], domain="own")
    refused(model([first], {}, functions=tuple(functions)), "nodes")


def test_bodies_nested_too_deep_are_refused() -> None:
    graph = model([node("LSTM", ARRAYS)], ARRAYS).graph
    for _ in range(18):
        whole = helper.make_node("If", ["go"], ["Y"], then_branch=graph)
        graph = helper.make_graph([whole], "g", [], [])
    proto = ModelProto()
    proto.graph.CopyFrom(graph)
    refused(proto, "deep")


@pytest.mark.parametrize("n", [500_000, 5_000_000])
def test_very_many_tiny_parts_are_refused_before_they_are_made(n: int) -> None:
    graph = b"\x0a\x00" * n
    size = bytes([0x3A]) + _varint(len(graph))
    assert opened(size + graph) is None


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def test_a_name_that_is_no_text_is_refused() -> None:
    data = SMALL.replace(b"Squeeze", b"Squ\xff\xfeze")
    assert opened(data) is None


def test_an_attribute_of_another_type_is_no_crash() -> None:
    own = node("LSTM", ARRAYS)
    for name in ("direction", "activations", "clip", "layout", "activation_alpha"):
        own.attribute.append(AttributeProto(name=name, type=AttributeProto.INT, i=3))
    opened(model([own], ARRAYS).SerializeToString())


# weights in another file


def saved(folder: Path, location: str = "weights.bin") -> bytes:
    """A model in a folder whose weights are in another file."""
    path = folder / "model.onnx"
    save_model(
        model([node("LSTM", ARRAYS)], ARRAYS),
        str(path),
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    proto = ModelProto.FromString(path.read_bytes())
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    return proto.SerializeToString()


def said_of(data: bytes, folder: Path | None) -> str:
    with pytest.raises(ModelError) as caught:
        import_onnx(Source("model.onnx", data, folder), {})
    return str(caught.value)


def first_weight(came: tuple[ImportResult, ...]) -> Array:
    return came[0].model.layers[0].weights["input.x"]


def test_weights_in_a_file_beside_the_model_are_read(tmp_path: Path) -> None:
    came = import_onnx(Source("model.onnx", saved(tmp_path), tmp_path), {})
    np.testing.assert_array_equal(first_weight(came), ARRAYS["W"][0, :5])


def test_an_upload_brings_both_files_as_it_says(tmp_path: Path) -> None:
    data = saved(tmp_path)
    assert "“weights.bin”; choose both files together" in said_of(data, None)
    beside = {"weights.bin": (tmp_path / "weights.bin").read_bytes()}
    came = import_onnx(Source("model.onnx", data, beside=beside), {})
    np.testing.assert_array_equal(first_weight(came), ARRAYS["W"][0, :5])
    short = Source("model.onnx", data, beside={"weights.bin": b"short"})
    with pytest.raises(ModelError, match="should be 320 bytes of a plain file"):
        import_onnx(short, {})


@pytest.mark.parametrize(
    "location",
    [
        "../weights.bin",
        "inner/../weights.bin",
        "{folder}/weights.bin",
        "..",
        "",
        ".",
        "a\0b",
        "/etc",
    ],
)
def test_weights_anywhere_else_are_not_read(tmp_path: Path, location: str) -> None:
    data = saved(tmp_path, location.format(folder=tmp_path))
    inner = tmp_path / "inner"
    inner.mkdir()
    for folder in (tmp_path, inner):
        assert "beside" in said_of(data, folder)


def test_links_and_pipes_beside_the_model_are_not_followed(tmp_path: Path) -> None:
    data, inner = saved(tmp_path), tmp_path / "inner"
    inner.mkdir()
    (inner / "weights.bin").symlink_to(tmp_path / "weights.bin")
    assert "beside" in said_of(data, inner)
    (inner / "weights.bin").unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(inner / "weights.bin")
        assert "beside" in said_of(data, inner)


def test_a_file_beside_that_is_too_short_or_missing_is_refused(tmp_path: Path) -> None:
    data = saved(tmp_path)
    (tmp_path / "weights.bin").write_bytes(b"short")
    assert "bytes" in said_of(data, tmp_path)
    (tmp_path / "weights.bin").unlink()
    assert "“weights.bin”; choose both files together" in said_of(data, tmp_path)


@pytest.mark.parametrize(("key", "value"), [("offset", "-4"), ("offset", "x"), ("length", "1")])
def test_offsets_that_lead_nowhere_are_refused(tmp_path: Path, key: str, value: str) -> None:
    proto = ModelProto.FromString(saved(tmp_path))
    for tensor in proto.graph.initializer:
        kept = [e for e in tensor.external_data if e.key != key]
        entries = [(e.key, e.value) for e in kept] + [(key, value)]
        del tensor.external_data[:]
        for name, text in entries:
            entry = tensor.external_data.add()
            entry.key, entry.value = name, text
    assert "beside" in said_of(proto.SerializeToString(), tmp_path)


def test_without_onnx_the_sentence_gives_the_line_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingLibraryError, match="pip install onnx"):
        import_onnx(Source("model.onnx", SMALL), {})


def test_what_cannot_be_read_is_named_beside_what_can() -> None:
    loose = helper.make_node("GRU", ["X", "given", "R"], ["Z"], name="loose", hidden_size=5)
    one = only(model([node("LSTM", ARRAYS), loose], ARRAYS))
    assert one.name == "lstm"
    assert [fact.value for fact in one.report if fact.name == "left_out"] == ["GRU, loose"]


def test_every_node_of_a_name_has_its_own() -> None:
    twins = [node("LSTM", ARRAYS) for _ in range(2)]
    twins[1].output[0], twins[1].output[1] = "Z", "Z_h"
    assert [one.name for one in found(model(twins, ARRAYS))] == ["lstm", "lstm 2"]
