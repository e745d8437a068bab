"""NumPy archives as numpy.savez writes them; pickled, damaged and hostile ones refused."""

import io
import os
import zipfile
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rnnviz.errors import ModelError
from rnnviz.readers.npz import read_npz_weights
from rnnviz.readers.result import Source
from tests.readers.saved import zipped

CODES = ["?", "<f4", ">f4", "<f8", ">f8", "<f2", "<i1", ">i4", "<i8", "<u1", "<u8"]
NUMBERS = hnp.arrays(st.sampled_from(CODES), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0))


def source(data: bytes) -> Source:
    return Source("a.npz", data)


def npz(save: Any = np.savez, **named: Any) -> bytes:
    stream = io.BytesIO()
    save(stream, **named)
    return stream.getvalue()


def npy(array: Any, **options: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(array), **options)
    return stream.getvalue()


def header(shape: str, code: str = "'<f8'") -> bytes:
    text = f"{{'descr': {code}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@given(array=NUMBERS)
def test_every_array_is_read_as_numpy_reads_it(save: Any, array: Any) -> None:
    read = read_npz_weights(source(npz(save, w=array, by_column=np.asfortranarray(array))))
    kind = np.float32 if array.dtype.itemsize == 2 else array.dtype.newbyteorder("=")
    for name in ("w", "by_column"):
        assert read[name].dtype == kind
        np.testing.assert_array_equal(read[name], array)


def test_names_with_folders_are_kept_and_wrappers_left_out() -> None:
    data = npz(**{"module.lstm/kernel": np.ones(2), "module._orig_mod.b": np.ones(1)})
    assert list(read_npz_weights(source(data))) == ["lstm/kernel", "b"]


def test_texts_beside_the_weights_are_left_out() -> None:
    data = npz(w=np.ones(2), words=np.array(["a", "b"]), raw=np.array([b"a"]))
    assert list(read_npz_weights(source(data))) == ["w"]


class Trap:
    def __reduce__(self) -> Any:
        return pytest.fail, ("unpickled",)


REFUSED = {
    "holds type timedelta64": npz(w=np.ones(2, "m8[s]")),
    "holds type datetime64": npz(w=np.array(["2024-01-31"], "M8[D]")),
    "holds type .*'x'": npz(w=np.zeros(2, [("x", "f8"), ("y", "i4")])),
    "“w.txt” is damaged or not": zipped({"w.txt": npy([1.0])}),
    "“w.npy” is damaged or not": zipped({"w.npy": b"no array"}),
    "“v.npy” is damaged or not": zipped({"v.npy": b"\x93NUMPY\x09\x09" + bytes(100)}),
    "“u.npy” is damaged or not": zipped({"u.npy": header("__import__('os')")}),
    "“t.npy” is damaged or not": zipped({"t.npy": header("(" * 9_000)}),
    "“short” in .* shape, stride": zipped({"short.npy": npy([1.0, 2.0])[:-1]}),
    "“long” in .* shape, stride": zipped({"long.npy": npy([1.0, 2.0]) + b"1"}),
    "“negative” in .* shape, stride": zipped({"negative.npy": header("(-1, 3)")}),
    "“claim” in .* shape, stride": zipped({"claim.npy": header("(1000000000000,)")}),
    "“empty” in .* shape, stride": zipped({"empty.npy": header(f"(0, {2**62}, {2**62})")}),
    "“axes” in .* shape, stride": zipped({"axes.npy": npy(np.zeros((1,) * 9))}),
    "it holds none": npz(words=np.array(["a"])),
    "holds none; save the model": zipped({}),
    "is empty": b"",
    "damaged or cut off": b"PK\x03\x04",
    "complete ZIP archive": b"\x93NUMPY",
    "points elsewhere": zipped({"../w.npy": npy([1.0])}),
    "200000000 of them compressed": zipped({"w.npy": bytes(201_000_000)}, zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_another_file_is_refused_by_one_sentence(sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read_npz_weights(source(REFUSED[sentence]))


def test_a_file_cut_off_anywhere_is_refused() -> None:
    data = npz(w=np.ones(3), v=np.ones((2, 2)))
    for end in range(len(data)):
        with pytest.raises(ModelError):
            read_npz_weights(source(data[:end]))


@given(st.data())
def test_a_changed_file_gives_arrays_or_one_sentence(data: st.DataObject) -> None:
    valid = npz(data.draw(st.sampled_from([np.savez, np.savez_compressed])), w=np.ones((2, 3)))
    place = data.draw(st.integers(0, len(valid)))
    changed = valid[:place] + data.draw(st.binary(max_size=4)) + valid[place + 2 :]
    with suppress(ModelError):
        assert read_npz_weights(source(changed))


class Harm:
    def __reduce__(self) -> Any:
        return os.system, ("exit 1",)


def test_members_of_objects_are_kept_unread() -> None:
    read = read_npz_weights(Source("a.npz", npz(w=np.ones(2), rest=np.array([{"a": 1}, Trap()]))))
    assert list(read) == ["w"]
    with pytest.raises(ModelError, match=r"calls (posix|nt)\.system when it is opened"):
        read_npz_weights(Source("a.npz", npz(w=np.ones(2), rest=np.array([Harm()]))))
