"""Every view of Understand on every kind of network: it is drawn, or refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.errors import RnnvizError
from rnnviz.figures.theme import Look
from rnnviz.i18n import LANGUAGES, error_message, word
from rnnviz.train.presets import preset, presets
from rnnviz.ui.selections import (
    DataFile,
    ModelFile,
    OpenedModel,
    PresetModel,
    ProbeSignal,
    RandomModel,
    RunChoice,
    TypedText,
)
from rnnviz.ui.understand.insight import SeenRun
from rnnviz.ui.understand.registry import INSIGHTS
from rnnviz.ui.url import File
from tests.doors.keras_files import keras_model, layers
from tests.doors.onnx_files import exported
from tests.ui.test_understand_page import understand_page

# What the controls of the views hold at first; the unit finder has tests of its own.
SETTINGS: dict[str, tuple[Any, ...]] = {
    "coloured_text": ("hidden", 0),
    "memory": (0,),
    "written_answer": (None, None, None),
    "inputs": (None, None, "occlusion", ""),
    "phase": ("", ""),
    "write": ("0.7", 1, None),
}
VIEWS = [key for key, one in INSIGHTS.items() if one.settings is None or key in SETTINGS]


# Seconds each on a large network, whatever it reads; small ones try them.
SEARCHES = {"fixed_points", "phase", "automaton", "write"}


def random_run(cell: str, layers: int, direction: str, text: str = "abcab") -> RunChoice:
    """A random network that reads a text."""
    model = RandomModel(cell, 2, layers, direction, 7, "xavier", 3, "", "full", "numpy")
    return RunChoice(model, TypedText(text, "characters"))


def file_run(path: Path) -> RunChoice:
    """The network of a file, which reads numbers."""
    model = ModelFile(File(path.name, path.read_bytes()))
    return RunChoice(OpenedModel(model), ProbeSignal("noise", 3))


def torch_run(folder: Path) -> RunChoice:
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 2, num_layers=2, bidirectional=True)
    torch.save(module.state_dict(), folder / "model.pt")
    return file_run(folder / "model.pt")


def keras_run(folder: Path) -> RunChoice:
    inner = layers.GRU(2, return_sequences=True)
    keras_model(layers.Bidirectional(inner), layers.Dense(2)).save(folder / "m.keras")
    return file_run(folder / "m.keras")


def onnx_run(folder: Path) -> RunChoice:
    torch.manual_seed(0)
    exported(torch.nn.GRU(3, 2), folder / "model.onnx")
    return file_run(folder / "model.onnx")


def table_run(_: Path) -> RunChoice:
    """Rows of a table, in one of which a number is missing."""
    rows = "\n".join(["a,b", "1,", *(f"{np.sin(i):.3f},{np.cos(i):.3f}" for i in range(12))])
    model = RandomModel("gru", 3, 1, "forward", 7, "xavier", 3, "", "full", "numpy")
    return RunChoice(model, DataFile(File("t.csv", rows.encode())))


def preset_run(name: str) -> RunChoice:
    model = preset(name).model()
    text = "".join(map(str, (model.vocabulary or ())[:6]))
    numbers = ProbeSignal("noise", model.n_inputs)
    return RunChoice(
        OpenedModel(PresetModel(name)), TypedText(text, "characters") if text else numbers
    )


RUNS: dict[str, Callable[[Path], RunChoice]] = {
    "two layers, both directions": lambda _: random_run("lstm", 2, "both"),
    "backward": lambda _: random_run("gru", 1, "backward"),
    "simple": lambda _: random_run("rnn", 1, "forward"),
    "one step": lambda _: random_run("lstm", 1, "forward", "a"),
    "torch": torch_run,
    "keras": keras_run,
    "onnx": onnx_run,
    "table": table_run,
}


def seen_by(key: str, run: RunChoice) -> SeenRun:
    last = len(SeenRun(run).trace.layers) - 1
    return SeenRun(run, last, SETTINGS.get(key, ()))


def refusals(run: RunChoice, views: Iterable[str]) -> Iterator[RnnvizError]:
    """Why views have nothing to show of a run; all others are drawn here."""
    for key in views:
        one, seen = INSIGHTS[key], seen_by(key, run)
        try:
            found = one.compute(seen)
        except RnnvizError as error:
            yield error
            continue
        told = one.said(found)
        assert "{" not in word(told.key, "zh", **told.facts)
        assert found.to_frame() is not None
        if one.draw is not None:
            assert one.draw(found, Look("zh", dark=True))["data"]
        for mark in () if one.marks is None else one.marks(found):
            for places in (mark.x, mark.y):
                assert places is None or len(places) == seen.trace.sequence.n_steps


def expect_drawn_or_refused(run: RunChoice, views: Iterable[str] = tuple(VIEWS)) -> None:
    for error in refusals(run, views):
        for language in LANGUAGES:
            sentence = error_message(error, language)
            assert sentence.count("。" if language == "zh" else ". ") <= 1
            assert ("；" if language == "zh" else ";") in sentence, sentence


# Those who write the files warn of their own ways.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", RUNS)
def test_a_network_of_any_origin_is_seen_or_refused_in_a_sentence(
    kind: str, tmp_path: Path
) -> None:
    expect_drawn_or_refused(RUNS[kind](tmp_path))


@pytest.mark.parametrize("name", [one.name for one in presets()])
def test_a_network_that_was_trained_here_is_seen_or_refused_in_a_sentence(name: str) -> None:
    expect_drawn_or_refused(preset_run(name), [key for key in VIEWS if key not in SEARCHES])


def test_what_refuses_its_controls_leaves_the_player_and_the_list_of_views() -> None:
    app = understand_page(model="untrained", text="a", understand="patching")
    assert not app.exception
    assert not app.error
    assert "take a longer one" in app.warning[0].value
