"""A hostile or damaged HDF5 file gives one sentence, soon, and opens nothing else."""

from __future__ import annotations

import ctypes
import json
import time
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.bounded.limits import is_limited, no_new_files, reading_limits
from rnnviz.bounded.run import run_bounded
from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers import hdf5
from rnnviz.readers.hdf5 import read_hdf5
from rnnviz.readers.keras import import_keras
from rnnviz.readers.result import Source

Make = Callable[[Any], None]


def written(make: Make, **options: Any) -> bytes:
    stream = BytesIO()
    with h5py.File(stream, "w", **options) as file:
        make(file)
    return stream.getvalue()


def honest(file: Any) -> None:
    file["layers/lstm/cell/vars/0"] = np.ones((3, 20))
    file["layers/lstm/cell/vars/1"] = np.ones((5, 20))
    file["layers/lstm/cell/vars/2"] = np.ones(20)


HONEST = written(honest)


def a_soft_link(file: Any) -> None:
    honest(file)
    file["layers/gru"] = h5py.SoftLink("/layers/lstm")


def an_external_link(file: Any) -> None:
    file["layers"] = h5py.ExternalLink("/etc/hostname", "/")


def external_storage(file: Any) -> None:
    file.create_dataset("kernel", (8,), "u1", external=[("/etc/hostname", 0, 8)])


def a_virtual_dataset(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/tmp/another.h5", "secret", (4,))
    file.create_virtual_dataset("kernel", layout)


def an_unlimited_virtual_dataset(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4", maxshape=(None,))
    source = h5py.VirtualSource("/tmp/another.h5", "secret", (4,), maxshape=(None,))
    layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
    file.create_virtual_dataset("kernel", layout)


def a_group_inside_itself(file: Any) -> None:
    file["layers/lstm/layers"] = file.create_group("layers")["/layers"]


def an_array_that_comes_twice(file: Any) -> None:
    honest(file)
    file["again"] = file["layers/lstm/cell/vars/0"]


def an_array_without_its_numbers(file: Any) -> None:
    file.create_dataset("kernel", (10**6, 10**6), "f8")


def a_compressed_bomb(file: Any) -> None:
    file.create_dataset("kernel", (10**5, 10**4), "f8", chunks=(10**3, 10**3), compression=9)


def a_bomb_that_is_all_there(file: Any) -> None:
    zeros = np.zeros((2000, 9000), np.float64)
    file.create_dataset("kernel", data=zeros, chunks=(2000, 100), compression=9)


def a_chunk_of_gigabytes(file: Any) -> None:
    data = file.create_dataset(
        "kernel", (4,), "f8", chunks=(5 * 10**8,), maxshape=(None,), compression=1
    )
    assert data.chunks == (5 * 10**8,)


def too_many_groups(file: Any) -> None:
    for i in range(30_000):
        h5py.h5g.create(file.id, f"{i}".encode())


def too_deep_groups(file: Any) -> None:
    file.create_group("/".join("a" * 1 for _ in range(60)))


def a_reference(file: Any) -> None:
    file.attrs["layer_names"] = np.array([file.ref] * 3, h5py.ref_dtype)


def too_long_texts(file: Any) -> None:
    file.attrs.create("keras_version", "3" * 11_000_000, dtype=h5py.string_dtype())


def a_text_a_million_times(file: Any) -> None:
    file.attrs.create("layer_names", np.array(["x"] * 50_000, object), dtype=h5py.string_dtype())


HOSTILE: list[Make] = [
    a_soft_link,
    an_external_link,
    external_storage,
    a_virtual_dataset,
    an_unlimited_virtual_dataset,
    a_group_inside_itself,
    an_array_that_comes_twice,
    an_array_without_its_numbers,
    a_compressed_bomb,
    a_bomb_that_is_all_there,
    a_chunk_of_gigabytes,
    too_many_groups,
    too_deep_groups,
    a_reference,
    too_long_texts,
    a_text_a_million_times,
]


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_a_hostile_file_is_refused_in_one_sentence(make: Make) -> None:
    latest = {"libver": "latest"} if make in (too_long_texts, a_text_a_million_times) else {}
    data = written(make, **latest)
    begun = time.process_time()
    with pytest.raises(ModelError) as refused:
        read_hdf5(Source("model.h5", data))
    assert str(refused.value).count(". ") == 0
    assert "model.h5" in str(refused.value)
    # The child's own time is bounded too: it is not counted here.
    assert time.process_time() - begun < 2


def test_no_other_file_is_ever_opened(tmp_path: Path) -> None:
    """External storage is refused even where the file that it names lies there."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"12345678")

    def make(file: Any) -> None:
        file.create_dataset("kernel", (8,), "u1", external=[(str(secret), 0, 8)])

    with pytest.raises(ModelError, match="lies in another file"):
        read_hdf5(Source("model.h5", written(make)))


def open_a_file_while_none_can_be() -> str:
    with no_new_files():
        try:
            Path("/etc/hostname").read_bytes()
        except OSError as error:
            return error.strerror or ""
    return Path(__file__).name


@pytest.mark.skipif(not is_limited(), reason="the system has no such limits")
def test_the_reading_process_can_open_no_file() -> None:
    opened = run_bounded(
        open_a_file_while_none_can_be,
        name="model.h5",
        error=ModelError,
        limits=reading_limits(0),
    )
    assert opened == "Too many open files"


def crash(source: Source) -> None:
    ctypes.string_at(0)


def test_a_crash_of_the_library_is_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """In fuzzing, HDF5 2.0 crashed on about one damaged file in five thousand."""
    monkeypatch.setattr(hdf5, "read_contents", crash)
    with pytest.raises(ModelError, match="cannot be read: it is damaged"):
        read_hdf5(Source("model.h5", HONEST))


def test_references_and_compounds_are_not_arrays_of_weights() -> None:
    def make(file: Any) -> None:
        honest(file)
        file["pointer"] = file["layers"].ref
        file["pair"] = np.zeros(2, [("a", "f4"), ("b", "i4")])
        file["texts"] = ["a", "b"]
        file["nothing"] = h5py.Empty("f4")

    held = read_hdf5(Source("model.h5", written(make)))
    assert sorted(held.arrays) == [f"layers/lstm/cell/vars/{i}" for i in range(3)]


def test_the_optimizer_is_not_read() -> None:
    def make(file: Any) -> None:
        honest(file)
        file["optimizer/vars/0"] = np.zeros(4)
        file["optimizer_weights/Adam/m"] = np.zeros(4)

    assert len(read_hdf5(Source("model.h5", written(make))).arrays) == 3


def test_arrays_come_as_they_were_written() -> None:
    numbers = np.arange(6).reshape(2, 3)
    kinds = [">f4", "<f8", "f2", "i1", ">u2"]

    def make(file: Any) -> None:
        for kind in kinds:
            file[kind] = numbers.astype(kind)
        file["scalar"] = 1.5
        file["empty"] = np.zeros((0, 3))
        chunked = file.create_dataset("chunked", data=numbers, chunks=(1, 2), compression=5)
        chunked.attrs["other"] = "left"

    held = read_hdf5(Source("model.h5", written(make)))
    for kind in kinds:
        assert held.arrays[kind].dtype == np.dtype(kind).newbyteorder("=")
        assert np.array_equal(held.arrays[kind], numbers)
    assert np.array_equal(held.arrays["chunked"], numbers)
    assert held.arrays["scalar"] == 1.5
    assert held.arrays["empty"].shape == (0, 3)


@given(st.integers(0, len(HONEST) - 1))
@settings(max_examples=6)
def test_a_file_cut_off_anywhere_is_refused(size: int) -> None:
    with pytest.raises(RnnvizError):
        read_hdf5(Source("model.h5", HONEST[:size]))


@given(st.lists(st.tuples(st.integers(8, len(HONEST) - 1), st.integers(0, 255)), min_size=1))
@settings(max_examples=12)
def test_a_damaged_file_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(HONEST)
    for place, byte in changes:
        data[place] = byte
    # Any other error, and a process that dies, fails the test.
    with suppress(RnnvizError):
        import_keras(Source("model.weights.h5", bytes(data)), {})


def archive(config: str, weights: bytes = HONEST, **members: str) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as file:
        file.writestr("config.json", config)
        file.writestr("model.weights.h5", weights)
        for name, text in members.items():
            file.writestr(name.replace("__", "."), text)
    return stream.getvalue()


def layer(kind: str, **options: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": kind.lower(), **options}}


def sequential(*layers: Any) -> str:
    return json.dumps({"class_name": "Sequential", "config": {"layers": layers}})


NESTED = layer("LSTM")
for _ in range(30):
    NESTED = {"class_name": "Sequential", "config": {"name": "m", "layers": [NESTED]}}


@pytest.mark.parametrize(
    "config",
    [
        "",
        "{",
        "[]",
        "null",
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[" * 2_100_000,
        '"' + "x" * 5_000_000 + '"',
        "{}",
        json.dumps(NESTED),
        json.dumps({"class_name": "Sequential", "config": None}),
        json.dumps({"class_name": "Sequential", "config": {"layers": [1]}}),
        json.dumps({"class_name": "Functional", "config": {"layers": [{"class_name": []}]}}),
        json.dumps({"class_name": "Evil", "module": "os", "config": {"layers": []}}),
        sequential(layer("LSTM"), layer("LSTM")),
        sequential(
            layer("LSTM", activation={"class_name": "__lambda__", "config": {"value": "4w"}})
        ),
        sequential(layer("LSTM", activation="eval")),
        sequential(layer("LSTM", activation="eval(1)")),
        sequential(layer("Lambda", function="marshalled")),
        sequential(layer("RNN", cell={"class_name": "MyCell", "config": {}})),
        sequential(layer("Bidirectional", layer=None)),
        sequential(layer("GRU")),
        sequential(*[layer("Dropout")] * 3),
    ],
    ids=range(22),
)
def test_a_hostile_configuration_is_refused_in_one_sentence(config: str) -> None:
    begun = time.process_time()
    with pytest.raises(ModelError) as refused:
        import_keras(Source("model.keras", archive(config)), {})
    assert len(str(refused.value)) < 500
    assert time.process_time() - begun < 2


def test_layers_that_go_round_in_a_circle_end() -> None:
    def reads(name: str, lower: str) -> dict[str, Any]:
        call = [[[lower, 0, 0, {}]]]
        return {"class_name": "LSTM", "name": name, "config": {"name": name}, "inbound_nodes": call}

    config = {
        "class_name": "Functional",
        "config": {"layers": [reads("a", "b")], "input_layers": [], "output_layers": [["a", 0, 0]]},
    }
    (found,) = import_keras(Source("model.keras", archive(json.dumps(config))), {})
    assert found.model.n_inputs == 3


def test_an_archive_without_its_members_is_refused() -> None:
    stream = BytesIO()
    with ZipFile(stream, "w") as file:
        file.writestr("other.txt", "")
    with pytest.raises(ModelError, match=r"holds other\.txt"):
        import_keras(Source("model.keras", stream.getvalue()), {})


@pytest.mark.parametrize("text", ["\udce4".encode("utf-8", "surrogateescape"), b"\xff"])
def test_a_configuration_that_is_not_text_is_refused(text: bytes) -> None:
    stream = BytesIO()
    with ZipFile(stream, "w") as file:
        file.writestr("config.json", text)
        file.writestr("model.weights.h5", HONEST)
    with pytest.raises(ModelError, match="should be a JSON object"):
        import_keras(Source("model.keras", stream.getvalue()), {})
