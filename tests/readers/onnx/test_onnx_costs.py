"""What a file costs is bounded by its size, whatever it declares."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from onnx import save_model

from rnnviz.errors import ModelError
from rnnviz.readers.onnx import import_onnx
from rnnviz.readers.result import Source
from tests.readers.bounded import MEGABYTE, memory_below
from tests.readers.onnx.hostile_files import KINDS
from tests.readers.onnx.onnx_files import model, node, weights


def seconds(data: bytes) -> float:
    """CPU time to read a file, or to refuse it in a sentence."""
    start = time.thread_time()
    with suppress(ModelError):
        import_onnx(Source("model.onnx", data), {})
    return time.thread_time() - start


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_time_grows_no_faster_than_the_file(kind: str) -> None:
    make, n = KINDS[kind]
    files = [make(size).SerializeToString() for size in (n // 4, n)]
    # Four times as large; its square would be sixteen. A busy machine may be slow once.
    assert any(large < 8 * small + 0.2 for small, large in _timed(files))


def _timed(files: list[bytes]) -> Iterator[list[float]]:
    for _ in range(5):
        yield [seconds(data) for data in files]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_memory_is_bounded(kind: str) -> None:
    make, n = KINDS[kind]
    data = make(n // 4).SerializeToString()
    with memory_below(400 * MEGABYTE), suppress(ModelError):
        import_onnx(Source("model.onnx", data), {})


def test_a_state_of_very_many_numbers_is_read_as_the_row_it_is() -> None:
    make, _ = KINDS["a state of 1e12 numbers"]
    (result,) = import_onnx(Source("model.onnx", make(3).SerializeToString()), {})
    assert not result.model.layers[0].initial


def test_large_weights_in_another_file_are_no_reason_to_refuse(tmp_path: Path) -> None:
    arrays = weights("RNN", (4_000_000, 5), dtype=np.float32)
    proto = model([node("RNN", arrays)], arrays)
    path = tmp_path / "model.onnx"
    save_model(proto, str(path), save_as_external_data=True, location="model.onnx.data")
    (result,) = import_onnx(Source("model.onnx", path.read_bytes(), tmp_path), {})
    assert result.model.n_inputs == 4_000_000


def test_a_file_beside_counts_once_however_often_it_is_named(tmp_path: Path) -> None:
    arrays = weights("RNN", (400_000, 5), dtype=np.float32)
    nodes = [node("RNN", arrays, prefix=f"n{i} ") for i in range(60)]
    named = {f"n{i} {key}": array for i in range(60) for key, array in arrays.items()}
    for i, each in enumerate(nodes):
        each.input[1:4] = [f"n{i} {key}" for key in ("W", "R", "B")]
    proto = model(nodes, named, given={"n0 X": (None, None, 400_000)})
    path = tmp_path / "model.onnx"
    save_model(proto, str(path), save_as_external_data=True, location="data")
    size = 4 * 400_000 * 5
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "offset" and tensor.name.endswith("W"):
                entry.value = "0"
    data = proto.SerializeToString()
    with (tmp_path / "data").open("r+b") as file:
        file.truncate(size)
    with memory_below(500 * MEGABYTE), suppress(ModelError):
        import_onnx(Source("model.onnx", data, tmp_path), {})
