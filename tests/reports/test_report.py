"""The report's page: its numbers are the library's, its words the reader's, its names escaped."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz import cli
from rnnviz.analysis.fading import memory_fading
from rnnviz.analysis.relevance import relevance
from rnnviz.analysis.telling_window import state_change
from rnnviz.i18n import LANGUAGES, word
from rnnviz.reports import whole_run
from rnnviz.reports.examination import examine
from rnnviz.reports.markup import percent, table_number
from rnnviz.train import preset
from tests.witnesses import assert_close, normal


class Page(HTMLParser):
    """Cells of a page's tables by their rows, its sections' text, and every address in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text: dict[str, str] = {}
        self.links: list[str] = []
        self.tags: list[str] = []
        self._section, self._inside = "", ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        if tag == "section":
            self._section = given.get("id", self._section)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag in ("style", "script", "td", "th"):
            self._inside = tag

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data):
        if self._inside in ("td", "th"):
            self.rows[-1][-1] += data
        if self._inside not in ("style", "script"):
            self.text[self._section] = self.text.get(self._section, "") + data

    def row(self, *starts: str) -> list[str]:
        """The only row that begins with these cells."""
        [found] = [row for row in self.rows if row[: len(starts)] == list(starts)]
        return found


def page_of(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def model(reported: Path) -> rv.Model:
    return rv.open_model(reported / "model.pt").model


@pytest.fixture(scope="module")
def sequence(reported: Path) -> rv.Sequence:
    return rv.read_sequence(reported / "data.csv")


def test_health_is_that_of_the_whole_trace(reported: Path, model, sequence) -> None:
    numbers = rv.health(rv.trace(model, sequence))
    rows = [row for row in page_of(reported / "en.html").rows if row[0] == "forget gate"]
    for level, row in enumerate(rows):
        start = f"{level}.forward"
        shares = [numbers[f"{start}.forget.{end}"] for end in ("closed", "open")]
        assert row[2:] == list(map(percent, shares))
    text = page_of(reported / "en.html").text["health"]
    assert len(rows) == 2
    assert table_number(numbers["1.forward.cell.largest"]) in text


def test_relevance_is_the_librarys_in_its_order(reported: Path, model, sequence) -> None:
    told, page = relevance(model, sequence), page_of(reported / "en.html")
    rows = [row for row in page.rows if row[0] in told.names and "%" in "".join(row)]
    wanted = zip(told.names, map(percent, told.output), map(percent, told.hidden), strict=True)
    assert rows == list(map(list, wanted))
    assert told.names[0] in page.text[""]


def test_memory_is_measured_and_read_from_the_gates(reported: Path, model, sequence) -> None:
    found = examine(model, sequence)
    numbers = rv.health(rv.trace(model, sequence))
    page = page_of(reported / "en.html")
    for level, told in enumerate(found.fading):
        scales = [numbers[f"{level}.forward.timescale.{q}"] for q in ("q10", "q50", "q90")]
        row = page.row(f"layer {level + 1}")
        assert row == [
            f"layer {level + 1}",
            f"{told.reach} step{'s' * (told.reach != 1)}",
            *map(table_number, scales),
        ]
    # From a start that the run itself passes through: where no window is cut, the same.
    [alone, _] = memory_fading(model, sequence)
    assert found.n_followed == 16
    assert len(found.fading[0].left) == 150 < len(alone.left)


def test_the_window_is_where_the_top_levels_memory_changes_most(
    reported: Path, model, sequence
) -> None:
    whole = rv.trace(model, sequence)
    change = state_change(whole, layer=1)
    means = np.convolve(change, np.ones(48) / 48, "valid")
    start = 48 + int(np.argmax(means[48:]))
    found = examine(model, sequence)
    assert (found.profile.start, found.profile.stop, found.profile.layer) == (start, start + 48, 1)
    assert_close(found.profile.values, change, 1e-7)
    text = page_of(reported / "en.html").text["window"]
    assert f"steps {start + 1}–{start + 48}" in text
    assert table_number(float(means[start])) in text
    # Of the same steps, without those that were left out.
    assert table_number(float(change[48:].mean())) in text


def test_the_player_has_the_windows_numbers(model, sequence) -> None:
    found, whole = examine(model, sequence), rv.trace(model, sequence)
    again = rv.trace(found.started, found.window.sequence)
    for here, of_all in zip(again.layers, whole.layers, strict=True):
        part = of_all.signals["cell"][found.profile.start : found.profile.stop]
        assert_close(here.signals["cell"], part, 1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_in_its_language_and_asks_no_host(reported: Path, language) -> None:
    page = page_of(reported / f"{language}.html")
    for part in ("reading", "health", "memory", "relevance", "window", "method"):
        assert word(f"report.part.{part}", language) in page.text[part]
    assert word("grade.assumed", language) in page.text["reading"]
    assert not [link for link in page.links if not link.startswith(("#", "data:"))]
    assert "{" not in "".join(page.text.values())
    is_chinese = re.search("[\u4e00-\u9fff]", "".join(page.text.values()))
    assert bool(is_chinese) == (language == "zh")


def test_the_network_is_told_in_the_readers_words(reported: Path) -> None:
    told = {language: page_of(reported / f"{language}.html") for language in LANGUAGES}
    for name, wanted in {
        "cell": ("LSTM", "LSTM"),
        "directions": ("forward", "正向"),
        "gate_order": (
            "input gate, forget gate, candidate, output gate",
            "输入门、遗忘门、候选值、输出门",
        ),
        "activations": ("sigmoid, tanh", "sigmoid、tanh"),
    }.items():
        for language, said in zip(LANGUAGES, wanted, strict=True):
            assert told[language].row(word(f"fact.{name}", language))[1] == said


def test_what_is_assumed_comes_with_the_option_that_chooses_otherwise(
    reported: Path, tmp_path: Path
) -> None:
    text = page_of(reported / "en.html").text["reading"]
    option, value = re.search(r"(--answer) ([\w=]+)", text).groups()
    assert value == "readout_activation=softmax"
    paths = [str(reported / name) for name in ("model.pt", "data.csv")]
    target = tmp_path / "a.html"
    assert cli.main(["report", *paths, option, value, "-o", str(target)]) == 0
    page = page_of(target)
    assert "--answer" not in page.text["reading"]
    assert page.row(word("fact.readout"))[1].endswith("softmax")
    assert f"--answer {value}" in page.text["method"]


def test_what_a_table_leaves_open_comes_with_its_option(reported: Path, tmp_path: Path) -> None:
    rows = ["a;b;c", *(f"{i},{i:03};{i};{i % 3}" for i in range(1, 40))]
    (tmp_path / "open.csv").write_text("\n".join(rows), "utf-8")
    call = ["report", str(reported / "model.pt"), str(tmp_path / "open.csv")]
    target = tmp_path / "a.html"
    assert cli.main([*call, "-o", str(target)]) == 0
    before = page_of(target)
    [value] = re.findall(r"--read (decimal=\S)", before.text["reading"])
    assert cli.main([*call, "--read", value, "-o", str(target)]) == 0
    after = page_of(target)
    numbers = [
        [row for row in page.rows if row[0] == "a" and len(row) == 5] for page in (before, after)
    ]
    assert numbers[0] != numbers[1]


@pytest.mark.parametrize(
    ("how", "said"), [("interpolate", "filled by a line"), ("drop", "rows left out")]
)
def test_filled_gaps_are_counted(reported: Path, tmp_path: Path, how: str, said: str) -> None:
    rows = ["a,b,c", *(f"{i},{i * i},{i if i % 5 else ''}" for i in range(1, 40))]
    (tmp_path / "gaps.csv").write_text("\n".join(rows), "utf-8")
    paths = [str(reported / "model.pt"), str(tmp_path / "gaps.csv")]
    target = tmp_path / "a.html"
    assert cli.main(["report", *paths, "--missing", how, "-o", str(target)]) == 0
    text = page_of(target).text["reading"]
    [number] = re.findall(rf"Column “c”: [^:]*{said}[^:]*: (\d+)\.", text)
    assert number == "7"
    assert text.count(said) == 1


def test_a_path_is_opened_as_the_refusal_says(reported: Path, tmp_path: Path, sequence) -> None:
    path, target = reported / "model.pt", tmp_path / "a.html"
    for given in (path, str(path)):
        with pytest.raises(rv.ModelError, match=r"“.*” came; open it with rnnviz.read_model"):
            rv.report(given, sequence, target)
    rv.report(rv.read_model(path), sequence, target)
    assert "LSTM" in page_of(target).text[""]


HOSTILE = "<img src=x onerror=alert(1)>&{0}</script>"


def test_hostile_names_are_text(reported: Path, tmp_path: Path) -> None:
    head = f'"{HOSTILE}",b,"</title><script>alert(2)</script>"'
    rows = [",".join(map(str, row)) for row in normal(60, 3)]
    data = tmp_path / "<b>&data{x}.csv"
    data.write_text("\n".join([head, *rows]), "utf-8")
    target = tmp_path / "a.html"
    assert cli.main(["report", str(reported / "model.pt"), str(data), "-o", str(target)]) == 0
    page = page_of(target)
    assert "<b>&data{x}.csv" in page.text[""]
    assert "img" not in page.tags
    assert "b" not in [tag for tag in page.tags if tag == "title"]
    assert any(HOSTILE[:20] in row[0] for row in page.rows)
    assert page.tags.count("script") == 3


def test_a_text_is_told_by_its_tokens_and_by_where_it_is_predicted_worst(tmp_path: Path) -> None:
    model, text = preset("next_character_lstm").model(), "Alice was beginning to get tired. " * 9
    sequence = rv.parse(text)
    found = rv.report(model, sequence, tmp_path / "a.html", data_name="Alice")
    assert (found.profile.score, found.predicts) == ("surprise", "names")
    probabilities = rv.trace(model, sequence)["probabilities"][:, 0]
    names = list(model.readout.names)
    bits = [-np.log2(probabilities[t, names.index(text[t + 1])]) for t in range(len(text) - 1)]
    assert_close(found.profile.values[1:], bits, 1e-5)
    page = page_of(tmp_path / "a.html")
    assert word("report.why.names") in page.text["window"]
    assert page.row("i")[-1] == str(text.count("i"))
    assert " on Alice" in page.text[""]


def test_a_model_that_is_sure_and_wrong_is_infinitely_surprised(tmp_path: Path) -> None:
    model = preset("next_character_lstm").model()
    sure = replace(model, readout=replace(model.readout, weights=model.readout.weights * 1e4))
    found = rv.report(sure, rv.parse("Alice was beginning to get tired. " * 9), tmp_path / "a.html")
    inside = found.profile.values[found.profile.start : found.profile.stop]
    assert np.isinf(inside).any()
    assert "on average ∞ bits" in page_of(tmp_path / "a.html").text["window"]


def test_a_live_module_and_a_list_of_numbers_are_reported(tmp_path: Path) -> None:
    module = torch.nn.GRU(3, 4, dtype=torch.float64)
    found = rv.report(module, torch.tensor(normal(30, 1, 3)), tmp_path / "a.html")
    assert found.health == pytest.approx(
        rv.health(rv.trace(module, torch.tensor(normal(30, 1, 3))))
    )
    assert word("grade.proved") in page_of(tmp_path / "a.html").text["reading"]
    rv.report(rv.random_model("mgu", 1, 2), [[0.5]], tmp_path / "b.html", language="zh")
    page = page_of(tmp_path / "b.html")
    assert word("untrained", "zh") in page.text["health"]
    assert word("report.made_in_python", "zh") in page.text["reading"]


@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_cell_in_both_directions_and_rows_has_a_report(cell: str, tmp_path: Path) -> None:
    model = rv.random_model(cell, 2, 3, 2, bidirectional=True)
    sequence = rv.Sequence(normal(9, 2, 2), lengths=(9, 3))
    found = rv.report(model, sequence, tmp_path / "a.html", window=4)
    assert found.window.sequence.n_steps == 4
    assert len(found.fading) == 4


def test_a_network_too_large_for_the_page_has_a_picture_of_its_window(tmp_path: Path) -> None:
    found = rv.report(rv.random_model("gru", 2, 420), normal(60, 2), tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text("utf-8")
    given = json.loads(re.search(r"const given = (\{.*\}), page = ", html)[1])
    assert given["numbers"] == ""
    assert set(given["header"]["given"]) == {"figure", "player", "diagram"}
    assert given["header"]["picked"]["signal"] == "hidden"
    assert found.window.sequence.n_steps == 48


def test_long_data_are_run_from_disk_and_sampled_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_run, "MAX_IN_MEMORY", 100_000)
    model, values = rv.random_model("gru", 2, 4), normal(9000, 2)
    stages: dict[str, float] = {}
    found = rv.report(
        model,
        values,
        tmp_path / "a.html",
        progress=lambda stage, done: stages.update({stage: done}),
    )
    assert stages == {"run": 1.0, "profile": 1.0, "relevance": 1.0}
    assert_close(found.profile.values, state_change(rv.trace(model, values)), 1e-6)
    assert 0 < found.n_sampled < 9000
    said = word("report.sampled", part=f"{found.n_sampled:,}", whole="9,000")
    assert said in page_of(tmp_path / "a.html").text["health"]


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"rnnviz: [^\n]+\.\n", err)
    return err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.pt", "data.csv", "-o", "a.html"], "nowhere.pt"),
        (["data.csv", "data.csv", "-o", "a.html"], "data.csv"),
        (["model.pt", "nowhere.csv", "-o", "a.html"], "“nowhere.csv” should be a file"),
        (["model.pt", "wide.csv", "-o", "a.html"], "choose those that it reads with --columns"),
        (["model.pt", "narrow.csv", "-o", "a.html"], "reads 3 numbers a step"),
        (["model.pt", "words.txt", "-o", "a.html"], "vocab.txt"),
        (["model.pt", "data.csv", "-o", "a.pdf"], "ending in .html"),
        (["model.pt", "data.csv", "-o", "no/a.html"], "“no” should be a folder"),
        (["model.pt", "data.csv", "-o", "taken.html"], "“taken.html” cannot be written"),
        (["model.pt", "page.html", "-o", "page.html"], "choose another name"),
        (["model.pt", "data.csv", "--answer", "relu", "-o", "a.html"], "NAME=OPTION"),
        (["model.pt", "data.csv", "--read", "x=1", "-o", "a.html"], "“x” came"),
        (["broken.pt", "data.csv", "-o", "a.html"], "broken.pt"),
        (["ids.npz", "data.csv", "-o", "a.html"], "reads tokens"),
        (["model.pt", "data.csv", "-o", f"{'x' * 300}.html"], "cannot be written"),
        (["model.pt", "data.csv", "-o", f"{'x' * 300}/a.html"], "cannot be written"),
        (["model.pt", "data.csv", "--predicts-next", "-o", "a.html"], "has 0 such outputs"),
        (["model.pt", "rows.npy", "--scale", "standard", "-o", "a.html"], "not read as one"),
        (["model.pt", "rows.npy", "--columns", "a", "-o", "a.html"], "not read as one"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    reported: Path, tmp_path: Path, monkeypatch, capsys, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("model.pt", "data.csv"):
        (tmp_path / name).write_bytes((reported / name).read_bytes())
    (tmp_path / "wide.csv").write_text("a,b,c,d\n1,2,3,4\n5,6,7,8\n", "utf-8")
    (tmp_path / "narrow.csv").write_text("a\n1\n2\n", "utf-8")
    (tmp_path / "words.txt").write_text("hello", "utf-8")
    (tmp_path / "page.html").write_text("mine", "utf-8")
    (tmp_path / "taken.html").mkdir()
    np.save(tmp_path / "rows.npy", normal(5, 2, 3))
    (tmp_path / "broken.pt").write_bytes((reported / "model.pt").read_bytes()[:900])
    arrays = {"weight_ih_l0": normal(8, 2), "weight_hh_l0": normal(8, 2)}
    np.savez(
        tmp_path / "ids.npz",
        **{"embedding.weight": normal(7, 2)},
        **{f"rnn.{name}": array for name, array in arrays.items()},
    )
    before = sorted(tmp_path.iterdir())
    assert cli.main(["report", *arguments]) == 2
    assert said in refused(capsys)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "page.html").read_text("utf-8") == "mine"


def test_the_columns_and_the_vocabulary_are_given_as_the_refusals_say(
    reported: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wide.csv").write_text("a,b,c,d\n1,2,3,4\n5,6,7,8\n", "utf-8")
    call = ["report", str(reported / "model.pt"), "wide.csv", "-o", "a.html"]
    assert cli.main([*call, "--columns", "d", "a", "b"]) == 0
    assert "d, a, b" in page_of(tmp_path / "a.html").text["reading"]
    (tmp_path / "model.pt").write_bytes((reported / "model.pt").read_bytes())
    (tmp_path / "vocab.txt").write_text("a\nb\nc\n", "utf-8")
    (tmp_path / "words.txt").write_text("abacab\n", "utf-8")
    assert cli.main(["report", "model.pt", "words.txt", "-o", "b.html"]) == 0
    assert page_of(tmp_path / "b.html").row("c")[-1] == "1"


@pytest.mark.parametrize("name", ["ids.csv", "ids.npy", "ids.txt"])
def test_token_ids_are_read_from_a_column_an_array_and_a_text(tmp_path: Path, name: str) -> None:
    layers = {"embedding": torch.nn.Embedding(9, 3), "rnn": torch.nn.GRU(3, 4)}
    torch.save(torch.nn.ModuleDict(layers).state_dict(), tmp_path / "model.pt")
    ids = np.array([5, 3, 3, 0, 8])
    (tmp_path / "ids.csv").write_text("id\n" + "\n".join(map(str, ids)), "utf-8")
    (tmp_path / "ids.txt").write_text(" ".join(map(str, ids)), "utf-8")
    np.save(tmp_path / "ids.npy", ids)
    paths = [str(tmp_path / one) for one in ("model.pt", name, "a.html")]
    assert cli.main(["report", *paths[:2], "-o", paths[2]]) == 0
    assert page_of(tmp_path / "a.html").row("3")[-1] == "2"


@pytest.mark.parametrize("window", [0, 1, -3, 401, 2.5, "a", None, True, float("nan")])
def test_a_window_of_another_size_is_refused(tmp_path: Path, window) -> None:
    with pytest.raises(rv.InputError, match=f"2 to 400 steps, but {window} came"):
        rv.report(rv.random_model("gru", 1, 2), [[0.5]], tmp_path / "a.html", window=window)


def test_where_no_page_can_be_written_nothing_is_computed(tmp_path: Path) -> None:
    (tmp_path / "a.html").mkdir()
    told: list[str] = []
    with pytest.raises(rv.RnnvizError, match="cannot be written"):
        rv.report(
            rv.random_model("gru", 1, 2),
            [[0.5]],
            tmp_path / "a.html",
            progress=lambda stage, done: told.append(stage),
        )
    assert told == []


@pytest.mark.parametrize("values", [[[1.0]] * 9, [[0.0]], [[1e30], [-1e30]]])
def test_data_that_do_not_vary_or_are_extreme_have_a_page_without_nan(
    tmp_path: Path, values: list[list[float]]
) -> None:
    model = rv.random_model("lstm", 1, 3)
    rv.report(model, values, tmp_path / "a.html")
    assert not re.search(r"\bnan\b", " ".join(page_of(tmp_path / "a.html").text.values()))


def test_without_streamlit_the_install_line_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "streamlit", None)
    with pytest.raises(rv.MissingLibraryError, match="pip install streamlit"):
        rv.report(rv.random_model("gru", 1, 2), [[0.5]], tmp_path / "a.html")
    assert cli.main(["report", "a.pt", "a.csv", "-o", str(tmp_path / "a.html")]) == 2
    assert "pip install streamlit" in refused(capsys)
