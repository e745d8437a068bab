import inspect
from pathlib import Path

import numpy as np
import pytest

from rnnviz.errors import InputError
from rnnviz.inputs.parse import parse
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import table_sequence

CSV = b"day,price,n\n2024-01-31,1.5,3\n2024-02-01,,5\n2024-02-02,2.5,7\n"


def test_a_text_file_is_parsed_as_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("1 2; 3 4")
    assert read_sequence(path, kind="numbers").values[:, 0].tolist() == [[1, 2], [3, 4]]
    assert read_sequence(str(path)).tokens == (tuple("1 2; 3 4"),)


def test_an_upload_is_read_under_its_name() -> None:
    words = read_sequence("a.txt", b"one two", kind="words", encoding="embedding", size=3, seed=2)
    assert words.tokens == (("one", "two"),)
    assert words.values.shape == (2, 1, 3)


def test_a_table_is_neither_scaled_nor_filled_unless_asked() -> None:
    with pytest.raises(InputError, match="misses price: 1; choose interpolate"):
        read_sequence("a.csv", CSV)
    filled = read_sequence("a.csv", CSV, missing="interpolate")
    assert filled.values[:, 0].tolist() == [[1.5, 3], [2, 5], [2.5, 7]]
    assert filled.tokens == (("2024-01-31", "2024-02-01", "2024-02-02"),)


def test_columns_scale_and_axis_reach_the_table() -> None:
    sequence = read_sequence("a.csv", CSV, columns=["n"], scale="minmax", axis="")
    assert sequence.values.ravel().tolist() == [0, 0.5, 1]
    assert sequence.tokens == (("1", "2", "3"),)


def test_an_array_of_three_axes_comes_as_it_is(tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(4, 2, 3))
    np.save(tmp_path / "a.npy", array)
    np.testing.assert_array_equal(read_sequence(tmp_path / "a.npy").values, array)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.npy"])
def test_too_many_steps_are_refused_in_every_kind(name: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((3, 1, 1)))
    (tmp_path / "a.txt").write_text("abc")
    (tmp_path / "a.csv").write_text("1\n2\n3\n")
    with pytest.raises(InputError, match="At most 2 steps can be read here, but 3 came"):
        read_sequence(tmp_path / name, max_steps=2)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"“.*absent\.csv” should be a file, but there is none"):
        read_sequence(tmp_path / "absent.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_sequence(tmp_path / "folder.csv")


def test_a_name_with_nul_is_refused() -> None:
    with pytest.raises(InputError, match="there is none"):
        read_sequence("a\x00.csv")


def test_every_option_of_the_parts_is_an_option_of_the_whole() -> None:
    whole = set(inspect.signature(read_sequence).parameters)
    parts = set(inspect.signature(parse).parameters) | set(
        inspect.signature(table_sequence).parameters
    )
    assert parts - {"text", "table"} <= whole
