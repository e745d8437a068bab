"""Links that nobody meant well: the page opens, says a sentence, and runs nothing."""

from __future__ import annotations

import base64
import zlib
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from rnnviz.i18n import word
from tests.browser.explore import Explore, box_of

NONSENSE = {
    "units": "1e9",
    "cell": "__import__",
    "layer": "-5",
    "layers": "0x10",
    "step": "99999999",
    "columns": "[[[",
    "only": '["x"]',
    "show": '["nope"]',
    "gain": "zzz",
    "seed": "-1",
    "size": "1" * 5000,
    "lang": "tlh",
    "__proto__": "x",
    "text": "<script>alert(1)</script><img src=x onerror=alert(2)>",
}


def packed(data: bytes) -> str:
    """A file's bytes as a link carries them."""
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode()


def test_choices_that_make_no_sense_are_left_out(tab: Explore) -> None:
    tab.open(urlencode(NONSENSE))
    expect(tab.crash).to_have_count(0)
    expect(tab.heatmaps).to_have_count(4)
    tab.stands_on(len(NONSENSE["text"]))
    assert tab.chosen.keys() <= {"lang", "model", "text", "layer", "seed", "step", "layers"}


def test_markup_in_a_file_is_letters(tab: Explore) -> None:
    names = ["<b>b</b>", "<img src=x>", "&lt;`x`$y$", "[a](b:c)"]
    table = "\n".join(["<u>who</u>,n", *(f"{name},{i}" for i, name in enumerate(names))])
    tab.open(urlencode({"upload": f"{packed(table.encode())}~<s>a</s>.csv", "axis": "<u>who</u>"}))
    tab.expect_tokens(names)
    tab.part("first").click()
    expect(tab.part("token")).to_have_text(names[0])
    expect(tab.main).to_contain_text("<s>a</s>.csv")
    assert tab.page.locator("[src=x], .stMain b b, .stMain s, .stMain u").count() == 0


def test_control_characters_are_refused_in_one_sentence(tab: Explore) -> None:
    tab.open("text=%00%01<script>alert(1)</script>")
    expect(tab.alert).to_have_count(1)
    expect(tab.crash).to_have_count(0)
    tab.text.fill("fine")
    tab.expect_tokens(list("fine"))


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.pkl", b"\x80\x04N."), ("x.npz", b"PK\3\4"), ("", b"1")],
)
def test_a_file_in_a_link_that_cannot_be_read_is_put_aside(
    tab: Explore, name: str, data: bytes
) -> None:
    tab.open(urlencode({"upload": f"{packed(data)}~{name}"}))
    expect(tab.crash).to_have_count(0)
    expect(tab.heatmaps).to_have_count(4)
    assert "upload" not in tab.chosen


@pytest.mark.parametrize(
    "carried", ["zzz~../../etc/passwd", f"{packed(bytes(5_000_000))}~bomb.csv"]
)
def test_a_damaged_file_in_a_link_is_said_and_left_by_a_button(tab: Explore, carried: str) -> None:
    tab.open(urlencode({"upload": carried}))
    expect(tab.alert).to_contain_text(word("lost.damaged", "en"))
    expect(tab.crash).to_have_count(0)
    tab.main.get_by_role("button", name=word("upload.close", "en")).click()
    expect(tab.heatmaps).to_have_count(4)
    tab.expect_no_address("upload=")


def test_a_text_of_six_thousand_letters_is_shown_whole(tab: Explore) -> None:
    tab.open(urlencode({"text": "abcdef" * 1000}))
    expect(tab.page.locator(".minimap .where")).to_have_text("Steps 1–6,000 of 6,000")
    expect(tab.heatmaps).to_have_count(4)
    expect(tab.alert).to_have_count(0)


def test_the_picture_stands_right_under_the_sentence_on_a_damaged_model(tab: Explore) -> None:
    tab.open("lang=en&model=file&modelfile=damaged")
    tab.lie_still()
    alert = box_of(tab.alert.first)
    assert box_of(tab.slider).top - alert.top - alert.height < 200
