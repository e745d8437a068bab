"""Small honest files of every format, and changes that an enemy or a bad disk makes to them."""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

Change = Callable[[random.Random, bytes], bytes]
MAX_BYTES = 2_000_000
_HUGE = ("-1", "0", "1e999", "4294967295", "9223372036854775807", "1" * 400, "NaN", "true", '""')


def honest_inputs() -> dict[str, bytes]:
    """Input files by name."""
    import pyarrow as pa
    from pyarrow import feather, parquet

    numbers = np.linspace(0, 1, 40).reshape(20, 2)
    table = pa.table({"a": numbers[:, 0], "word": [f"w{i}" for i in range(20)]})
    rows = [{"a": float(a), "b": f"w{i}"} for i, (a, _) in enumerate(numbers)]
    lines = "".join(f"2024-01-{i + 1:02d},{a:.3f},w{i}\n" for i, (a, _) in enumerate(numbers))
    arrow, feathered, array = BytesIO(), BytesIO(), BytesIO()
    parquet.write_table(table, arrow)
    feather.write_feather(table, feathered)
    np.save(array, numbers)
    return {
        "a.csv": f"day,value,word\n{lines}".encode(),
        "german.csv": lines.replace(",", ";").replace(".", ",").encode(),
        "a.txt": "The cat sat on the mat. 静夜思 👩‍👩‍👧 é\n".encode() * 5,
        "gb.txt": "床前明月光，疑是地上霜。".encode("gb18030") * 5,
        "a.json": json.dumps(rows).encode(),
        "columns.json": json.dumps({"a": numbers[:, 0].tolist()}).encode(),
        "a.jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "a.npy": array.getvalue(),
        "a.npz": npz({"x": numbers}),
        "a.parquet": arrow.getvalue(),
        "a.feather": feathered.getvalue(),
    }


def honest_models() -> dict[str, bytes]:
    """Model files by name."""
    import torch
    from safetensors.numpy import save

    torch.manual_seed(0)
    module = torch.nn.ModuleDict(
        {"emb": torch.nn.Embedding(7, 3), "rnn": torch.nn.LSTM(3, 4, 2, bidirectional=True)}
    )
    module["fc"] = torch.nn.Linear(8, 7)
    state = module.state_dict()
    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    plain, whole = BytesIO(), BytesIO()
    torch.save(state, plain)
    torch.save({"state_dict": state, "vocab": list("abcdefg"), "epoch": 3}, whole)
    return {
        "a.safetensors": save(arrays),
        "a.pt": plain.getvalue(),
        "whole.ckpt": whole.getvalue(),
        "a.npz": npz(arrays),
        "a.onnx": onnx_lstm(arrays),
        "arrays.h5": hdf5(arrays),
        **keras_files(),
    }


def npz(arrays: dict[str, Any]) -> bytes:
    """An archive of arrays."""
    stream = BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def hdf5(arrays: dict[str, Any]) -> bytes:
    """Arrays by name, as another program than Keras writes them."""
    import h5py

    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return stream.getvalue()


def onnx_lstm(arrays: dict[str, Any]) -> bytes:
    """A graph of an LSTM, its weights folded from constants."""
    from onnx import TensorProto, helper, numpy_helper

    w, r = (arrays[f"rnn.weight_{side}h_l0"] for side in "ih")
    nodes = [
        helper.make_node("Unsqueeze", ["w", "axes"], ["W"]),
        helper.make_node("Unsqueeze", ["r", "axes"], ["R"]),
        helper.make_node("LSTM", ["X", "W", "R"], ["Y", "h"], hidden_size=4),
    ]
    held = {"w": w, "r": r, "axes": np.array([0])}
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )
    imports = [helper.make_opsetid("", 17)]
    return bytes(helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString())


def keras_files() -> dict[str, bytes]:
    """A whole Keras file and weights alone."""
    import h5py

    weights, whole = BytesIO(), BytesIO()
    with h5py.File(weights, "w") as file:
        for i, shape in enumerate([(3, 16), (4, 16), (16,)]):
            file[f"layers/lstm/cell/vars/{i}"] = np.ones(shape)
    first = {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, None, 3]}}
    layers = [first, {"class_name": "LSTM", "config": {"name": "lstm", "units": 4}}]
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.8.0"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights.getvalue())
    return {"a.keras": whole.getvalue(), "a.weights.h5": weights.getvalue()}


def flip(chance: random.Random, data: bytes) -> bytes:
    """A few bytes changed."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(chance: random.Random, data: bytes) -> bytes:
    """A part left out."""
    start, stop = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[stop:]


def repeat(chance: random.Random, data: bytes) -> bytes:
    """A part written very many times."""
    start = chance.randrange(len(data))
    part = data[start : start + chance.choice((1, 2, 8, 40, 200))]
    count = min(chance.choice((2, 30, 1_000, 100_000)), MAX_BYTES // len(part))
    return data[:start] + part * count + data[start:]


def enlarge(chance: random.Random, data: bytes) -> bytes:
    """A number in the text written as another, a huge one perhaps."""
    places = list(re.finditer(rb"\d+", data))
    if not places:
        return flip(chance, data)
    place = chance.choice(places)
    return data[: place.start()] + chance.choice(_HUGE).encode() + data[place.end() :]


def declare(chance: random.Random, data: bytes) -> bytes:
    """Four or eight bytes written as an integer at one of its bounds."""
    kind, sizes = chance.choice((("<I", 32), ("<Q", 64), (">I", 32)))
    number = chance.choice((0, 1, 2**31 - 1, 2**sizes - 1, chance.randrange(2**20)))
    start, packed = chance.randrange(len(data)), struct.pack(kind, number % 2**sizes)
    return data[:start] + packed + data[start + len(packed) :]


def rewrite_member(chance: random.Random, data: bytes) -> bytes:
    """One member of an archive changed, its checksum made right again."""
    with suppress(Exception):
        with ZipFile(BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = chance.choice(sorted(members))
        members[name] = chance.choice(PLAIN)(chance, members[name] or b"0")
        stream = BytesIO()
        with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
            for each, content in members.items():
                archive.writestr(each, content)
        return stream.getvalue()
    return flip(chance, data)


def rewrite_header(chance: random.Random, data: bytes) -> bytes:
    """The JSON header of a safetensors file changed, its length made right again."""
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= len(data) - 8:
        return flip(chance, data)
    header = chance.choice((enlarge, repeat, cut, flip))(chance, data[8 : 8 + length])
    return struct.pack("<Q", len(header)) + header + data[8 + length :]


PLAIN: tuple[Change, ...] = (flip, cut, repeat, enlarge, declare)


def changes_of(name: str, data: bytes) -> tuple[Change, ...]:
    """The changes that reach into a file of a kind."""
    if data.startswith(b"PK"):
        return (*PLAIN, rewrite_member, rewrite_member, rewrite_member, rewrite_member)
    if name.endswith(".safetensors"):
        return (*PLAIN, rewrite_header, rewrite_header, rewrite_header)
    return PLAIN
