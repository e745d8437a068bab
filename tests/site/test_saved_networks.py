"""Networks that the app's Train page saves, opened in the static Read page with the network off."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import rnnviz as rv
from rnnviz.analysis.answer import answer
from rnnviz.i18n import word
from rnnviz.site.networks import network_parts
from rnnviz.site.readings import reading_parts
from rnnviz.train.config import TrainingConfig
from rnnviz.train.named_weights import name_weights
from rnnviz.train.safetensors_io import write_arrays
from rnnviz.train.saved_model import example_of, saved_model
from rnnviz.train.tasks import TASKS
from rnnviz.ui.named_rows import with_named_outputs
from tests.browser.live import in_double
from tests.site.reading import assert_arithmetic, assert_numbers, check_numbers, named_network
from tests.site.test_opened_files import choose, read_quietly

SIGNS = """() => [...document.querySelector("[data-place=diagram]").shadowRoot
  .querySelectorAll("text")].map((one) => one.textContent).join(" ")"""

OPEN_SAVED = """async ([bytes, header, drawn, reading, layer, text]) => {
  const file = new File([new Uint8Array(bytes)], "net.safetensors");
  const { arrays, metadata } = await rnnviz.contentIn(file);
  const facts = rnnviz.savedFacts(metadata);
  const template = rnnviz.readingHeader(header, reading);
  const { hidden } = template.network.layers[0].signals;
  const nInputs = reading.panels[0].units.length;
  const stack = rnnviz.savedStack(arrays, facts, drawn.layers[0], hidden, nInputs);
  const made = rnnviz.savedModel(template, stack, facts, layer);
  const model = new rnnviz.PageModel(made.header, made.numbers);
  Object.assign(window, { model, run: model.run(model.read(text), []), original: null });
}"""


def trained(config: TrainingConfig) -> rv.Model:
    """The configured network with weights that are all random, biases too."""
    generator = np.random.default_rng(config.units)

    def drawn(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.asarray(array + generator.normal(0, 0.3, array.shape), np.float32)

    model = config.initial_model
    assert model.readout is not None
    layers = tuple(
        replace(one, weights={name: drawn(array) for name, array in one.weights.items()})
        for one in model.layers
    )
    readout = replace(
        model.readout, weights=drawn(model.readout.weights), bias=drawn(model.readout.bias)
    )
    return replace(model, layers=layers, readout=readout, is_trained=True)


def opened_network(page: Page, config: TrainingConfig, folder: Path) -> rv.Model:
    """A network that was saved and opened, as Python reads its file."""
    name = f"{config.cell_name}.safetensors"
    (folder / name).write_bytes(data := saved_model(trained(config), config))
    choose(page, name, data)
    expect(page.locator("[data-place=about]")).to_contain_text(f"“{name}”")
    return read_quietly(folder / name)


@pytest.mark.parametrize("half", [0, 1])
def test_a_network_of_every_cell_and_task_computes_what_numpy_computes(
    opened: Any, tmp_path: Path, half: int
) -> None:
    page = opened("zh/read.html" if half else "en/read.html")
    cells = [*rv.CELLS][half::2]
    for units, (cell, task) in enumerate(zip(cells, cycle(TASKS), strict=False), start=3):
        model = opened_network(page, TrainingConfig(task, cell, units, layers=1), tmp_path)
        text = page.locator("[data-place=text]").input_value()
        assert text == (example_of(TASKS[task]) or text)
        trace = check_numbers(page, model, text)
        told = answer(trace, task)
        assert told is not None
        if told.kind == "classes":
            names = with_named_outputs(told, "zh" if half else "en").names
            said = page.locator("[data-place=answer] [data-part=name]")
            expect(said).to_have_text(names[told.best[-1]])
        short = f"{text.split(';')[0]};" if ";" in text else text[:3]
        page.locator("[data-place=text]").fill(short)
        check_numbers(page, model, short)


def test_both_layers_of_a_saved_network_are_shown(opened: Any, tmp_path: Path) -> None:
    page = opened("zh/read.html", viewport={"width": 390, "height": 844})
    config = TrainingConfig("languages", "lstm_projected", 6, layers=2)
    model = opened_network(page, config, tmp_path)
    about = page.locator("[data-place=about]")
    expect(about).to_contain_text(word("site.file.trained", "zh", task="判断姓氏的语言"))
    trace = check_numbers(page, model, "Rauhala")
    page.locator("[data-place=layer]").select_option("1")
    page.wait_for_function("() => rnnvizLiveNetworks.get('panels').layer === 1")
    wanted = {name: values[:, 0] for name, values in trace.layers[1].signals.items()}
    assert_numbers(page, {**wanted, "probabilities": trace.outputs[:, 0]})
    page.locator("[data-place=text]").fill("Ωrg")
    expect(page.locator("[data-place=notice]")).to_contain_text("<unk>")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_the_choice_of_an_activation_is_kept(opened: Any, tmp_path: Path) -> None:
    page = opened()
    config = TrainingConfig("adding", "rnn", 4, init="identity", activation="relu")
    model = opened_network(page, config, tmp_path)
    assert model.layers[0].activations == {"hidden": "relu"}
    check_numbers(page, model, page.locator("[data-place=text]").input_value())
    assert "relu(" in page.evaluate(SIGNS)
    assert "tanh(" not in page.evaluate(SIGNS)


def test_two_files_stand_beside_each_other(opened: Any, tmp_path: Path) -> None:
    page = opened()
    models = [
        opened_network(page, TrainingConfig("brackets", cell, units), tmp_path)
        for cell, units in (("lstm", 4), ("min_gru", 7))
    ]
    page.locator("[data-place=with]").select_option(label="lstm.safetensors")
    names = [page.locator(f"[data-place=name_{at}]") for at in (0, 1)]
    expect(names[1]).to_have_text("lstm.safetensors")
    expect(names[0]).to_have_text("min_gru.safetensors")
    page.locator("[data-place=text]").fill("([]")
    for group, model in (("run_1", models[0]), ("run_0", models[1])):
        hidden = rv.trace(in_double(model), rv.parse("([]", kind="characters"))["hidden"]
        found = page.evaluate(
            """async (group) => {
              const playhead = rnnvizPlayheads.get("compare");
              while (playhead.lengthOf(group) !== 3) await new Promise(requestAnimationFrame);
              return [0, 1, 2].map((step) => [...playhead.valuesAt(group, "hidden", step)]);
            }""",
            group,
        )
        # The page sends its own picture in float32.
        np.testing.assert_allclose(found, hidden[:, 0], rtol=1e-6, atol=1e-7)


def test_two_files_that_are_chosen_at_once_are_compared(opened: Any, tmp_path: Path) -> None:
    page = opened("zh/read.html", viewport={"width": 390, "height": 844})
    paths = []
    for cell in ("gru", "lstm"):
        config = TrainingConfig("flip_flop", cell, 4)
        paths.append(tmp_path / f"{cell}.safetensors")
        paths[-1].write_bytes(saved_model(trained(config), config))
    page.locator("[data-place=file]").set_input_files(paths)
    expect(page.locator("[data-place=name_1]")).to_have_text("gru.safetensors")
    expect(page.locator("[data-place=name_0]")).to_have_text("lstm.safetensors")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    "config",
    [
        TrainingConfig("temporal_order", "lstm_peephole", 5, layers=2),
        TrainingConfig("flip_flop", "rnn", 5, layers=2, activation="relu"),
    ],
    ids=lambda config: str(config.cell_name),
)
def test_every_number_of_a_saved_network_is_explained_as_in_the_app(
    script_page: Page, tmp_path: Path, config: TrainingConfig
) -> None:
    (tmp_path / "net.safetensors").write_bytes(data := saved_model(trained(config), config))
    model = read_quietly(tmp_path / "net.safetensors")
    own = named_network(f"untrained_{config.cell_name}")
    header = network_parts(own, "en")[0]
    reading = reading_parts(config.task_name, "en")
    is_text = bool(config.task.vocabulary)
    text = "XabY" if is_text else "0 1 0; 0 0 -1; 1 0 0;"
    sequence = rv.parse(text, kind="characters" if is_text else "numbers")
    if not is_text:
        sequence = replace(sequence, features=config.task.features)
    trace = rv.trace(in_double(model), sequence)
    for layer in range(2):
        given = [list(data), header, own.drawn, reading, layer, text]
        script_page.evaluate(OPEN_SAVED, given)
        assert_arithmetic(script_page, model, trace, "en", layer)


def told(data: bytes, **changed: str) -> bytes:
    """The file with other metadata."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] |= changed
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_page_does_not_know_is_refused_in_one_sentence(opened: Any, language: str) -> None:
    page = opened(f"{language}/read.html#model=brackets_lstm&text=([")
    config = TrainingConfig("brackets", "gru", 4)
    data = saved_model(trained(config), config)
    model = trained(config)
    arrays = name_weights(model)
    short = {**arrays, "layers.0.forward.update.h": np.ones((4, 3))}
    less = {name: array for name, array in arrays.items() if name != "readout.bias"}
    nan = {**arrays, "readout.bias": np.full(6, np.nan)}
    size = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + size])["__metadata__"]
    refused = {
        "unknown cell": told(data, cell="constructor"),
        "unknown task": told(data, task="__proto__"),
        "unknown outputs": told(data, outputs='["0", "1"]'),
        "unknown readout": told(data, readout_activation="sigmoid"),
        "unknown activation": told(data, activation="sin"),
        "unknown vocabulary": told(data, vocabulary="[]"),
        "damaged": told(data, vocabulary="{"),
        "size of the inputs": told(data, vocabulary='["a", "b"]'),
        "size of a matrix": write_arrays(short, metadata),
        "missing": write_arrays(less, metadata),
        "finite": write_arrays(nan, metadata),
    }
    for reason, changed in refused.items():
        name = f"{reason}.safetensors"
        choose(page, name, changed)
        notice = page.locator("[data-place=notice]")
        expect(notice).to_contain_text(f"“{name}”")
        template = word(f"site.file.{reason.split()[0]}", language)
        assert template.rpartition("}")[2] in str(notice.text_content())
    expect(page.locator("[data-place=model]")).to_have_value("brackets_lstm")
    expect(page.locator("[data-place=text]")).to_have_value("([")
