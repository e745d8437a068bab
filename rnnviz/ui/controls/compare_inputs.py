"""Two inputs to one model, aligned token by token."""

from __future__ import annotations

from itertools import chain

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.cells import CELLS
from rnnviz.engine.model_inputs import reads_text, token_kind
from rnnviz.inputs.tokenise import between_tokens
from rnnviz.train.presets import presets
from rnnviz.ui import results, state
from rnnviz.ui.build import first_tokens
from rnnviz.ui.controls.compare_cells import random_choice, weights_controls
from rnnviz.ui.controls.compare_subject import on_shown_layer
from rnnviz.ui.controls.model_file import readable_upload
from rnnviz.ui.controls.model_input import example_text
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.last_good import LastGood
from rnnviz.ui.selections import (
    ComparedRun,
    ComparedRuns,
    ModelChoice,
    OpenedModel,
    PresetModel,
    RunChoice,
    TokenKind,
    TypedText,
)
from rnnviz.ui.text import t

MAX_COMPARED_TEXT = 1_000
_PAIRS = {
    "": ("The cat sat on the mat.", "The cats sat on a mat."),
    # The same but for the first of the two symbols that it is asked about, and one letter less.
    "temporal_order_lstm": (
        "acbdaXbdcabdcabbdcadbcaabdcYdbacabdcbacdabcadbcabd",
        "acbdaYbdcabdcabbdcadcaabdcYdbacabdcbacdabcadbcabd",
    ),
    "brackets_lstm": ("([]{[()]}){[](())}", "([]{[()}){[](())}"),
    "languages_gru": ("Schneider", "Schneijder"),
}
# What the page shows first: the memory of one symbol.
_FIRST = "temporal_order_lstm"
_LAST_RUNS: LastGood[ComparedRuns] = LastGood("last_runs")
_FILLED = "pair_filled"


def compare_inputs(expert: DeltaGenerator) -> ComparedRuns:
    """One model, trained or random, that reads two texts."""
    uploaded = _uploaded_reader()
    _choose_reader(uploaded)
    reader = state.text_of("reader")
    examples = _examples(reader, uploaded)
    texts = _two_texts(reader, examples)
    if reader.startswith("random:"):
        with expert:
            weights_controls()
        st.caption(t("inputs.symbols"))
    runs = _settled(_runs(reader, uploaded, texts)) or _runs(reader, uploaded, examples)
    return on_shown_layer(runs)


def _uploaded_reader() -> OpenedModel | None:
    """The uploaded model, where it reads text."""
    model = readable_upload()
    return model if model and reads_text(results.import_result_of(model).model) else None


def _choose_reader(uploaded: OpenedModel | None) -> None:
    readers = [one.name for one in presets() if one.vocabulary]
    readers.sort(key=lambda name: name != _FIRST)
    options = (
        *(["file:"] if uploaded else []),
        *(f"preset:{name}" for name in readers),
        *(f"random:{cell}" for cell in CELLS),
    )
    if state.get("reader") not in options:
        state.put(reader=f"preset:{readers[0]}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        select("reader", options, text=_title, has_help=False, on_change=_clear_texts)


def _examples(reader: str, uploaded: OpenedModel | None) -> tuple[str, str]:
    """Two example texts."""
    if reader != "file:" or uploaded is None:
        return _PAIRS.get(reader.partition(":")[2], _PAIRS[""])
    # The model's first tokens, and the same with their second half turned round.
    model = results.import_result_of(uploaded).model
    glue = between_tokens(token_kind(model))
    tokens = first_tokens(example_text(model), token_kind(model))
    half = len(tokens) // 2
    return glue.join(tokens), glue.join((*tokens[:half], *reversed(tokens[half:])))


def _two_texts(name: str, examples: tuple[str, str]) -> tuple[str, str]:
    """Two fields, filled at first with the examples, and their texts."""
    if st.session_state.get(_FILLED) != name and not (state.get("one") or state.get("two")):
        state.put(one=examples[0], two=examples[1])
    state.put(**{_FILLED: name})
    for key, column, example in zip(("one", "two"), st.columns(2), examples, strict=True):
        with column:
            st.text_input(
                t(f"inputs.{key}"),
                state.get(key),
                key=state.widget_key(key),
                live=True,
                max_chars=MAX_COMPARED_TEXT,
                placeholder=example,
            )
    return (state.get("one") or examples[0], state.get("two") or examples[1])


def _clear_texts() -> None:
    state.restore_defaults("one", "two")
    state.put(**{_FILLED: None})
    state.move_cursor(None)


def _runs(reader: str, uploaded: OpenedModel | None, texts: tuple[str, str]) -> ComparedRuns:
    """The chosen model at work on either text."""
    origin, _, name = reader.partition(":")
    if origin == "random":
        # The symbols of both texts are inputs, so that one model can read either.
        tokens = (first_tokens(text, "characters") for text in texts)
        return _read(random_choice(name), texts, vocabulary=tuple(dict.fromkeys(chain(*tokens))))
    if uploaded is not None and origin == "file":
        return _read(uploaded, texts, token_kind(results.import_result_of(uploaded).model))
    return _read(OpenedModel(PresetModel(name)), texts)


def _read(
    model: ModelChoice,
    texts: tuple[str, str],
    kind: TokenKind = "characters",
    vocabulary: tuple[str, ...] = (),
) -> ComparedRuns:
    titles = (t("inputs.one"), t("inputs.two"))
    inputs = (TypedText(text, kind, vocabulary=vocabulary) for text in texts)
    return tuple(
        ComparedRun(title, RunChoice(model, one)) for title, one in zip(titles, inputs, strict=True)
    )


def _settled(runs: ComparedRuns) -> ComparedRuns:
    """These runs, or, after a warning, the last of this model that worked; none at first."""
    settled = _LAST_RUNS.settle(runs, lambda runs: [results.trace_of(one.run) for one in runs])
    last = settled[0] if settled is not None else ()
    is_same = [one.run.model for one in last] == [one.run.model for one in runs]
    return last if is_same else ()


def _title(option: str) -> str:
    origin, _, name = option.partition(":")
    if origin == "file":
        file = state.uploaded_model()
        return file.name if file is not None else ""
    if origin == "random":
        return t("reader.random", cell=t(f"cell.{name}"))
    return model_title(option)
