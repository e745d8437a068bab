"""safetensors read by rnnviz and by the safetensors package; damaged and hostile ones refused."""

import json
import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import SafetensorError
from safetensors import numpy as for_numpy
from safetensors import torch as for_torch

from rnnviz.errors import ModelError
from rnnviz.readers.result import Source
from rnnviz.readers.safetensors import read_safetensors

KINDS = ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "bool"]
KINDS += [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
NUMBERS = hnp.arrays(
    st.sampled_from(["f4", "f8", "i8", "u1"]), hnp.array_shapes(min_dims=0, min_side=0)
)


def source(data: bytes) -> Source:
    return Source("a.safetensors", data)


def written(header: Any, numbers: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def entry(start: int, end: int, shape: list[int] = [1], kind: str = "F32") -> dict[str, Any]:
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize("name", KINDS)
def test_every_number_type_is_read_as_the_package_reads_it(name: str) -> None:
    codes = torch.arange(256, dtype=torch.uint8)
    kind = getattr(torch, name)
    value = (codes % 2 == 0) if name == "bool" else codes.view(kind).reshape(2, -1)
    data = for_torch.save({"w": value, "scalar": value.flatten()[0].clone()})
    read, expected = read_safetensors(source(data)), for_torch.load(data)
    for tensor in ("w", "scalar"):
        wide = expected[tensor]
        wide = wide.float() if name.startswith(("float8", "float16", "bfloat16")) else wide
        assert read[tensor].dtype == wide.numpy().dtype
        np.testing.assert_array_equal(read[tensor], wide.numpy())


@given(st.dictionaries(st.text(min_size=1, max_size=5), NUMBERS, min_size=1, max_size=4))
def test_any_shapes_and_names_are_read_as_the_package_reads_them(tensors: Any) -> None:
    tensors.pop("__metadata__", None)
    data = for_numpy.save(tensors, {"format": "np"})
    read = read_safetensors(source(data))
    assert set(read) == set(tensors)
    for name, expected in for_numpy.load(data).items():
        np.testing.assert_array_equal(read[name], expected)


def test_what_wrappers_put_before_the_names_is_left_out() -> None:
    data = for_numpy.save({"module._orig_mod.rnn.w": np.ones(2)})
    assert list(read_safetensors(source(data))) == ["rnn.w"]


def test_arrays_are_views_of_the_file() -> None:
    data = for_numpy.save({"w": np.ones((3, 2), np.float32)})
    read = read_safetensors(source(data))["w"]
    assert not read.flags.owndata
    assert not read.flags.writeable


DAMAGED = {
    "short": b"\x02\0\0",
    "no header": struct.pack("<Q", 0),
    "a huge header": struct.pack("<Q", 2**63) + b"{}",
    "a header beyond the end": struct.pack("<Q", 100) + b"{}",
    "no JSON": written(b"nothing."),
    "no UTF-8": written(b'{"\xff": 1}'),
    "a list": written([1, 2]),
    "a number": written(b"12"),
    "deep": written(b"[" * 1_000_000),
    "deep objects": written(b'{"a":' * 500_000),
    "a long number": written(b'{"w":' + b"9" * 1_000_000 + b"}"),
    "no object": written({"w": 3}, bytes(4)),
    "no offsets": written({"w": {"dtype": "F32", "shape": [1]}}, bytes(4)),
    "no type": written({"w": {"shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
    "no shape": written({"w": {"dtype": "F32", "data_offsets": [0, 4]}}, bytes(4)),
    "a name twice": written(
        b'{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
        b'"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        bytes(2),
    ),
    "an overlap": written({"w": entry(0, 4), "v": entry(2, 6)}, bytes(6)),
    "the same place": written({"w": entry(0, 4), "v": entry(0, 4)}, bytes(4)),
    "a gap": written({"w": entry(0, 4), "v": entry(5, 9)}, bytes(9)),
    "a late start": written({"w": entry(4, 8)}, bytes(8)),
    "bytes left": written({"w": entry(0, 4)}, bytes(5)),
    "bytes missing": written({"w": entry(0, 4)}, bytes(3)),
    "a reversed place": written({"w": entry(4, 0)}, bytes(4)),
    "a negative place": written({"w": entry(-4, 0)}, bytes(4)),
    "another size": written({"w": entry(0, 4, [2])}, bytes(4)),
    "a negative shape": written({"w": entry(0, 4, [-1, -1])}, bytes(4)),
    "a fraction": written({"w": entry(0, 4, [1.0])}, bytes(4)),  # type: ignore[list-item]
    "a truth": written({"w": entry(0, 4, [True])}, bytes(4)),
    "a huge shape": written({"w": entry(0, 4, [2**40] * 1_000)}, bytes(4)),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_refused_as_the_package_refuses_it(kind: str) -> None:
    with pytest.raises(ModelError, match=r"“a\.safetensors” should be a safetensors file"):
        read_safetensors(source(DAMAGED[kind]))
    with pytest.raises(SafetensorError):
        for_numpy.load(DAMAGED[kind])


OTHER = {
    "is empty": b"",
    "it holds none": written({}),
    "“w” in .* its type is F4": written({"w": entry(0, 1, [2], "F4")}, bytes(1)),
    "“w” in .* shape, stride": written({"w": entry(0, 0, [0, 2**62, 2**62])}),
    "holds 20000 of 0;": written({f"w{i}": entry(0, 0, [0]) for i in range(20_000)}),
}


@pytest.mark.parametrize("sentence", OTHER)
def test_another_file_is_refused_by_one_sentence(sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read_safetensors(source(OTHER[sentence]))


def test_a_file_cut_off_anywhere_is_refused() -> None:
    data = for_numpy.save({"w": np.ones((3, 2)), "v": np.ones(3, np.float16)})
    for end in range(len(data)):
        with pytest.raises(ModelError):
            read_safetensors(source(data[:end]))


@given(st.data())
def test_a_changed_file_gives_arrays_or_one_sentence(data: st.DataObject) -> None:
    valid = for_numpy.save({"w": np.ones((3, 2)), "v": np.ones(3, np.float16)})
    place = data.draw(st.integers(0, len(valid)))
    changed = valid[:place] + data.draw(st.binary(max_size=4)) + valid[place + 2 :]
    with suppress(ModelError):
        assert read_safetensors(source(changed))
