"""What an opened model is given to read: its own words where it has some, numbers else."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.inputs.files import Text
from rnnviz.inputs.probe import SIGNALS
from rnnviz.network.model import Model
from rnnviz.pretrained.registry import pretrained_model
from rnnviz.train.presets import preset
from rnnviz.ui import build, results, state
from rnnviz.ui.controls.sequence import (
    check_link,
    chosen,
    file_row,
    sequence_controls,
    upload,
)
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.selections import InputChoice, OpenedChoice
from rnnviz.ui.text import escaped, said, t
from rnnviz.ui.url import File

MAX_SAID = 2_000
_SIGNAL_SEED = 1
_GOOD = "last_fed"


def feed_controls(choice: OpenedChoice) -> InputChoice:
    """The field or the choice of a signal, and what comes of it."""
    model = results.import_result(choice).model
    if choice.origin == "zoo":
        return _published(choice)
    if reads_text(model):
        return _text(choice, model)
    return _numbers(choice, model)


def readable(model: OpenedChoice, given: InputChoice) -> InputChoice | None:
    """What the model can read: this, or, after a sentence that says why not, the last that was.

    None while there was nothing yet.
    """
    try:
        _read(model, given)
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")
        return _last_good(model)
    state.put(**{_GOOD: given})
    return given


def _read(model: OpenedChoice, given: InputChoice) -> None:
    """Nothing where it can be read; whether all of a long one can, its recording finds out."""
    if not build.is_long(results.reading(given)):
        results.traced(model, given)


def _last_good(model: OpenedChoice) -> InputChoice | None:
    """The last that could be read, unless that was by a model of other inputs."""
    good: InputChoice | None = st.session_state.get(_GOOD)
    try:
        if good is not None:
            _read(model, good)
    except RnnvizError:
        return None
    return good


def reads_text(model: Model) -> bool:
    """Whether it reads tokens, not numbers."""
    return model.vocabulary is not None or model.embedding is not None


def _published(choice: OpenedChoice) -> InputChoice:
    entry = pretrained_model(choice.name)
    _field(entry.examples)
    reading = entry.pronounce(choice.word)
    st.markdown(f"**{escaped(' '.join(reading.sounds))}**")
    part = choice.part or reading.networks[0].name
    return _given(choice.word, "zoo", columns=(choice.name, part))


def _text(choice: OpenedChoice, model: Model) -> InputChoice:
    check_link()
    file = state.get("upload")
    if file is not None and isinstance(results.content(file), Text):
        file_row()
        upload("says", MAX_SAID)
        return _given("", kind_of(model), file=file)
    examples = _examples(choice, model)
    _field(examples)
    upload("says", MAX_SAID)
    text = str(state.get("says")) or examples[0]
    return _given(text[:MAX_SAID], kind_of(model))


def kind_of(model: Model) -> str:
    """Characters where every token is one, else words."""
    vocabulary = model.vocabulary or ("00",)
    longer = sum(len(token) > 1 and not token.startswith("<") for token in vocabulary)
    return "words" if longer > len(vocabulary) // 2 else "characters"


def _examples(choice: OpenedChoice, model: Model) -> tuple[str, ...]:
    if choice.origin == "preset":
        return tuple(str(example["text"]) for example in preset(choice.name).examples)
    return (own_text(model),)


def own_text(model: Model) -> str:
    """The first tokens that it knows, as a text."""
    glue = " " if kind_of(model) == "words" else ""
    rows = len(model.embedding) if model.embedding is not None else model.n_inputs
    tokens = model.vocabulary or tuple(map(str, range(rows)))
    return glue.join(tokens[:24])


def _field(examples: tuple[str, ...]) -> None:
    st.text_input(
        t("says"),
        state.get("says"),
        key=state.widget("says"),
        live=True,
        max_chars=MAX_SAID,
        placeholder=examples[0],
        label_visibility="collapsed",
    )
    if len(examples) > 1:
        with st.popover(t("examples"), icon=":material/library_books:"):
            for i, example in enumerate(examples):
                st.button(
                    escaped(example),
                    key=f"example_{i}",
                    type="tertiary",
                    on_click=_say,
                    args=(example,),
                )


def _say(example: str) -> None:
    state.put(says=example)
    state.jump(None)


def _numbers(choice: OpenedChoice, model: Model) -> InputChoice:
    task = _task(choice)
    options = (*(("example",) if task else ()), *SIGNALS, "own")
    state.settle("feed", options)
    segments("feed", options, labelled=False)
    feed = state.get("feed")
    if feed == "example":
        return _given(task, "task", size=_SIGNAL_SEED)
    if feed == "own":
        sequence_controls()
        own = chosen()
        is_typed = own.file is None and own.kind != "signal"
        return replace(own, kind="numbers") if is_typed else own
    return _given(feed, "signal", size=model.n_inputs)


def _task(choice: OpenedChoice) -> str:
    if choice.origin != "preset":
        return ""
    return preset(choice.name).task


def _given(
    text: str,
    kind: str,
    *,
    size: int = 8,
    columns: tuple[str, ...] = (),
    file: File | None = None,
) -> InputChoice:
    return InputChoice(text, kind, "one_hot", size, file, columns)
