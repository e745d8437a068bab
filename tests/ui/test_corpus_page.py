"""The page Corpus: what a scan found, a unit of it, spans that lead to others; and no scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.corpus.scan_plan import model_digest
from rnnviz.errors import InputError
from rnnviz.i18n import LANGUAGES, word
from rnnviz.train.presets import preset
from rnnviz.ui.controls import scan_source
from rnnviz.ui.kept_files import LostFile
from rnnviz.ui.places import choices_of_page
from rnnviz.ui.scan_folders import VARIABLE, scan_folders
from rnnviz.ui.url import File
from tests.corpus.test_damaged import damaged
from tests.corpus.test_scan import ALICE
from tests.test_app import APP, clicked

PAGE = "rnnviz/ui/pages/corpus.py"
MODEL = "preset:next_character_lstm"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two scans, and of one that is broken off."""
    root = tmp_path_factory.mktemp("scans")
    text = root / "alice.txt"
    text.write_text(ALICE.read_text("utf-8")[:24_000] + "ψψ", "utf-8")
    rv.corpus.scan(preset("next_character_lstm").model(), text, root / "alice")
    small = rv.random_model("gru", 2, 5).with_vocabulary(("a", "b"))
    text.write_text("abba" * 300, "utf-8")
    rv.corpus.scan(small, text, root / "small")
    (root / "broken").mkdir()
    return root


@pytest.fixture
def served(folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app lets these folders be opened."""
    monkeypatch.setenv(VARIABLE, str(folders))
    return folders


def corpus_page(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in {"lang": "en", **choices}.items():
        app.query_params[key] = value
    return app.switch_page(PAGE).run()


def said(app: AppTest) -> str:
    parts = (*app.markdown, *app.caption, *app.code, *app.warning, *app.info, *app.get("html"))
    return "\n".join(one.proto.body if hasattr(one.proto, "body") else one.value for one in parts)


def chosen(app: AppTest, *keys: str) -> list[Any]:
    """What the session has chosen; the address is written of it."""
    return [app.session_state["chosen"][key] for key in keys]


def charts(app: AppTest) -> list[str]:
    return [chart.key for chart in app.get("plotly_chart")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_scan_the_page_says_how_to_make_one(language: str) -> None:
    app = corpus_page(lang=language)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert "rnnviz corpus model.pt texts/ -o found/" in said(app)
    assert "rnnviz --scans found/" in said(app)
    assert app.get("file_uploader")
    assert app.button(key="open_sample").label == word("corpus.open_sample", language)
    assert word("corpus.too_large", language, bound=200) in said(app)
    assert charts(app) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_folder_is_shown_with_what_was_found_and_a_unit(served: Path, language: str) -> None:
    app = corpus_page(lang=language, scan="folder:alice", model=MODEL)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert charts(app) == ["scan_features", "scan_unit_figure", "scan_signal_figure"]
    scan = rv.corpus.open(served / "alice")
    text = said(app)
    assert f"{scan.n_steps:,}" in text
    assert scan.title in text
    assert f"{scan.n_unknown} " in text
    clearest = max(scan.found or scan.features, key=lambda one: abs(one.best.r))
    assert chosen(app, "scan_signal", "scan_unit") == [clearest.signal, clearest.unit]
    unit = scan.unit(clearest.signal, clearest.unit)
    assert text.count("<tr>") >= len(unit.highest) + len(unit.lowest)
    for one in (unit.highest[0], unit.lowest[0]):
        assert f"<mark>{one.token if one.token.isprintable() else ''}" in text
    assert f'scan.unit("{clearest.signal}", {clearest.unit}).figure()' in text
    far = scan.units_at(unit.highest[0].shard, unit.highest[0].step)
    assert f"**{far.n_units}**" in text


def test_the_address_keeps_signal_unit_and_way(served: Path) -> None:
    app = corpus_page(scan="folder:alice", scan_signal="forget", scan_unit="5", scan_ask="token")
    assert not app.error
    assert chosen(app, "scan", "scan_signal", "scan_unit") == ["folder:alice", "forget", 5]
    assert {"scan", "scan_signal", "scan_unit", "scan_at"} <= set(choices_of_page("corpus"))
    assert not {"scan", "scan_unit"} & set(choices_of_page("read"))
    assert "unit 5" in said(app)
    odd = corpus_page(scan="folder:small", scan_signal="memory", scan_unit="999")
    assert not odd.exception
    assert not odd.error
    assert chosen(odd, "scan") == ["folder:small"]


def test_a_place_stays_chosen_where_it_led_to_a_unit_and_only_there(served: Path) -> None:
    scan = rv.corpus.open(served / "alice")
    place = scan.contexts("cell", 73)[0]
    told = scan.units_at(place.shard, place.step).units
    led = next(one for one in told if (one.signal, one.unit) != ("cell", 73))
    for signal, unit, stays in ((led.signal, led.unit, True), ("cell", _elsewhere(scan), False)):
        asked = {"scan_signal": signal, "scan_unit": str(unit)}
        app = corpus_page(scan="folder:alice", scan_at=f"{place.shard}-{place.step}", **asked)
        assert not app.error
        (at,) = chosen(app, "scan_at")
        assert (at == f"{place.shard}-{place.step}") == stays


def _elsewhere(scan: Any) -> int:
    """A unit that is nowhere farthest near the place where unit 73 is."""
    step = scan.contexts("cell", 73)[0].step
    ends = {
        u: [*scan.contexts("cell", u), *scan.contexts("cell", u, lowest=True)] for u in range(99)
    }
    return next(u for u, own in ends.items() if all(abs(one.step - step) > 3 for one in own))


def test_a_typed_text_is_read_by_the_model_that_was_scanned(served: Path) -> None:
    text = {"scan_ask": "text", "scan_text": "Alice said", "scan_part": "Alice"}
    app = corpus_page(scan="folder:alice", model=MODEL, **text)
    assert not app.error
    scan = rv.corpus.open(served / "alice")
    far = scan.units_in(preset("next_character_lstm").model(), "Alice said", "Alice")
    assert f"**{far.n_units}**" in said(app)
    other = corpus_page(scan="folder:small", model=MODEL, **text)
    assert "what was scanned is another model" in said(other)
    assert "open its file in the list" in said(other)
    nowhere = corpus_page(scan="folder:alice", model=MODEL, **text | {"scan_part": "queen"})
    assert "stands nowhere" in said(nowhere)


def test_a_context_opens_on_read_with_the_model_that_was_scanned(served: Path) -> None:
    app = corpus_page(scan="folder:alice", model=MODEL, scan_signal="cell", scan_unit="73")
    place = rv.corpus.open(served / "alice").contexts("cell", 73)[0]
    read = clicked(app, "scan_to_read")
    assert not read.exception
    assert not read.error
    text = place.before + place.token + place.after
    assert chosen(read, "says", "step", "pick") == [text, len(place.before), "cell.73"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_model_that_is_open_is_told_and_the_scanned_one_is_a_click_away(
    served: Path, language: str
) -> None:
    other = corpus_page(scan="folder:alice", lang=language, model="preset:next_character_gru")
    assert "scan_to_read" not in [button.key for button in other.button]
    about = rv.corpus.open(served / "alice").about
    opened = model_digest(preset("next_character_gru").model())
    (told,) = other.info
    assert all(one in told.value for one in (about.title, about.model[:8], opened[:8]))
    ours = clicked(other, "open_scanned")
    assert not ours.exception
    assert chosen(ours, "model", "scan") == [MODEL, "folder:alice"]
    assert "scan_to_read" in [button.key for button in ours.button]


def test_the_call_names_the_scan_that_is_shown(served: Path) -> None:
    assert 'scan = rv.corpus.open("small")' in said(corpus_page(scan="folder:small"))
    call = said(corpus_page(scan="sample")).partition("from rnnviz.core")
    run: dict[str, Any] = {"rv": rv}
    exec(f"from rnnviz.core{call[2].partition('print(')[0]}", run)
    assert run["scan"].about.model == model_digest(preset("next_character_lstm").model())


def test_shares_are_told_by_numbers_that_a_memory_without_bounds_has_too(served: Path) -> None:
    """The ends of the fourth bin from either side, of v/(1 + |v|) where v has no bounds."""
    shown = {"scan": "folder:alice", "scan_unit": "5"}
    assert "below 0.1 at" in said(corpus_page(**shown, scan_signal="forget"))
    assert "below −4 at" in said(corpus_page(**shown, scan_signal="cell"))
    assert "above 0.8 at" in said(corpus_page(**shown, scan_signal="hidden"))


def test_a_server_for_everyone_opens_no_path(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = corpus_page(scan="folder:../alice")
    assert "does not open" in said(outside)
    assert set(scan_folders()) == {"alice", "small"}
    monkeypatch.delenv(VARIABLE)
    assert scan_folders() == {}
    hosted = corpus_page(scan="folder:alice")
    assert not hosted.exception
    assert "does not open" in said(hosted)
    assert charts(hosted) == []
    monkeypatch.setenv(VARIABLE, str(served / "alice"))
    assert set(scan_folders()) == {"alice"}


def test_an_upload_is_shown_and_a_damaged_one_loses_nothing(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: dict[str, Any] = {}
    monkeypatch.setattr(scan_source.state, "put", lambda **values: put.update(values))
    monkeypatch.setattr(scan_source.state, "restore_defaults", lambda *keys: None)
    scan_source.take_scan(File("a.parquet", b"PAR1"))
    assert isinstance(put["scan_notice"].error, InputError)
    assert "scanfile" not in put
    shard = next((served / "small" / "shards").glob("0*.parquet"))
    scan_source.take_scan(File(shard.name, shard.read_bytes()))
    assert str(put["scan_notice"].error).startswith("“000000.parquet” is one shard of a scan")
    assert "scanfile" not in put
    file = File("a.parquet", (served / "small" / "corpus.parquet").read_bytes())
    scan_source.take_scan(file)
    assert (put["scan"], put["scanfile"], put["scan_notice"]) == ("file", file, None)


def test_sums_of_tokens_that_were_overwritten_are_a_sentence_and_the_rest_is_shown(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (served / "small" / "corpus.parquet").read_bytes()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "corpus.parquet").write_bytes(damaged(whole, "tokens_1"))
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    first = rv.corpus.open(tmp_path / "bad").signals[0]
    app = corpus_page(scan="folder:bad", scan_ask="token", scan_signal=first)
    assert not app.exception
    (told,) = app.warning
    assert "“bad” should be the corpus.parquet of a whole scan" in told.value
    assert {"scan_unit_figure", "scan_signal_figure"} <= set(charts(app))


def test_an_upload_that_the_server_no_longer_has_is_asked_for_again() -> None:
    lost = LostFile("a.parquet", "0" * 32)
    app = corpus_page(scan="file", scanfile=f"held-{lost.digest}~{lost.name}")
    assert not app.exception
    assert "a.parquet" in said(app)
    assert app.get("file_uploader")
