"""`rv.show`: what a widget carries, what it refuses, what a saved notebook keeps."""

from __future__ import annotations

import gzip
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.figures.plotly_json import plotly_script
from rnnviz.notebook.player_page import compact, notebook_text
from rnnviz.notebook.plotly_source import packed_plotly, plotly_source
from rnnviz.notebook.widget import Player
from rnnviz.ui.player.packet import packet_header, packet_numbers
from rnnviz.ui.player.read_page import page_script
from tests.witnesses import assert_close, normal, sigmoid

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'
MODEL = rv.random_model("lstm", n_inputs=3, n_units=5, seed=2)


@pytest.fixture(scope="module")
def trace() -> rv.Trace:
    return rv.trace(MODEL, normal(8, 2, 3, seed=1))


@pytest.fixture(scope="module")
def player(trace: rv.Trace) -> Player:
    return rv.show(trace)


def test_it_weighs_less_than_100_kilobytes_beside_plotly(player: Player) -> None:
    assert len(player._esm.encode()) + len(player.page) < 100_000


def test_it_stands_at_the_step_that_is_read_last(trace: rv.Trace, player: Player) -> None:
    assert (player.step, player.unit, player.signal) == (7, 0, "cell")
    backward = replace(MODEL.layers[0], direction="backward")
    assert rv.show(rv.trace(rv.Model((backward,)), trace.sequence)).step == 0
    assert rv.show(trace, step=3).step == 3
    assert rv.show(trace, start=2, stop=6, step=3).step == 3
    assert rv.show(trace, start=2, stop=6).step == 5


@pytest.mark.parametrize(
    "options",
    [
        {"layer": 1},
        {"row": 2},
        {"step": 8},
        {"start": 8},
        {"stop": 9},
        {"language": "fr"},
        *({name: odd} for name in ("layer", "row", "step", "start", "stop") for odd in ("a", 1.5)),
        {"start": None},
        {"row": [0]},
    ],
)
def test_what_the_trace_does_not_have_is_refused(trace: rv.Trace, options: dict[str, int]) -> None:
    with pytest.raises(rv.InputError):
        rv.show(trace, **options)


@pytest.mark.parametrize("came", [MODEL, "model.pt", [1.0], None])
def test_what_is_no_trace_is_refused_by_its_type(came: object) -> None:
    with pytest.raises(rv.InputError, match=f"Trace is wanted, but {type(came).__name__} came"):
        rv.show(came)


def test_steps_are_counted_from_the_first_that_is_shown(trace: rv.Trace) -> None:
    with pytest.raises(rv.InputError, match="no step 1: it has 5, counted from 3"):
        rv.show(trace, start=3).step = 1


def test_whole_numbers_of_numpy_are_whole_numbers(trace: rv.Trace) -> None:
    places = dict.fromkeys(("layer", "row"), np.int64(0)) | {"start": np.int64(1)}
    player = rv.show(trace, **places, step=np.int32(3), dark=np.bool_(True))
    assert (player.step, player._shown.layer, player._shown.dark) == (3, 0, True)


def test_a_recording_and_what_is_no_model_are_named(trace: rv.Trace, tmp_path: Path) -> None:
    with pytest.raises(rv.InputError, match="but Recording came"):
        rv.show(rv.record(MODEL, normal(4, 3), tmp_path / "recorded"))
    for odd in ("model.pt", trace, 3):
        with pytest.raises(rv.ModelError, match=f"but {type(odd).__name__} came"):
            rv.show(trace, odd)


@pytest.mark.parametrize(("name", "value"), [("step", 8), ("unit", 5), ("signal", "reset")])
def test_a_trait_is_set_to_what_there_is(player: Player, name: str, value: object) -> None:
    before = getattr(player, name)
    with pytest.raises(rv.InputError):
        setattr(player, name, value)
    assert getattr(player, name) == before


def test_of_a_long_trace_the_first_steps_are_shown() -> None:
    trace = rv.trace(MODEL, normal(1200, 3, seed=1))
    player = rv.show(trace)
    assert player.step == 999
    with pytest.raises(rv.InputError, match=r"at most 1,000 steps .* give start= and stop= of"):
        rv.show(trace, start=0, stop=1200)
    assert rv.show(trace, start=200).step == 1199


def test_arithmetic_of_a_window_comes_from_python() -> None:
    trace = rv.trace(MODEL, normal(30, 3, seed=1))
    player = rv.show(trace, start=10, stop=25)
    player.signal, player.unit = "forget", 3
    header = packet_header(player.arithmetic)
    assert (header["signal"], header["unit"], header["first"]) == ("forget", 3, 10)
    sums = packet_numbers(player.arithmetic).reshape(-1, 15)[len(header["rows"])]
    assert_close(sigmoid(sums), trace["forget"][10:25, 0, 3], 1e-6)


def test_a_recorded_trace_knows_its_model_only_from_you(tmp_path: Path) -> None:
    values = normal(12, 3, seed=4)
    window = rv.record(MODEL, values, tmp_path / "recorded").window(3, 9)
    assert rv.show(window).arithmetic == b""
    assert rv.show(window, MODEL).arithmetic
    for other in (rv.random_model("lstm", 3, 5, seed=3), rv.random_model("gru", 3, 5)):
        with pytest.raises(rv.InputError, match="The model that made the trace is wanted"):
            rv.show(window, other)


def test_a_saved_trace_has_arithmetic_again_with_its_model(trace: rv.Trace, tmp_path: Path) -> None:
    trace.save(tmp_path / "trace.npz")
    loaded = rv.Trace.load(tmp_path / "trace.npz")
    assert loaded.model is None
    assert not rv.show(loaded)._shown.computes
    assert rv.show(loaded, MODEL, row=1)._shown.computes


def test_the_traces_of_live_modules_know_their_weights() -> None:
    torch = pytest.importorskip("torch")
    module = torch.nn.GRU(3, 4)
    with rv.watch(module) as seen:
        module(torch.ones(6, 2, 3))
    assert rv.show(seen[""][-1], row=1)._shown.computes
    assert rv.show(rv.trace(module, torch.ones(6, 3)))._shown.computes


def test_an_output_is_html_and_a_view_only_where_no_model_lives_without(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = "application/vnd.jupyter.widget-view+json"
    monkeypatch.setattr("os.environ", {})
    kept, _ = player._repr_mimebundle_() or ({}, {})
    assert set(kept) == {"text/plain", "text/html"}
    monkeypatch.setattr("os.environ", {"VSCODE_PID": "1"})
    assert view in (player._repr_mimebundle_() or [{}])[0]
    monkeypatch.setattr("os.environ", {"VSCODE_PID": "1", "JPY_SESSION_NAME": "a.ipynb"})
    assert view not in (player._repr_mimebundle_() or [{}])[0]
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert view in (player._repr_mimebundle_() or [{}])[0]


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    model = replace(MODEL, source=HOSTILE)
    sequence = rv.Sequence(normal(2, 1, 3, seed=0), ((HOSTILE, "b"),), features=(HOSTILE, "x", "y"))
    player = rv.show(rv.trace(model, sequence))
    page = gzip.decompress(player.page).decode()
    assert HOSTILE not in page
    assert page.count("</script>") == 3
    kept = (player._repr_mimebundle_() or [{}])[0]["text/html"]
    assert HOSTILE not in kept
    assert kept.count("<script") == kept.count("</script>") == 1
    player.save(tmp_path / "player.html")
    assert plotly_script() in (tmp_path / "player.html").read_text("utf-8")


def test_plotly_comes_packed_and_as_the_same_file_from_the_network() -> None:
    assert gzip.decompress(packed_plotly()).decode() == plotly_script()
    assert plotly_source().integrity.startswith("sha384-")
    assert "@4." in plotly_source().address


@pytest.mark.parametrize("name", ["frame.js", "frame_around.js", "widget.js", "saved_output.js"])
def test_scripts_can_be_shortened_by_lines(name: str) -> None:
    """No text of several lines, in which `compact` would change what is said."""
    for script in (notebook_text(name), page_script()):
        assert all(line.count("`") % 2 == 0 for line in script.splitlines())
    assert compact("a;\n  // b\n\n  c;") == "a;\nc;"


def test_without_anywidget_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['anywidget'] = None\nimport rnnviz as rv\n"
        "rv.show(rv.trace(rv.random_model('gru', 1, 2), [[0.5]]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "rnnviz.errors.MissingLibraryError" in done.stderr
    assert "pip install anywidget" in done.stderr


def test_every_cell_is_shown_in_both_languages() -> None:
    for cell in rv.CELLS:
        trace = rv.trace(rv.random_model(cell, n_inputs=2, n_units=3), np.ones((2, 2)))
        for language in ("en", "zh"):
            assert rv.show(trace, language=language, dark=True).page
