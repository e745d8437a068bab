"""A model is chosen, or a file goes in, and every gate at every step comes out."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, expect
from safetensors.numpy import save_file

import rnnviz as rv
from tests.browser.conftest import Opened
from tests.browser.explore import Explore

TEXT = "The White Rabbit looked at his watch"


class Tagger(torch.nn.Module):
    """An embedding, two levels in both directions, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = torch.nn.Embedding(9, 4)
        self.rnn = torch.nn.LSTM(4, 6, 2, bidirectional=True)
        self.fc = torch.nn.Linear(12, 3)


@pytest.fixture
def model(newcomer: Explore) -> Explore:
    """The page with a trained model that reads characters."""
    return newcomer.open("model=preset:next_character_lstm")


def give(app: Explore, path: Path, answer: Locator) -> None:
    """A model file, through the chooser that the button opens; waits for what it brings."""
    app.models.click()
    app.rest()
    app.lie_still()
    with app.page.expect_file_chooser() as waited:
        app.dialog.get_by_role("button", name="Upload", exact=True).click()
    waited.value.set_files(path)
    expect(answer).to_be_visible()
    app.page.keyboard.press("Escape")
    app.rest()


def pixels(app: Explore) -> str:
    """Those of the first heatmap."""
    expect(app.heatmaps.first).to_have_attribute("href", re.compile("data:"))
    return app.heatmaps.first.get_attribute("href") or ""


def test_a_trained_model_reads_what_is_typed_and_steps_through_it(model: Explore) -> None:
    field = model.main.get_by_placeholder("The White Rabbit")
    field.fill(TEXT)
    expect(model.slider).to_have_attribute("max", str(len(TEXT)))
    model.part("first").click()
    model.stands_on(1)
    expect(model.page.get_by_text("random weights, not trained")).to_have_count(0)


def test_before_training_the_same_text_makes_another_picture(model: Explore) -> None:
    before = pixels(model)
    handle = model.main.get_by_role("slider", name="Drag: untrained → trained")
    handle.focus()
    model.page.keyboard.press("Home")
    expect(model.heatmaps.first).not_to_have_attribute("href", before)
    model.expect_address("moment=0")


def test_a_checkpoint_says_what_was_assumed_until_it_is_answered(
    model: Explore, tmp_path: Path
) -> None:
    path = tmp_path / "tagger.pt"
    torch.save(Tagger().state_dict(), path)
    give(model, path, model.main.get_by_text("the readout's activation is softmax"))
    expect(model.main.get_by_text("Assumed")).to_be_visible()
    model.main.get_by_role(
        "combobox", name="Which activation function does the last layer end with?"
    ).click()
    model.page.get_by_role("option", name="linear").click()
    expect(model.main.get_by_text("Arithmetic checked")).to_be_visible()
    expect(model.main.get_by_text("the largest difference is")).to_be_visible()
    model.expect_address("answers=")


def test_a_checkpoint_is_opened_and_its_layers_are_switched(model: Explore, tmp_path: Path) -> None:
    path = tmp_path / "tagger.pt"
    torch.save(Tagger().state_dict(), path)
    give(model, path, model.main.get_by_text("readout's activation is softmax"))
    model.main.locator("summary").first.click()
    expect(model.main.get_by_text("embed.weight (9, 4)")).to_be_visible()
    # Under the answer, which is the same whatever layer is shown.
    memory = model.heatmaps.nth(1)
    first = memory.get_attribute("href") or ""
    model.main.get_by_role("radio", name="layer 2 ←").click()
    expect(memory).not_to_have_attribute("href", first)
    model.main.get_by_placeholder("0 1 2").fill("8 7 6 5")
    expect(model.slider).to_have_attribute("max", "4")


def test_a_second_file_is_opened_after_the_first(model: Explore, tmp_path: Path) -> None:
    for units in (5, 7):
        torch.save(torch.nn.LSTM(3, units).state_dict(), tmp_path / f"lstm{units}.pt")
    give(model, tmp_path / "lstm5.pt", model.main.get_by_text("3 inputs · 5 units"))
    expect(model.dialog).to_have_count(0)
    model.rest()
    model.models.click()
    add = model.dialog.get_by_role("button", name="Add files")
    expect(add).to_be_visible()
    # A run that ends now would put another field in the place of the one that is chosen for.
    model.rest()
    with model.page.expect_file_chooser() as waited:
        add.click()
    waited.value.set_files(tmp_path / "lstm7.pt")
    expect(model.main.get_by_text("3 inputs · 7 units")).to_be_visible()


def test_arrays_without_telling_names_are_named_in_a_dialog(model: Explore, tmp_path: Path) -> None:
    numbers = np.random.default_rng(0)
    arrays = {"first": numbers.normal(size=(5, 3)), "second": numbers.normal(size=(5, 5))}
    np.savez(tmp_path / "odd.npz", **arrays)
    give_to_dialog(model, tmp_path / "odd.npz")
    dialog = model.page.get_by_role("dialog", name="Which array is which?")
    # Guessed from the shapes; it can be said otherwise, left, and taken up again.
    expect(dialog.get_by_text("The arrays fit")).to_be_visible()
    dialog.get_by_role("combobox", name="first").click()
    model.page.get_by_role("option", name="not used", exact=True).click()
    expect(dialog.get_by_text("The arrays fit")).to_have_count(0)
    model.page.keyboard.press("Escape")
    model.main.get_by_role("button", name="Say which array is which").click()
    dialog.get_by_role("combobox", name="first").click()
    model.page.get_by_role("option", name="hidden.x", exact=True).click()
    expect(dialog.get_by_text("The arrays fit")).to_be_visible()
    dialog.get_by_test_id("stBaseButton-primary").click()
    expect(model.main.get_by_text("Which network type is it?")).to_have_count(0)
    expect(model.main.get_by_text("3 inputs · 5 units")).to_be_visible()
    model.expect_address("names=")
    model.main.get_by_role("button", name="Which array is which?").click()
    expect(dialog.get_by_text("The arrays fit")).to_be_visible()
    model.page.keyboard.press("Escape")
    expect(model.main.get_by_text("3 inputs · 5 units")).to_be_visible()


def test_the_numbers_of_a_file_are_those_of_its_arrays_as_they_were_named(
    model: Explore, tmp_path: Path
) -> None:
    draw = np.random.default_rng(1)
    shapes = {"from_before": (4, 4), "from_outside": (2, 4), "shift": (4,)}
    given = {name: draw.normal(size=shape) for name, shape in shapes.items()}
    save_file(given, tmp_path / "mine.safetensors")
    give_to_dialog(model, tmp_path / "mine.safetensors")
    dialog = model.page.get_by_role("dialog", name="Which array is which?")
    pick = partial(say_which, model, dialog)
    pick("Network type", "RNN")
    pick("from_before", "hidden.h")
    pick("from_outside", "hidden.x")
    pick("shift", "hidden.b")
    # Both matrices have a column for each unit; of a square one that cannot be seen.
    for box in dialog.get_by_role("checkbox").all()[-2:]:
        model.rest()
        box.set_checked(True, force=True)
        expect(box).to_be_checked()
    expect(dialog.get_by_text("The arrays fit")).to_be_visible()
    model.rest()
    dialog.get_by_test_id("stBaseButton-primary").click()
    expect(model.main.get_by_text("2 inputs · 4 units")).to_be_visible()
    model.rest()
    values = rv.probe_signal("noise", 2).values[:, 0]
    h = np.zeros(4)
    for x in values:
        h = np.tanh(x @ given["from_outside"] + h @ given["from_before"] + given["shift"])
    model.part("last").click()
    model.stands_on(len(values))
    shown = [float(text.replace("−", "-")) for text in model.table()["hidden state"]]
    np.testing.assert_allclose(shown, h, atol=5.1e-5, rtol=0)


def give_to_dialog(app: Explore, path: Path) -> None:
    """A model file whose arrays have to be named."""
    app.models.click()
    app.rest()
    app.lie_still()
    with app.page.expect_file_chooser() as waited:
        app.dialog.get_by_role("button", name="Upload", exact=True).click()
    waited.value.set_files(path)


def say_which(app: Explore, dialog: Locator, label: str, option: str) -> None:
    """Choose in a list of the dialog."""
    box = dialog.get_by_role("combobox", name=label)
    app.rest()
    box.click()
    app.page.get_by_role("option", name=option, exact=True).click()
    expect(box).to_have_value(option)


def test_a_large_model_is_there_again_after_a_reload(model: Explore, tmp_path: Path) -> None:
    path = tmp_path / "large.pt"
    torch.manual_seed(0)
    large = torch.nn.ModuleDict(
        {"embed": torch.nn.Embedding(150_000, 80), "rnn": torch.nn.GRU(80, 6)}
    )
    torch.save(large.state_dict(), path)
    assert path.stat().st_size > 48_000_000
    give(model, path, model.main.get_by_text("80 inputs · 6 units"))
    model.main.get_by_placeholder("0 1 2").fill("149999 7 6")
    expect(model.slider).to_have_attribute("max", "3")
    model.expect_address("modelfile=held-")
    model.rest()
    before, table = pixels(model), model.table()
    model.page.reload()
    model.rest()
    expect(model.main.get_by_text("80 inputs · 6 units")).to_be_visible()
    assert (pixels(model), model.table()) == (before, table)


def test_a_hostile_file_changes_nothing_but_says_one_sentence(
    model: Explore, tmp_path: Path
) -> None:
    seen = pixels(model)
    path = tmp_path / "whole.pt"
    torch.save(Tagger(), path)
    give(model, path, model.alert)
    expect(model.alert).to_contain_text("torch.save(model.state_dict()")
    expect(model.heatmaps.first).to_have_attribute("href", seen)


def test_a_published_model_says_how_a_word_sounds(model: Explore) -> None:
    model.choose_model("English spelling")
    expect(model.main.get_by_text("HH EH1 L OW0")).to_be_visible()
    model.main.get_by_role("radio", name="decoder").click()
    expect(model.slider).to_have_attribute("max", "5")
    model.expect_address("part=decoder")


@pytest.mark.parametrize(
    "query",
    [
        "model=zoo:g2p_en&says=%E5%AD%97",
        "model=zoo:g2p_en&says=hello&part=nobody",
        'model=preset:brackets_lstm&answers=["cell=os.system"]',
        "model=preset:nobody&moment=99&vocab=abc",
        "model=file",
    ],
)
def test_a_hostile_link_leaves_a_picture_and_the_field(open_in_tab: Opened, query: str) -> None:
    app = open_in_tab(query)
    pixels(app)
    expect(app.crash).to_have_count(0)
    expect(app.main.get_by_test_id("stTextInputField")).to_be_visible()


def test_a_word_that_cannot_be_read_keeps_the_last_picture(model: Explore) -> None:
    field = model.main.get_by_placeholder("The White Rabbit")
    field.fill("Alice")
    expect(model.slider).to_have_attribute("max", "5")
    field.fill("Alice\u4e2d")
    expect(model.slider).to_have_attribute("max", "6")  # the vocabulary has a place for unknowns
    model.choose_model("Counts brackets")
    model.main.get_by_placeholder("(").first.fill("([])x")
    expect(model.alert).to_contain_text('not "x"')
    model.rest()
    pixels(model)
    model.main.get_by_test_id("stTextInputField").fill("([])")
    expect(model.alert).to_have_count(0)
    expect(model.slider).to_have_attribute("max", "4")
