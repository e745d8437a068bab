"""Two inputs to one model, aligned token by token."""

from __future__ import annotations

from itertools import chain

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.errors import RnnvizError
from rnnviz.train.presets import preset, presets
from rnnviz.ui import build, results, state
from rnnviz.ui.controls.compare_cells import random_choice, weights_controls
from rnnviz.ui.controls.model_file import uploaded
from rnnviz.ui.controls.model_input import kind_of, own_text, reads_text
from rnnviz.ui.selections import AnyModel, InputChoice, OpenedChoice, RunChoice, Runs
from rnnviz.ui.text import said, t

MAX_SAID = 1_000
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
_CHARACTERS = "characters"
_GOOD = "last_runs"
_FILLED = "pair_filled"


def inputs() -> Runs:
    """One model, trained or random, that reads two texts."""
    reading = [one.name for one in presets() if one.vocabulary]
    reading.sort(key=lambda name: name != _FIRST)
    own = _own()
    options = (
        *(["file:"] if own else []),
        *(f"preset:{name}" for name in reading),
        *(f"random:{cell}" for cell in CELLS),
    )
    if state.get("reader") not in options:
        state.put(reader=f"preset:{reading[0]}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("reader"),
            options,
            options.index(state.get("reader")),
            format_func=_title,
            key=state.widget("reader"),
            on_change=_forget_texts,
        )
    origin, _, name = state.get("reader").partition(":")
    examples = _two_of(own) if own and origin == "file" else _PAIRS.get(name, _PAIRS[""])
    texts = _two_texts(state.get("reader"), examples)
    if origin == "random":
        with st.sidebar:
            weights_controls()
    if own and origin == "file":
        kind = kind_of(results.import_result(own).model)
        return _readable(_read(own, texts, (), kind)) or _read(own, examples, (), kind)
    read_by = _read_by_random if origin == "random" else _read_by_trained
    return _readable(read_by(name, texts)) or read_by(name, examples)


def _own() -> OpenedChoice | None:
    """The uploaded model, where it reads text."""
    choice = uploaded()
    return choice if choice and reads_text(results.import_result(choice).model) else None


def _two_of(choice: OpenedChoice) -> tuple[str, str]:
    """Its first tokens, and the same with their second half turned round."""
    model = results.import_result(choice).model
    glue = " " if kind_of(model) == "words" else ""
    tokens = build.tokens(own_text(model), kind_of(model))
    half = len(tokens) // 2
    return glue.join(tokens), glue.join((*tokens[:half], *reversed(tokens[half:])))


def _two_texts(name: str, examples: tuple[str, str]) -> tuple[str, str]:
    """Two fields, filled at first with a pair that shows something, and what stands in them."""
    if st.session_state.get(_FILLED) != name and not (state.get("one") or state.get("two")):
        state.put(one=examples[0], two=examples[1])
    state.put(**{_FILLED: name})
    for key, column, example in zip(("one", "two"), st.columns(2), examples, strict=True):
        with column:
            st.text_input(
                t(f"inputs.{key}"),
                state.get(key),
                key=state.widget(key),
                live=True,
                max_chars=MAX_SAID,
                placeholder=example,
            )
    return (state.get("one") or examples[0], state.get("two") or examples[1])


def _forget_texts() -> None:
    state.start_over("one", "two")
    state.put(**{_FILLED: None})
    state.jump(None)


def _read_by_random(cell: str, texts: tuple[str, str]) -> Runs:
    """The symbols of both texts are inputs, so that one model can read either."""
    tokens = (build.tokens(text, _CHARACTERS) for text in texts)
    return _read(random_choice(cell), texts, tuple(dict.fromkeys(chain(*tokens))))


def _read_by_trained(name: str, texts: tuple[str, str]) -> Runs:
    return _read(_trained(name, -1), texts, ())


def _read(
    model: AnyModel, texts: tuple[str, str], known: tuple[str, ...], kind: str = _CHARACTERS
) -> Runs:
    titles = (t("inputs.one"), t("inputs.two"))
    return tuple(
        RunChoice(title, model, InputChoice(text, kind, "one_hot", 8, vocabulary=known))
        for title, text in zip(titles, texts, strict=True)
    )


def _readable(runs: Runs) -> Runs:
    """These runs, or, after a sentence that says why not, the last of this model, none at first."""
    try:
        for run in runs:
            results.traced(run.model, run.given)
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")
        good: Runs = st.session_state.get(_GOOD, ())
        return good if [run.model for run in good] == [run.model for run in runs] else ()
    state.put(**{_GOOD: runs})
    return runs


def _title(option: str) -> str:
    origin, _, name = option.partition(":")
    if origin == "file":
        return str(state.get("modelfile").name)
    if origin == "random":
        return t("reader.random", cell=t(f"cell.{name}"))
    return preset(name).title[state.get("lang")]


def _trained(name: str, moment: int) -> OpenedChoice:
    return OpenedChoice("preset", name, None, "", (), (), moment, "", "numpy")
