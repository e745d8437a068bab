"""The second model of a comparison is asked about, refused and shown as the first is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from rnnviz.i18n import word
from rnnviz.ui.url import write_names
from tests.ui.test_compare_page import compare_page, gru_arrays, packed, said, two_models

SAME = "no number differs"


def box(app: AppTest, key: str) -> Any:
    return next(one for one in app.selectbox if str(one.key).startswith(key))


def button(app: AppTest, key: str) -> Any:
    return next(one for one in app.button if one.label == word(key))


def chosen(app: AppTest, key: str) -> Any:
    return app.session_state["chosen"][key]


def shown_layer(app: AppTest) -> str:
    (switch,) = (one for one in app.button_group if str(one.key).startswith("layer"))
    return str(switch.value)


def unnamed() -> dict[str, NDArray[Any]]:
    return {f"array{i}": values for i, values in enumerate(gru_arrays().values())}


def rnn_arrays() -> dict[str, NDArray[Any]]:
    draw = np.random.default_rng(2).normal
    shapes = {"weight_ih_l0": (4, 3), "weight_hh_l0": (4, 4), "bias_ih_l0": (4,)}
    return {name: draw(0, 1, shape) for name, shape in shapes.items()} | {"bias_hh_l0": np.zeros(4)}


def deep_arrays(changed: int | None = None) -> dict[str, NDArray[Any]]:
    """A GRU of three levels; of the twin the weights of one are others."""
    draw = np.random.default_rng(3).normal
    arrays = {
        f"{role}_l{level}": draw(0, 0.5, (9, *rest)).astype(np.float32)
        for level in range(3)
        for role, rest in (
            ("weight_ih", (3,)),
            ("weight_hh", (3,)),
            ("bias_ih", ()),
            ("bias_hh", ()),
        )
    }
    if changed is not None:
        arrays[f"weight_hh_l{changed}"] = arrays[f"weight_hh_l{changed}"] * np.float32(1.5)
    return arrays


def test_arrays_without_telling_names_are_named_on_the_page() -> None:
    app = two_models(unnamed())
    assert not app.error
    # The likely names stand there already.
    assert box(app, "mapping_cell").value == "gru_reset_after"
    button(app, "mapping.open").click().run()
    assert not app.error
    assert not app.warning
    assert not [one for one in app.selectbox if str(one.key).startswith("mapping_")]
    assert word("twin.open", name="twin.npz") in said(app)
    assert "rnnviz_jump_table" in [one.proto.component_name for one in app.get("bidi_component")]
    assert chosen(app, "twin_names")
    assert not chosen(app, "names")
    # And once more, from what was said.
    button(app, "mapping").click().run()
    assert box(app, "mapping_0").value == "reset|update|candidate.x"


def test_arrays_that_were_named_are_those_of_the_model() -> None:
    app = two_models(unnamed())
    button(app, "mapping.open").click().run()
    assert SAME in said(app)
    named = {key: write_names(chosen(app, key)) for key in ("twin_names", "twin_answers")}
    again = two_models(unnamed(), **named)
    assert not again.error
    assert SAME in said(again)


def test_what_the_second_file_leaves_open_is_answered_beside_it() -> None:
    files = {"modelfile": packed("one.npz", rnn_arrays()), "twin": packed("two.npz", rnn_arrays())}
    app = compare_page(compare="models", model="file", **files)
    assert not app.error
    assert SAME in said(app)
    box(app, "ask_twin_answers_activation").set_value("relu").run()
    assert not app.error
    assert SAME not in said(app)
    assert chosen(app, "twin_answers") == ["activation=relu"]
    assert not chosen(app, "answers")


def test_a_refusal_that_an_answer_lifts_has_a_button_for_it() -> None:
    holes = gru_arrays()
    holes["bias_hh_l0"] = np.full(15, np.nan, np.float32)
    app = two_models(holes)
    assert app.warning
    assert chosen(app, "twin") is None
    button(app, "lift.nan").click().run()
    assert not app.error
    assert not app.warning
    # The biases of the first are zeros.
    assert SAME in said(app)


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_it_opens_on_the_layer_where_the_two_part(changed: int) -> None:
    files = {
        "modelfile": packed("deep.npz", deep_arrays()),
        "twin": packed("twin.npz", deep_arrays(changed)),
    }
    app = compare_page(compare="models", model="file", **files)
    assert not app.error
    assert shown_layer(app) == str(changed)
    (switch,) = (one for one in app.button_group if str(one.key).startswith("layer"))
    # Another layer that is chosen then stays.
    other = (changed + 1) % 3
    switch.set_value(other).run()
    assert shown_layer(app) == str(other)


def test_a_link_to_another_layer_shows_that_one() -> None:
    files = {
        "modelfile": packed("deep.npz", deep_arrays()),
        "twin": packed("twin.npz", deep_arrays(2)),
    }
    assert shown_layer(compare_page(compare="models", model="file", layer="1", **files)) == "1"


def test_the_first_layer_stays_chosen_when_its_link_is_opened() -> None:
    files = {
        "modelfile": packed("deep.npz", deep_arrays()),
        "twin": packed("twin.npz", deep_arrays(2)),
    }
    app = compare_page(compare="models", model="file", **files)
    assert not chosen(app, "first_layer")
    (switch,) = (one for one in app.button_group if str(one.key).startswith("layer"))
    switch.set_value(0).run()
    kept = chosen(app, "first_layer")
    again = compare_page(compare="models", model="file", first_layer=kept, **files)
    assert shown_layer(again) == "0"


def test_of_a_second_file_with_several_stacks_one_is_chosen() -> None:
    other = {name: array * 1.5 for name, array in gru_arrays().items()}
    both = {
        **{f"encoder.{name}": array for name, array in other.items()},
        **{f"decoder.{name}": array for name, array in gru_arrays().items()},
    }
    app = two_models(both)
    assert not app.error
    (switch,) = (one for one in app.button_group if str(one.key).startswith("twin_part"))
    assert sorted(switch.options) == ["decoder", "encoder"]
    for part, is_same in (("encoder", False), ("decoder", True)):
        switch.set_value(part).run()
        assert not app.error
        assert (SAME in said(app)) == is_same
        (switch,) = (one for one in app.button_group if str(one.key).startswith("twin_part"))
    assert SAME in said(two_models(both, twin_part="decoder"))
