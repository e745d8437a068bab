import io
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.inputs.files import read_file
from rnnviz.inputs.table import Table


def npy(array: object, **options: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(array), **options)
    return stream.getvalue()


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **{name: np.asarray(a) for name, a in arrays.items()})  # type: ignore[arg-type]
    return stream.getvalue()


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)))
def test_a_matrix_gives_a_column_for_each_feature(array: np.ndarray) -> None:  # type: ignore[type-arg]
    table = read_file("a.npy", npy(array))
    assert isinstance(table, Table)
    assert table.names == tuple(f"x{i}" for i in range(array.shape[1]))
    np.testing.assert_array_equal(np.stack([c.values for c in table.columns], axis=1), array)


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", ">i4", "f2", "f4", ">f8", "g"])
def test_every_real_type_becomes_numbers(dtype: str) -> None:
    table = read_file("a.npy", npy(np.array([1, 0, 1], dtype)))
    assert isinstance(table, Table)
    assert table["x0"].values.tolist() == [1, 0, 1]


def test_an_array_stored_by_column_keeps_its_axes() -> None:
    table = read_file("a.npy", npy(np.asfortranarray([[1.0, 2, 3], [4, 5, 6]])))
    assert isinstance(table, Table)
    assert table["x2"].values.tolist() == [3, 6]


def test_an_array_of_three_axes_is_a_sequence() -> None:
    array = np.random.default_rng(0).normal(size=(4, 2, 3))
    for name, data in [("a.npy", npy(array)), ("a.npz", npz(only=array))]:
        sequence = read_file(name, data)
        assert isinstance(sequence, Sequence)
        np.testing.assert_array_equal(sequence.values, array)


def test_equal_one_axis_arrays_are_named_columns() -> None:
    days = np.array(["2024-01-31", "NaT"], "datetime64[D]")
    table = read_file("a.npz", npz(day=days, price=[1.5, 2.5]))
    assert isinstance(table, Table)
    assert [(c.name, c.kind, c.n_missing) for c in table.columns] == [
        ("day", "date", 1),
        ("price", "number", 0),
    ]


REFUSED = [
    ("a.npy", npy([1j]), "type complex128"),
    ("a.npy", npy(["text"]), "type <U4"),
    ("a.npy", npy([b"text"]), "type .S4"),
    ("a.npy", npy(np.array([{}]), allow_pickle=True), "type object"),
    ("a.npy", npy(np.zeros(2, [("x", "f8"), ("y", "i4")])), "holds type .*'x'"),
    ("a.npy", npy(np.array([1], "m8[s]")), "type timedelta64"),
    ("a.npy", header("(1,)", "'<M8'") + bytes(8), "type datetime64"),
    ("a.npy", npy(3.0), r"has shape \(\)"),
    ("a.npy", npy(np.zeros((1, 1, 1, 1))), r"has shape \(1, 1, 1, 1\)"),
    ("a.npy", npy(np.zeros((0, 3))), r"has shape \(0, 3\)"),
    ("a.npy", npy(np.zeros((2, 1_001))), "1000 columns, but “a.npy” has 1001"),
    ("a.npy", npy(np.zeros((2, 2, 2)) + np.nan), "step 1 of row 1, both counted from 1, holds NaN"),
    ("a.npy", npy([1.0, 2.0])[:-1], "damaged"),
    ("a.npy", npy([1.0])[:20], "damaged"),
    ("a.npy", b"\x93NUMPY\x09\x09" + bytes(100), "damaged"),
    ("a.npy", header("(-1, 3)"), r"has shape \(-1, 3\)"),
    ("a.npy", header("(1000000000000, 2)"), "unpack to 200000000 bytes"),
    ("a.npy", header("(30000000,)", "'|i1'") + bytes(30_000_000), "unpack to 200000000 bytes"),
    ("a.npy", header("(6000000,)", "'|i1'") + bytes(6_000_000), "5000000 values"),
    ("a.npy", header("__import__('os')"), "damaged"),
    ("a.npy", header("(" * 9_000), "damaged"),
    ("a.npz", npz(a=[1, 2], b=[1, 2, 3]), r"holds a \(2,\), b \(3,\)"),
    ("a.npz", npz(a=[[1, 2]], b=[[1, 2]]), r"holds a \(1, 2\), b \(1, 2\)"),
    ("a.npz", npz(a=[1], b=["x"]), "type <U1"),
    ("a.npz", npz(**{f"a{i}": [1] for i in range(101)}), "1 to 100 arrays, but it holds 101"),
    ("a.npz", zipped(), "1 to 100 arrays, but it holds 0"),
    ("a.npz", zipped(**{"word/document.xml": b"<w/>"}), "“word/document.xml” is not one"),
    ("a.npz", zipped(**{"a.npy": b"no array"}), "damaged or not one"),
    ("a.npz", npz(a=[1, 2])[:-30], "damaged"),
]


@pytest.mark.parametrize(("name", "data", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_other_arrays_are_refused_by_one_sentence(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        read_file(name, data)
    assert len(str(refusal.value)) < 350


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(npz(a=[1, 2]))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 8] |= 1  # APPNOTE 4.4.4, bit 0: encrypted
    with pytest.raises(InputError, match=r"“a\.npy” is not one"):
        read_file("a.npz", bytes(data))


def test_an_object_array_is_never_unpickled() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return pytest.fail, ("unpickled",)

    trap = npy(np.array([Trap()], object), allow_pickle=True)
    for name, data in [("a.npy", trap), ("a.npz", zipped(**{"a.npy": trap}))]:
        with pytest.raises(InputError, match="type object"):
            read_file(name, data)


@given(st.data())
def test_a_changed_byte_gives_a_content_or_one_sentence(data: st.DataObject) -> None:
    name, valid = data.draw(
        st.sampled_from([("a.npy", npy([[1.0, 2], [3, 4]])), ("a.npz", npz(x=[1, 2], y=[3, 4]))])
    )
    place = data.draw(st.integers(0, len(valid) - 1))
    changed = valid[:place] + data.draw(st.binary(max_size=3)) + valid[place + 1 :]
    with suppress(InputError):
        assert isinstance(read_file(name, changed), Table | Sequence)


def _declared(shape: str) -> bytes:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x02\x00" + len(header).to_bytes(4, "little") + header + bytes(64)


@pytest.mark.parametrize(
    "shape",
    ["(True,)", "(-1,)", "(10**18,)", "(2, -3)", "(999999999999, 999999999999)", "(" * 9_000],
)
def test_a_shape_that_lies_is_one_sentence(shape: str) -> None:
    with suppress(InputError):
        assert isinstance(read_file("a.npy", _declared(shape)), Table)
