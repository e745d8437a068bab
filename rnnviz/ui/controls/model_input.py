"""The input of an opened model: its own tokens where it has some, numbers else."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import islice

import streamlit as st

from rnnviz.core.checks import shown
from rnnviz.engine.model_inputs import reads_text, token_kind
from rnnviz.errors import InputError, RnnvizError
from rnnviz.inputs.files import Text
from rnnviz.inputs.probe import SIGNALS
from rnnviz.inputs.tokenise import (
    between_tokens,
    is_special,
    iter_tokens,
    joined_tokens,
)
from rnnviz.network.model import Model
from rnnviz.pretrained.registry import pretrained_model
from rnnviz.readers.result import ImportResult
from rnnviz.recordings.source import SequenceSource
from rnnviz.train.presets import preset
from rnnviz.train.saved_model import EXAMPLE_SEED
from rnnviz.train.tasks import TASKS
from rnnviz.ui import places, results, state
from rnnviz.ui.build import is_long
from rnnviz.ui.choices import UNTRAINED
from rnnviz.ui.controls.input_upload import input_field_control, lost_input_row, upload_popover
from rnnviz.ui.controls.notice import INPUT_NOTICE, Notice, Offer, show_notice, show_refusal
from rnnviz.ui.controls.sequence import (
    check_link,
    chosen_how,
    chosen_input,
    chosen_numbers,
    file_decisions,
    file_row,
    sequence_controls,
    uploaded_content,
)
from rnnviz.ui.controls.unknown_tokens import show_unread, stale_caption
from rnnviz.ui.controls.upload_doors import MAX_MODEL_TEXT, clear_input, is_meant_for_this_model
from rnnviz.ui.controls.widgets import segments, text_button
from rnnviz.ui.last_good import LastGood
from rnnviz.ui.selections import (
    InputChoice,
    OpenedModel,
    PresetModel,
    ProbeSignal,
    PublishedInput,
    PublishedModel,
    RunChoice,
    TaskExample,
    TextFile,
    TypedText,
)
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.url import File

# Tokens of an example, and characters of one of them.
_MAX_EXAMPLE, _MAX_PIECE = 24, 60
_LAST_INPUT: LastGood[InputChoice] = LastGood("last_model_input")


def model_input_row(model: OpenedModel) -> InputChoice:
    """The row of the model's input, and below it what its file leaves open; the input chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        chosen = _model_input_controls(model)
    file_decisions(chosen)
    return chosen


def _model_input_controls(choice: OpenedModel) -> InputChoice:
    """The field or the choice of a signal, and the input chosen there."""
    if isinstance(choice.origin, PublishedModel):
        return _published_input(choice.origin, choice.part)
    found = results.import_result_of(choice)
    if reads_text(found.model):
        return _text_input(choice, found)
    return _numbers_input(found)


def settled_model_input(
    model: OpenedModel, choice: InputChoice
) -> tuple[RunChoice, SequenceSource] | None:
    """The model at work on an input that it can read, and the input's sequence.

    That is this input, or, after a warning, the last that could be read, or an example; None while
    its file is lost.
    """

    def read(choice: InputChoice) -> SequenceSource:
        source = results.source_of(choice)
        run = RunChoice(model, choice)
        # Whether all of a long one can be read, its recording finds out, or the trace's job.
        if not is_long(source):
            (results.trace_of if results.is_traced(run) else results.check_fits)(run)
        return source

    show_notice(INPUT_NOTICE)
    found = results.import_result_of(model)
    if _is_lost(found.model):
        return None
    try:
        source = read(choice)
    except RnnvizError as error:
        show_unread(error, choice, found.model)
        return _instead(model, found, read)
    _LAST_INPUT.remember(choice)
    return RunChoice(model, choice), source


def _instead(
    model: OpenedModel, found: ImportResult, read: Callable[[InputChoice], SequenceSource]
) -> tuple[RunChoice, SequenceSource] | None:
    """The last input that this model could read, else its example, named as such."""
    settled = _LAST_INPUT.again(read)
    if settled is None and reads_text(found.model):
        example = _typed(_examples(model, found)[0], found.model)
        try:
            settled = example, read(example)
        except RnnvizError:
            # Of a vocabulary without a piece of text; what was typed has been refused already.
            return None
    if settled is None:
        return None
    stale_caption(settled[0])
    return RunChoice(model, settled[0]), settled[1]


def learned_task(found: ImportResult) -> str:
    """The task that a model learned, where it reads and answers what the task asks; else ""."""
    task, readout = TASKS.get(found.task), found.model.readout
    fits = (
        task is not None
        and readout is not None
        and (task.n_inputs, task.n_outputs) == (found.model.n_inputs, len(readout.bias))
        and (found.model.vocabulary or ()) == task.vocabulary
    )
    return found.task if fits else ""


def _is_lost(model: Model) -> bool:
    """True when the model's input is a file that the server no longer has."""
    reads_file = reads_text(model) or state.get("feed") == "own"
    return state.lost_input() is not None and reads_file


def _table_for_text(file: File) -> None:
    error = InputError(
        "This network reads text, but “{name}” is a table or an array; an untrained network can"
        " read it.",
        name=shown(file.name),
    )
    read = Offer("door.untrained", places.switch_model, (UNTRAINED,))
    close = Offer("upload.close", clear_input)
    show_refusal("table_for_text", Notice(error, (read, close)))


def _published_input(origin: PublishedModel, part: str) -> InputChoice:
    entry = pretrained_model(origin.name)
    _field(entry.examples)
    spoken = entry.pronounce(origin.text)
    st.markdown(f"**{escape_markdown(' '.join(spoken.sounds))}**")
    return PublishedInput(origin.name, part or spoken.networks[0].name, origin.text)


def _text_input(choice: OpenedModel, found: ImportResult) -> InputChoice:
    check_link()
    model = found.model
    file = state.uploaded_input()
    if (lost := state.lost_input()) is not None:
        lost_input_row(lost)
        return TypedText("", token_kind(model))
    if file is not None and isinstance(uploaded_content(file), Text):
        file_row()
        upload_popover()
        return TextFile(file, token_kind(model), how=chosen_how(), joined=_joined(model))
    if file is not None and is_meant_for_this_model():
        _table_for_text(file)
    examples = _examples(choice, found)
    _field(examples)
    upload_popover()
    text = state.text_of("says") or examples[0]
    return _typed(text, model)


def _typed(text: str, model: Model) -> TypedText:
    return TypedText(text, token_kind(model), joined=_joined(model))


def _joined(model: Model) -> tuple[str, ...]:
    """The model's tokens that are several characters or words of a text."""
    return _joined_of(model.vocabulary or (), token_kind(model))


@lru_cache(maxsize=8)
def _joined_of(vocabulary: tuple[str, ...], kind: str) -> tuple[str, ...]:
    return joined_tokens(vocabulary, kind)


def _examples(choice: OpenedModel, found: ImportResult) -> tuple[str, ...]:
    if isinstance(choice.origin, PresetModel):
        return tuple(str(example["text"]) for example in preset(choice.origin.name).examples)
    own = found.example
    # A file may say anything: its example is taken where the model can read it.
    known, kind = set(found.model.vocabulary or ()), token_kind(found.model)
    is_readable = bool(own) and set(iter_tokens(own, kind, _joined(found.model))) <= known
    return (own if is_readable else example_text(found.model),)


def example_text(model: Model) -> str:
    """The first tokens of a model's vocabulary that are pieces of a text, as a text.

    Of a vocabulary that has none, the first tokens.
    """
    glue = between_tokens(token_kind(model))
    rows = len(model.embedding) if model.embedding is not None else model.n_inputs
    tokens = model.vocabulary or tuple(map(str, range(rows)))
    pieces = list(islice((token for token in tokens if _can_be_typed(token)), _MAX_EXAMPLE))
    return glue.join(pieces or tokens[:_MAX_EXAMPLE])


def _can_be_typed(token: str) -> bool:
    return (
        len(token) <= _MAX_PIECE
        and not is_special(token)
        and token.isprintable()
        and not token.isspace()
    )


def _field(examples: tuple[str, ...]) -> None:
    input_field_control("says", MAX_MODEL_TEXT, placeholder=examples[0])
    if len(examples) > 1:
        with st.popover(t("examples"), icon=":material/library_books:"):
            for i, example in enumerate(examples):
                text_button(escape_markdown(example), f"example_{i}", _use_example, example)


def _use_example(example: str) -> None:
    state.put(says=example)
    state.move_cursor(None)


def _numbers_input(found: ImportResult) -> InputChoice:
    model, task = found.model, learned_task(found)
    options = (*(("example",) if task else ()), *SIGNALS, "own")
    state.fall_back("feed", options)
    segments("feed", options, is_labelled=False)
    feed = state.get("feed")
    if feed == "example":
        return TaskExample(task, EXAMPLE_SEED)
    if feed != "own":
        return ProbeSignal(feed, model.n_inputs)
    sequence_controls()
    return chosen_numbers() if state.uploaded_input() is None else chosen_input()
