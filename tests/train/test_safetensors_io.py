"""The weights' file is one that the safetensors library itself writes and reads."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.numpy import load, save

import rnnviz as rv
from rnnviz.train.config import TrainingConfig
from rnnviz.train.named_weights import name_weights, with_weights
from rnnviz.train.safetensors_io import read_arrays, write_arrays

NAMED = st.dictionaries(
    st.text("abc.0", min_size=1, max_size=8),
    arrays(np.float32, array_shapes(max_dims=3, max_side=4), elements=st.floats(-9, 9, width=32)),
    max_size=4,
)


@given(named=NAMED)
def test_the_library_reads_what_is_written(named: dict[str, np.ndarray]) -> None:
    for read in (load(write_arrays(named)), read_arrays(write_arrays(named))):
        assert set(read) == set(named)
        assert all(np.array_equal(read[name], named[name]) for name in named)


@given(named=NAMED)
def test_what_the_library_writes_is_read(named: dict[str, np.ndarray]) -> None:
    read = read_arrays(save(named))
    assert {n: a.tolist() for n, a in read.items()} == {n: a.tolist() for n, a in named.items()}


@given(data=st.binary(max_size=60))
def test_bytes_that_are_no_such_file_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(rv.ModelError, match="is damaged"):
        read_arrays(data)


@given(cut=st.integers(1, 40))
def test_a_file_cut_short_is_refused_in_words(cut: int) -> None:
    with pytest.raises(rv.ModelError, match="is damaged"):
        read_arrays(write_arrays({"bias": np.ones(10)})[:-cut])


def test_a_header_that_is_no_table_is_refused_in_words() -> None:
    text = json.dumps({"bias": {"dtype": "F32", "shape": [2]}}).encode()
    with pytest.raises(rv.ModelError, match="is damaged"):
        read_arrays(len(text).to_bytes(8, "little") + text)


@pytest.mark.parametrize("cell", rv.CELLS)
def test_a_model_s_weights_come_back_by_their_names(cell: str) -> None:
    start, other = (
        TrainingConfig("adding", cell, 5, 2, seed=seed).initial_model for seed in (0, 1)
    )
    back = with_weights(start, read_arrays(write_arrays(name_weights(other))), "a file")
    assert back.is_trained
    assert back.source == "a file"
    wanted = other.arrays()
    assert all(np.array_equal(array, wanted[name]) for name, array in back.arrays().items())


def test_weights_of_another_model_are_refused_in_words() -> None:
    start, other = (
        TrainingConfig("adding", "lstm", 5).initial_model,
        TrainingConfig("adding", "lstm", 6).initial_model,
    )
    with pytest.raises(rv.ModelError, match="not those that its card describes"):
        with_weights(start, name_weights(other), "a file")
