"""Files whose content is not what their name says, and that a recipe or a reader leads on from."""

import io
from pathlib import Path

import openpyxl
import pytest

import rnnviz as rv
from rnnviz.errors import InputError, ModelError

COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["x", "y"], [1.5, 2], [3, 4]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_new_workbook_under_an_old_name_is_read() -> None:
    assert rv.read_sequence("a.xls", workbook()).values[:, 0].tolist() == [[1.5, 2], [3, 4]]


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_text_named_xls_is_told_of_and_opens_as_csv(charset: str) -> None:
    data = "x\ty\n1\t2\n3\t4\n".encode(charset)
    with pytest.raises(InputError, match=r"a web page or a text.*save it as \.xlsx.*\.csv"):
        rv.read_sequence("a.xls", data)
    assert rv.read_sequence("a.csv", data).values[:, 0].tolist() == [[1, 2], [3, 4]]


def test_a_web_page_named_xls_is_told_of() -> None:
    with pytest.raises(InputError, match="a web page or a text"):
        rv.read_sequence("a.xls", b"<html><table><tr><td>1</td></tr></table></html>")


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
def test_a_workbook_with_a_password_is_told_to_have_one(name: str) -> None:
    data = COMPOUND + bytes(2_000) + "EncryptedPackage".encode("utf-16-le") + bytes(2_000)
    with pytest.raises(InputError, match="a password protects it; save it without one"):
        rv.read_sequence(name, data)


def test_a_vocabulary_as_a_model_is_told_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("[PAD]\n[UNK]\nthe\nof\n##ing\n")
    with pytest.raises(ModelError, match=r"a list of tokens, not a model.*read it as a text"):
        rv.read_model(path)
    assert rv.read_sequence(path, kind="words").n_steps > 0


def test_too_much_of_a_table_is_not_told_of_as_a_model() -> None:
    from rnnviz.bounded.limits import reading_limits
    from rnnviz.bounded.refusals import excess_error

    for excess in ("memory", "size"):
        assert "model" not in str(excess_error(InputError, excess, "a.csv", reading_limits(1)))
        assert "layers" in str(excess_error(ModelError, excess, "a.pt", reading_limits(1)))


@pytest.mark.parametrize("text", ["天气很好，我们去公园。", "日期,气温\n一,5\n二,6\n"])
def test_chinese_in_hz_is_read(text: str) -> None:
    assert "".join(rv.read_sequence("a.txt", text.encode("hz")).tokens[0]) == text


@pytest.mark.parametrize("text", ["a ~{b~} c", "x = ~{ab~}", "~{~}"])
def test_what_only_looks_like_hz_is_read_as_it_stands(text: str) -> None:
    assert "".join(rv.read_sequence("a.txt", text.encode()).tokens[0]) == text
