"""A hostile or damaged HDF5 file gives one sentence, soon, and opens nothing else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
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

from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers import hdf5_child
from rnnviz.readers.hdf5 import read_hdf5
from rnnviz.readers.keras import import_keras
from rnnviz.readers.result import Source

Make = Callable[[Any], None]


def hdf5(make: Make, **options: Any) -> bytes:
    stream = BytesIO()
    with h5py.File(stream, "w", **options) as file:
        make(file)
    return stream.getvalue()


def honest(file: Any) -> None:
    file["layers/lstm/cell/vars/0"] = np.ones((3, 20))
    file["layers/lstm/cell/vars/1"] = np.ones((5, 20))
    file["layers/lstm/cell/vars/2"] = np.ones(20)


HONEST = hdf5(honest)


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
    data = hdf5(make, **latest)
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
        read_hdf5(Source("model.h5", hdf5(make)))


def in_a_child(code: str) -> subprocess.CompletedProcess[str]:
    """The end of a process that has bounded itself and then runs this."""
    start = (
        f"import runpy; child = runpy.run_path({hdf5_child.__file__!r}); child['limit_process'](0)"
    )
    return subprocess.run(
        [sys.executable, "-P", "-c", f"{start}\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_reading_process_ends_when_it_hangs() -> None:
    # After a second of computing, however busy the machine.
    assert in_a_child("while True: pass").returncode == -signal.SIGPROF


def test_the_reading_process_can_open_no_file_and_ask_for_no_gigabytes() -> None:
    assert "Too many open files" in in_a_child("open('/etc/hostname')").stderr
    assert "MemoryError" in in_a_child("bytearray(10**9)").stderr


def test_a_crash_of_the_library_is_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In fuzzing, HDF5 2.0 crashed on about one damaged file in five thousand."""
    script = tmp_path / "child.py"
    script.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr(hdf5_child, "__file__", str(script))
    with pytest.raises(ModelError, match="damaged or cut off"):
        read_hdf5(Source("model.h5", HONEST))


def test_references_and_compounds_are_not_arrays_of_weights() -> None:
    def make(file: Any) -> None:
        honest(file)
        file["pointer"] = file["layers"].ref
        file["pair"] = np.zeros(2, [("a", "f4"), ("b", "i4")])
        file["texts"] = ["a", "b"]
        file["nothing"] = h5py.Empty("f4")

    held = read_hdf5(Source("model.h5", hdf5(make)))
    assert sorted(held.arrays) == [f"layers/lstm/cell/vars/{i}" for i in range(3)]


def test_the_optimizer_is_not_read() -> None:
    def make(file: Any) -> None:
        honest(file)
        file["optimizer/vars/0"] = np.zeros(4)
        file["optimizer_weights/Adam/m"] = np.zeros(4)

    assert len(read_hdf5(Source("model.h5", hdf5(make))).arrays) == 3


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

    held = read_hdf5(Source("model.h5", hdf5(make)))
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
