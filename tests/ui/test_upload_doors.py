"""Files at the page's doors: each is taken, or answered with a sentence and a way that works."""

from __future__ import annotations

import json
import random
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.i18n import error_message, word
from rnnviz.ui import kept_files
from rnnviz.ui.controls import upload_doors
from rnnviz.ui.controls.notice import INPUT_NOTICE, MODEL_NOTICE
from rnnviz.ui.kept_files import file_address, keep_file
from rnnviz.ui.url import File
from tests.test_app import clicked, opened
from tests.ui.test_unknown_tokens import model_of

CSV = b"day,flow\n1,0.5\n2,1.5\n3,2.5\n"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session's state without a page, as callbacks see it."""
    values: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", values)
    return values


def pt(weights: dict[str, Any]) -> bytes:
    file = BytesIO()
    torch.save(weights, file)
    return file.getvalue()


def lstm(**more: Any) -> bytes:
    torch.manual_seed(1)
    rows = {f"rnn.{name}": value for name, value in torch.nn.LSTM(3, 4).state_dict().items()}
    return pt(rows | more)


def notice(session: dict[str, Any], place: str) -> tuple[str, list[str]]:
    """Sentence of a notice, and what it offers."""
    found = session[place]
    assert "{" not in error_message(found.error, "zh")
    return str(found.error), [offer.word for offer in found.offers]


def follow(session: dict[str, Any], place: str, which: int = 0) -> None:
    offer = session[place].offers[which]
    offer.act(*offer.args)


def chosen(session: dict[str, Any], key: str) -> Any:
    return session.get("chosen", {}).get(key)


def test_a_model_at_the_door_of_inputs_opens_by_one_button(session: dict[str, Any]) -> None:
    upload_doors.take_input(File("bilstm.pt", lstm()))
    sentence, offers = notice(session, INPUT_NOTICE)
    assert "“bilstm.pt” is a model" in sentence
    assert offers == ["door.model"]
    follow(session, INPUT_NOTICE)
    assert chosen(session, "model") == "file"
    assert chosen(session, "modelfile").name == "bilstm.pt"
    assert session[INPUT_NOTICE] is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("flow.csv", CSV),
        ("flow.tsv", CSV.replace(b",", b"\t")),
        ("flow.json", json.dumps([{"a": 1.0}, {"a": 2.0}]).encode()),
        ("poem.txt", "床前明月光".encode()),
    ],
)
def test_an_input_at_the_door_of_models_is_read_by_one_button(
    session: dict[str, Any], name: str, data: bytes
) -> None:
    session["chosen"] = {"model": "untrained"}
    upload_doors.take_model(File(name, data))
    sentence, offers = notice(session, MODEL_NOTICE)
    assert name in sentence
    assert offers == ["door.input"]
    follow(session, MODEL_NOTICE)
    assert session[MODEL_NOTICE] is None
    taken = chosen(session, "upload")
    assert taken.name == name if taken else chosen(session, "text") == data.decode()


@pytest.mark.parametrize(
    ("name", "words"),
    [("notes.md", "door.text"), ("series.asc", "door.table"), ("README", "door.text")],
)
@pytest.mark.parametrize("door", [upload_doors.take_input, upload_doors.take_model])
def test_a_file_of_an_unknown_kind_can_be_read_as_what_it_holds(
    session: dict[str, Any], name: str, words: str, door: Any
) -> None:
    session["chosen"] = {"model": "untrained"}
    door(File(name, CSV))
    place = INPUT_NOTICE if door is upload_doors.take_input else MODEL_NOTICE
    _, offers = notice(session, place)
    assert words in offers
    follow(session, place, offers.index(words))
    assert chosen(session, "upload") or chosen(session, "text") == CSV.decode()
    assert session[place] is None


@pytest.mark.parametrize(
    "name",
    ["a.png", "a.pdf", "a.docx", "a.mp3", "a.zip", "a.pt", "a.csv", "a.gz", "a", "a.npz", "a.h5"],
)
@pytest.mark.parametrize("door", [upload_doors.take_input, upload_doors.take_model])
def test_whatever_cannot_be_read_gets_a_sentence(
    session: dict[str, Any], name: str, door: Any
) -> None:
    data = b"\x89PNG\r\n\x1a\n\0\0\0" + random.Random(0).randbytes(200)
    door(File(name, data))
    place = INPUT_NOTICE if door is upload_doors.take_input else MODEL_NOTICE
    sentence, offers = notice(session, place)
    assert sentence.endswith(".")
    assert offers == []
    assert chosen(session, "upload") is None
    assert chosen(session, "modelfile") is None


def test_a_refusal_that_an_answer_lifts_has_a_button_for_the_answer(
    session: dict[str, Any],
) -> None:
    beside = {"rnn.layer_norm.weight": torch.ones(4), "rnn.layer_norm.bias": torch.ones(4)}
    holes = torch.full((16, 3), float("nan"))
    upload_doors.take_model(File("norm.pt", lstm(**beside, **{"rnn.weight_ih_l0": holes})))
    lifted = []
    while session.get(MODEL_NOTICE) is not None:
        lifted += notice(session, MODEL_NOTICE)[1]
        follow(session, MODEL_NOTICE)
    assert sorted(lifted) == ["lift.beside", "lift.nan"]
    assert sorted(chosen(session, "answers")) == ["beside=left_out", "nan=zero"]
    assert chosen(session, "model") == "file"


def test_a_typed_array_of_three_axes_is_an_input_and_named_weights_are_a_model(
    session: dict[str, Any],
) -> None:
    session["chosen"] = {"model": "untrained"}
    file = BytesIO()
    np.savez(file, **{n: np.asarray(v) for n, v in torch.nn.LSTM(3, 4).state_dict().items()})
    upload_doors.take_input(File("weights.npz", file.getvalue()))
    assert notice(session, INPUT_NOTICE)[1] == ["door.model"]
    file = BytesIO()
    np.save(file, np.ones((5, 1, 2)))
    upload_doors.take_input(File("walk.npy", file.getvalue()))
    assert chosen(session, "upload").name == "walk.npy"


def large_csv() -> File:
    numbers = np.random.default_rng(0).normal(size=(600, 3))
    rows = "\n".join(",".join(f"{x:.9f}" for x in row) for row in numbers)
    return File("flow.csv", f"a,b,c\n{rows}\n".encode())


def test_an_upload_is_there_again_after_a_reload() -> None:
    model, table = (
        File("big.pt", pt({f"rnn.{n}": v for n, v in torch.nn.GRU(9, 40).state_dict().items()})),
        large_csv(),
    )
    keep_file(model)
    keep_file(table)
    app = opened(model="file", modelfile=file_address(model))
    assert not app.exception
    assert app.session_state["chosen"]["modelfile"].data == model.data
    assert app.query_params["modelfile"] == file_address(model)
    app = opened(upload=file_address(table))
    assert app.session_state["chosen"]["upload"].data == table.data


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_model_that_is_gone_is_said_and_no_other_is_shown(lang: str) -> None:
    address = f"held-{'0' * 32}~bilstm.pt"
    app = opened(model="file", modelfile=address, answers='["nan=zero"]', lang=lang)
    assert not app.exception
    (said,) = app.warning
    assert "bilstm.pt" in said.value
    assert not app.get("plotly_chart")
    assert [one.proto.label for one in app.get("file_uploader")]
    assert app.query_params["modelfile"] == address
    assert app.query_params["model"] == "file"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("model", ["untrained", "preset:languages_gru"])
def test_an_input_that_is_gone_is_said_and_no_other_is_shown(model: str, lang: str) -> None:
    app = opened(model=model, upload=f"held-{'0' * 32}~flow.csv", lang=lang)
    assert not app.exception
    (said,) = app.warning
    assert "flow.csv" in said.value
    assert not app.get("plotly_chart")
    app = clicked(app, "close")
    assert app.get("plotly_chart")


def test_a_file_that_comes_back_keeps_what_was_chosen_for_it(session: dict[str, Any]) -> None:
    file = File("big.pt", lstm())
    lost = kept_files.LostFile("big.pt", file.digest)
    session["chosen"] = {
        "model": "file",
        "modelfile": lost,
        "answers": ["nan=zero"],
        "pick": "cell.2",
    }
    upload_doors.take_model(file)
    assert chosen(session, "modelfile") == file
    assert chosen(session, "answers") == ["nan=zero"]
    assert chosen(session, "pick") == "cell.2"
    table = large_csv()
    session["chosen"] |= {"upload": kept_files.LostFile("flow.csv", table.digest), "columns": ["b"]}
    upload_doors.take_input(table)
    assert chosen(session, "upload") == table
    assert chosen(session, "columns") == ["b"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "link",
    [
        {"model": "preset:gone"},
        {"model": "<b>$x$</b>"},
        {"model": "file"},
        {"model": "file", "modelfile": f"held-{'0' * 20}~cut.pt"},
    ],
)
def test_a_link_to_no_model_is_said_before_another_is_shown(
    link: dict[str, str], lang: str
) -> None:
    app = opened(**link, lang=lang)
    assert not app.exception
    assert len(app.warning) == 1
    assert app.get("plotly_chart")
    assert not opened(lang=lang).warning


@pytest.mark.parametrize(
    "tokens", [["\ud800", *"bcdefgh"], ["a" * 900_000, *"bcdefgh"], [" " * i for i in range(8)]]
)
def test_a_vocabulary_of_odd_tokens_shows_no_more_than_a_sentence(tokens: list[str]) -> None:
    file = File(
        "m.pt", model_of(None, n=8).data, (File("vocab.json", json.dumps(tokens).encode()),)
    )
    keep_file(file)
    app = opened(model="file", modelfile=file_address(file))
    assert not app.exception
    assert not app.error
    assert len(app.warning) <= 1
    assert all(len(one.value) < 500 for one in app.warning)


def test_an_intervention_on_half_a_character_is_left_out_of_the_page() -> None:
    app = opened(do='[{"do":"clamp","gate":"\\ud800","value":1.0}]')
    assert not app.exception
    assert not app.error
    assert "do" not in app.query_params


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("address", ["x", "held-12~flow.csv", "eJw~flow.csv", "###~a.csv"])
def test_an_input_that_its_link_does_not_give_whole_is_said(address: str, lang: str) -> None:
    app = opened(upload=address, lang=lang)
    assert not app.exception
    (said,) = app.warning
    assert said.value == word("lost.damaged", lang)
    assert app.get("file_uploader")
    app = clicked(app, "close")
    assert app.get("plotly_chart")
    assert not app.warning


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_number_that_stands_for_a_gap_is_asked_about_and_the_answer_is_read(lang: str) -> None:
    table = File("dwd.csv", b"hour;TT_TU\n0;-5.6\n1;-5.2\n2;-999\n3;-4.9\n")
    keep_file(table)
    app = opened(upload=file_address(table), lang=lang)
    assert not app.exception
    [box] = [one for one in app.selectbox if "-999" in one.label]
    assert box.options == [
        word("reading.as_number", lang),
        word("reading.as_gap", lang, cell="-999"),
    ]
    answered = opened(upload=file_address(table), reading='["sentinel=-999"]', lang=lang)
    assert not answered.exception
    [box] = [one for one in answered.selectbox if "TT_TU" in one.label and one.options[1:]][:1]
    assert box.value == "-999"
    assert "-999" not in box.label
